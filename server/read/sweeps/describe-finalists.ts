/** How the points stand that could not be told from the best: with further seeds, or with several samples a question. */
import { listNumberedPoints, type PointRow } from '../../../db/queries/points.ts'
import { listJobsNumbers } from '../../../db/queries/jobs.ts'
import { listRepeatEvaluations } from '../../../db/queries/repeat-evaluations.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Counts } from '../../../domain/score/counted-points.ts'
import { uncertaintyOf } from '../../../domain/score/uncertainty.ts'
import { ownValue } from '../../../domain/own-value.ts'
import type { SeedNoise } from '../../../domain/score/seed-group.ts'
import { choiceOfFinalists } from '../../../domain/search/finalists-words.ts'
import { limitOfBest } from '../../../domain/stats/many-against-best.ts'
import { z95 } from '../../../domain/stats/normal.ts'
import { studentLimit } from '../../../domain/stats/tail-areas.ts'
import { seedAxisOf } from '../../../domain/sweep/axes/finalist-seeds.ts'
import { goalOf, scoringOf } from '../../../domain/sweep/scoring.ts'
import { meanOverSeeds, pooledSpread } from '../../../domain/sweep/axes/seed-groups.ts'
import type { FinalistsView } from '../../../contract/api/sweeps.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import type { Context } from '../../base/context.ts'
import { hoursUnit } from '../../base/preparing/finalists-cost.ts'
import { groupInterval } from '../../tables/board-groups.ts'
import { expectedFinalists } from '../../tables/expected-finalists.ts'
import { scoreColumns } from '../../tables/score-columns.ts'
import { seedNoise } from '../../tables/seed-noise.ts'
import { countRepeats } from '../checkpoints/describe-repeats.ts'

type Setting = FinalistsView['settings'][number]

/** null where the sweep's file asks for none. */
export function describeFinalists(context: Context, sweep: SweepRow): FinalistsView | null {
  const { definition, finalists: decision } = sweep
  if (decision === null) {
    const words = sweep.origin === 'imported' ? null : expectedFinalists(context, definition)
    return words === null ? null : { way: null, words, settings: [] }
  }
  const axis = seedAxisOf(definition)!
  const words = choiceOfFinalists(decision, hoursUnit(context, definition))
  if (decision.way === 'none') return { way: 'none', words, settings: [] }
  const rows = listNumberedPoints(context.database, sweep.id, decision.finalists.flat(), decision.points)
  const runNumbers = listJobsNumbers(
    context.database,
    rows.map(({ runId }) => runId),
  )
  const settingOf = ({ params }: PointRow) => JSON.stringify({ ...params, [axis]: '' })
  const groups = [...Map.groupBy(rows, settingOf).values()]
  const scoresOf = (group: readonly PointRow[]) => group.flatMap(({ score }) => score ?? [])
  const noise =
    definition.objective === undefined
      ? seedNoise(context, sweep)
      : pooledSpread(
          groups
            .map(scoresOf)
            .filter((scores) => scores.length > 0)
            .map(meanOverSeeds),
        )
  const sign = goalOf(definition) === 'maximize' ? 1 : -1
  const bySample = decision.way === 'samples' ? bySamples(context, sweep, groups) : null
  const settings = groups
    .map((group, at): Setting => {
      const { [axis]: _seed, ...params } = group[0]!.params
      const seeds = group.map(({ params: all, runId, status, score }) => ({
        seed: all[axis]!,
        runId,
        runNumber: runNumbers.get(runId)!,
        status,
        score,
      }))
      return { params, seeds, mayBeBest: null, ...(bySample?.[at] ?? bySeeds(context, group, noise)) }
    })
    .toSorted((a, b) => valueOf(b, sign) - valueOf(a, sign))
  if (decision.way === 'seeds') tellApart(settings, noise, sign)
  return { way: decision.way, words, settings }
}

const valueOf = ({ mean }: Setting, sign: number) => (mean === null ? -Number.MAX_VALUE : sign * mean)

function bySeeds(
  context: Context,
  group: readonly PointRow[],
  noise: SeedNoise | null,
): Pick<Setting, 'mean' | 'interval'> {
  const scored = group.filter(({ score }) => score !== null)
  if (scored.length === 0) return { mean: null, interval: null }
  const mean = meanOverSeeds(scored.map(({ score }) => score!))
  const scores = scoreColumns(context, null)
  const places = scored.map(({ checkpointId }) => scores.columns.placeOf.get(checkpointId ?? 0))
  const isKnown = places.every((place) => place !== undefined && !Number.isNaN(scores.score[place]!))
  // all of one sweep, which knows itself how alike they answered
  const interval = isKnown ? groupInterval(scores, places as number[], mean, noise, null) : mean.interval
  return { mean: mean.mean, interval }
}

/**
 * The mean over the seeds' checkpoints, at the temperature that was measured last; null until each was asked. All were asked the same questions, so a
 * mean of them is taken to be as sure as they are on average, and no surer. Whether one may be the best is judged when all were asked, and as if each had had
 * questions of its own, which is careful: luck with the same questions is alike.
 */
function bySamples(
  context: Context,
  sweep: SweepRow,
  groups: readonly (readonly PointRow[])[],
): Pick<Setting, 'mean' | 'interval' | 'mayBeBest'>[] {
  const { accuracies: baseline } = baselineOf(context, sweep)
  const points = groups.map((group) => {
    const found = group.flatMap(({ checkpointId }) =>
      checkpointId === null
        ? []
        : countRepeats(sweep, baseline, listRepeatEvaluations(context.database, [checkpointId])).slice(0, 1),
    )
    const scores = found.flatMap(({ measured }) => measured.score ?? [])
    if (scores.length < group.length) return { score: null, counts: {} }
    return { score: average(scores), counts: averageCounts(found.map(({ counts }) => counts)) }
  })
  const judged = uncertaintyOf({ aggregate: scoringOf(sweep.definition).aggregate, baseline, points })
  const highest = Math.max(...points.map(({ score }) => score ?? -Infinity))
  const areJudged = judged.every(({ interval }) => interval !== null)
  return points.map(({ score }, at) => ({
    mean: score,
    interval: judged[at]!.interval,
    mayBeBest: areJudged ? score === highest || judged[at]!.tiedWithBest : null,
  }))
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** By benchmark; null where one of them is not known. */
function averageCounts(all: readonly Readonly<Record<string, Counts | null>>[]): Record<string, Counts | null> {
  return Object.fromEntries(
    Object.keys(all[0] ?? {}).map((benchmark) => {
      const known = all.flatMap((counts) => ownValue(counts, benchmark) ?? [])
      const isKnown = known.length === all.length
      return [
        benchmark,
        isKnown
          ? { correct: average(known.map(({ correct }) => correct)), total: average(known.map(({ total }) => total)) }
          : null,
      ]
    }),
  )
}

/**
 * Says of each whether its mean may be the best one: by the spread of seeds, Student's limit in place of the normal one where that spread
 * rests on few. Whoever has fewer seeds than two is not judged.
 */
function tellApart(settings: Setting[], noise: SeedNoise | null, sign: number): void {
  const countOf = ({ seeds }: Setting) => seeds.filter(({ score }) => score !== null).length
  const judged = settings.filter((setting) => countOf(setting) > 1)
  const [best] = judged
  if (noise === null || best === undefined || best !== settings[0]) return
  const limit = (limitOfBest(judged.length - 1) * studentLimit(Math.max(1, noise.freedom))) / z95
  for (const setting of judged) {
    const error = noise.deviation * Math.sqrt(1 / countOf(best) + 1 / countOf(setting))
    setting.mayBeBest = setting === best || sign * (best.mean! - setting.mean!) <= limit * error
  }
}
