/** What the choice of finalists looks at: every scored point by its setting, and what trainings, evaluations and luck come to. */
import type { PointRow } from '../../../db/queries/points.ts'
import { listSampledSweeps } from '../../../db/queries/repeat-evaluations.ts'
import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import type { Contender, FinalistsSnapshot } from '../../../domain/search/finalists.ts'
import { z95 } from '../../../domain/stats/normal.ts'
import { milestoneAxisName } from '../../../domain/sweep/axes/axes.ts'
import { seedAxisOf, seedsOf } from '../../../domain/sweep/axes/finalist-seeds.ts'
import { goalOf } from '../../../domain/sweep/scoring.ts'
import { meanOverSeeds, pooledSpread } from '../../../domain/sweep/axes/seed-groups.ts'
import type { Context } from '../../base/context.ts'
import { hoursEach } from '../../base/preparing/finalists-cost.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { seedNoise } from '../../tables/seed-noise.ts'
import { describeAgainOptions } from '../checkpoints/evaluate-again.ts'

/** As of now, intervals and ties as they are stored. A point that a race gave up cannot win, and is none. */
export function finalistsSnapshot(context: Context, sweep: SweepRow, points: readonly PointRow[]): FinalistsSnapshot {
  const { definition } = sweep
  const { top, seeds } = definition.finalists!
  const axis = seedAxisOf(definition)!
  const scored = points.filter(({ score, asked, broken }) => score !== null && asked === null && broken === null)
  const groups = groupsOf(sweep, axis, scored)
  const foremost = groups.toSorted((a, b) => b.contender.mean - a.contender.mean).slice(0, top)
  return {
    contenders: groups.map(({ contender }) => contender),
    top,
    seeds,
    had: seedsOf(definition, axis).length,
    seedVariance: seedVarianceOf(context, sweep, groups),
    questionVariance: questionVarianceOf(
      context,
      sweep,
      foremost.flatMap(({ rows }) => rows),
    ),
    hours: hoursEach(context, definition),
    whyNoSamples: whyNoSamples(
      context,
      sweep,
      foremost.flatMap(({ rows }) => rows),
    ),
  }
}

type Group = { contender: Contender; rows: PointRow[] }

function groupsOf({ definition }: SweepRow, axis: string, scored: readonly PointRow[]): Group[] {
  const milestone = milestoneAxisName(definition.axes)
  const names = Object.keys(definition.axes).filter((name) => name !== axis)
  const keyOf = ({ params }: PointRow, of: readonly string[]) => JSON.stringify(of.map((name) => params[name]))
  const sign = goalOf(definition) === 'maximize' ? 1 : -1
  const best = scored.reduce<PointRow | null>(
    (found, row) => (found === null || sign * row.score! > sign * found.score! ? row : found),
    null,
  )
  const isKnown = best !== null && best.intervalLow !== null
  return [...Map.groupBy(scored, (row) => keyOf(row, names)).values()].map((rows) => ({
    rows,
    contender: {
      points: rows.map(({ number }) => number),
      training: keyOf(
        rows[0]!,
        names.filter((name) => name !== milestone),
      ),
      mean: (sign * rows.reduce((sum, { score }) => sum + score!, 0)) / rows.length,
      mayBeBest: isKnown ? rows.some((row) => row === best || row.tiedWithBest) : null,
    },
  }))
}

/** From all sweeps with the same trainer; of a metric in place of a score from this one alone. */
function seedVarianceOf(context: Context, sweep: SweepRow, groups: readonly Group[]): number | null {
  const noise =
    sweep.definition.objective === undefined
      ? seedNoise(context, sweep)
      : pooledSpread(groups.map(({ rows }) => meanOverSeeds(rows.map(({ score }) => score!))))
  return noise === null ? null : noise.deviation ** 2
}

function questionVarianceOf(context: Context, { id }: SweepRow, rows: readonly PointRow[]): number | null {
  // as it was found with the last score
  const own = requireSweep(context, id).agreement?.own ?? 1
  const known = rows.flatMap(({ intervalLow, intervalHigh }) =>
    intervalLow === null || intervalHigh === null ? [] : [own * ((intervalHigh - intervalLow) / (2 * z95)) ** 2],
  )
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length
}

function whyNoSamples(context: Context, sweep: SweepRow, rows: readonly PointRow[]): string | null {
  const { definition } = sweep
  if (definition.objective !== undefined) return 'a metric has no questions'
  if (definition.trainer === undefined && !drawsSamples(context, sweep))
    return 'whether its evaluation command draws several samples is not known before a checkpoint was evaluated again with some'
  const ids = rows.flatMap(({ checkpointId }) => checkpointId ?? [])
  return describeAgainOptions(context, ids).checkpoints.find(({ why }) => why !== null)?.why ?? null
}

/** Whether the evaluation's command, in the same folder, has drawn several samples of each question for any sweep. */
function drawsSamples({ database }: Context, { definition, directory }: SweepRow): boolean {
  const command = JSON.stringify(definition.evaluate?.command)
  return listSampledSweeps(database).some((id) => {
    const sweep = findSweep(database, id)
    return sweep?.directory === directory && JSON.stringify(sweep.definition.evaluate?.command) === command
  })
}
