/** What a sweep's search looks at: how its runs and points stand, and how sure each score is. */
import { readPointAccuracies } from '../../../db/queries/point-columns.ts'
import { countStored } from '../../../db/queries/points.ts'
import { readHistory } from '../../../db/queries/search-history.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { JobStatus, PointStatus } from '../../../domain/life/run-status.ts'
import { approximateScore, rememberedMoments } from '../../../domain/score/normal-approximation.ts'
import { countsOf } from '../../../domain/score/score.ts'
import type { SearchHistory } from '../../../domain/search/method.ts'
import { type Constraint, constraintsOf, keeps, slackOf } from '../../../domain/sweep/constraints.ts'
import { scorePlace } from '../../../domain/sweep/objective.ts'
import { goalOf, scoringOf } from '../../../domain/sweep/scoring.ts'
import { searchingOf } from '../../../domain/sweep/searching.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { baselineOf } from '../finding/baseline-of.ts'
import type { Context } from '../context.ts'

/** As of now: from the rows alone, so that the same rows give the same. */
export function searchHistory(context: Context, sweep: SweepRow): SearchHistory {
  const all = readHistory(context.database, sweep.id)
  // finalists repeat what was found, and are no part of the search
  const last = sweep.finalists?.runs ?? Infinity
  const runs = all.runs.filter(({ number }) => number <= last)
  const points = all.points.filter(({ runNumber }) => runNumber <= last)
  const goal = goalOf(sweep.definition)
  const limits = constraintsOf(sweep.definition)
  const paramsOf = (text: string) => JSON.parse(text) as Record<string, string>
  // no other method asks how sure a score is
  const listens = searchingOf(sweep.definition)?.method === 'gaussian-process'
  const variances = listens ? variancesOf(context, sweep) : new Map<number, number>()
  return {
    runs: runs.map((run) => ({ ...run, params: paramsOf(run.params), status: run.status as JobStatus })),
    points: points.map((point) => ({
      ...point,
      params: paramsOf(point.params),
      status: point.status as PointStatus,
      // methods look for the highest
      score: point.score === null || goal === 'maximize' ? point.score : -point.score,
      objectives: objectivesOf(sweep.definition, point),
      slacks: slacksOf(limits, point),
      variance: variances.get(point.number) ?? null,
    })),
  }
}

type HistoryPoint = ReturnType<typeof readHistory>['points'][number]

/** Larger is better; null where there are not several, or one is not known. */
function objectivesOf(definition: Sweep, { score, objectives }: HistoryPoint): number[] | null {
  if (definition.objectives === undefined || objectives === null) return null
  const place = scorePlace(definition)
  const stored = JSON.parse(objectives) as (number | null)[]
  const values = definition.objectives.map(({ goal }, at) => {
    const value = at === place ? score : (stored[at] ?? null)
    return value === null || goal === 'maximize' ? value : -value
  })
  return values.includes(null) ? null : (values as number[])
}

/** null where there are no constraints, or the point was not measured yet. */
function slacksOf(limits: readonly Constraint[], { constrained }: HistoryPoint): (number | null)[] | null {
  if (limits.length === 0 || constrained === null) return null
  const stored = JSON.parse(constrained) as (number | null)[]
  return limits.map((limit, at) => {
    const value = stored[at] ?? null
    if (value === null) return null
    const slack = slackOf(limit, value)
    // at its limit a strict one is broken
    return keeps(limit, value) ? slack : Math.min(slack, -Number.MIN_VALUE)
  })
}

/** By point: the variance of its score that its numbers of questions leave; none where a benchmark has no counts. */
function variancesOf(context: Context, sweep: SweepRow): Map<number, number> {
  const { database } = context
  const baseline = Object.entries(baselineOf(context, sweep).accuracies)
  const { aggregate } = scoringOf(sweep.definition)
  const counts = new Map<number, Map<string, { correct: number; total: number }>>()
  for (const [number, benchmark, accuracy, correct, total] of readPointAccuracies(
    database,
    sweep.id,
    1,
    countStored(database, sweep.id).points,
  )) {
    if (total === null || total <= 0 || (correct === null && accuracy === null)) continue
    const own = counts.get(number) ?? new Map<string, { correct: number; total: number }>()
    counts.set(number, own.set(benchmark, correct === null ? countsOf(accuracy!, total) : { correct, total }))
  }
  const moments = rememberedMoments()
  const variances = new Map<number, number>()
  for (const [number, own] of counts) {
    const all = baseline.map(([benchmark]) => own.get(benchmark))
    if (all.length === 0 || all.some((one) => one === undefined)) continue
    const { mean, deviation, power } = approximateScore(
      aggregate,
      // half a right and half a wrong answer more, as everywhere (Jeffreys' prior)
      all.map((one) => one!.correct + 0.5),
      all.map((one) => one!.total - one!.correct + 0.5),
      baseline.map(([, accuracy]) => accuracy),
      moments,
    )
    variances.set(number, (power === 1 ? deviation : 3 * mean * mean * deviation) ** 2)
  }
  return variances
}
