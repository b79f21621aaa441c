/** Scores of every checkpoint against one baseline, beside the columns they are computed from. */
import { scoringOf } from '../../domain/sweep/scoring.ts'
import { ownAccuracies } from '../../domain/sweep/sweep.ts'
import { findBaseline, listBaselines } from '../../db/queries/baselines.ts'
import type { Database } from '../../db/client.ts'
import { SweepboardError } from '../../domain/errors.ts'
import { approximateScore, type Normal, rememberedMoments } from '../../domain/score/normal-approximation.ts'
import { aggregateRatios, countsOf } from '../../domain/score/score.ts'
import { shrinkScores } from '../../domain/score/shrinkage.ts'
import { z95 } from '../../domain/stats/normal.ts'
import type { Counts } from '../../domain/score/counted-points.ts'
import type { Context } from '../base/context.ts'
import {
  type BenchmarkColumns,
  checkpointColumns,
  type CheckpointColumns,
  homeAt,
  placesOfSweep,
} from './checkpoint-columns.ts'
import type { HomeOfRuns } from './homes.ts'
import { heldBy } from '../base/process/held.ts'
import { ownValue } from '../../domain/own-value.ts'

/** One entry a checkpoint, at its place in the columns; NaN where nothing is known. The arrays may be longer. */
export type ScoreColumns = {
  columns: CheckpointColumns
  /** null: each sweep's own; of runs of their own none. */
  baselineId: number | null
  /** What the scores of a sweep's or project's runs compare with, by its key. */
  accuraciesOf: (key: number) => Record<string, number>
  score: Float64Array
  /** What its counts say of the score, as a normal of the score's root (`Normal`); NaN where a benchmark lacks counts. */
  mean: Float64Array
  deviation: Float64Array
  /** By the key of a sweep or project; computed when asked for. */
  corrected: Map<number, Map<number, number>>
  /** How far `columns.changes` has been read. */
  read: number
  generation: number
}

/** Baselines that scores are kept for: 24 bytes a checkpoint each. */
const mostBaselines = 4
const scoresOf = heldBy<CheckpointColumns, number | null, ScoreColumns>(mostBaselines)
const moments = rememberedMoments()

/** Every checkpoint's score as of now. Throws `not-found` for a baseline that does not exist. */
export function scoreColumns(context: Context, baselineId: number | null): ScoreColumns {
  const columns = checkpointColumns(context)
  const held = scoresOf(columns)
  let scores = held.peek(baselineId)
  if (scores === undefined || scores.generation !== columns.generation || scores.score.length < columns.count) {
    scores = begin(context, columns, baselineId)
    scoreEvery(scores)
  } else takeChanges(scores)
  return held.put(baselineId, scores)
}

function begin(context: Context, columns: CheckpointColumns, baselineId: number | null): ScoreColumns {
  const nothing = () => new Float64Array(columns.ids.length).fill(NaN)
  return {
    columns,
    baselineId,
    accuraciesOf: accuraciesByHome(context.database, columns, baselineId),
    score: nothing(),
    mean: nothing(),
    deviation: nothing(),
    corrected: new Map(),
    read: columns.changes.length,
    generation: columns.generation,
  }
}

function accuraciesByHome(database: Database, { homes }: CheckpointColumns, baselineId: number | null) {
  if (baselineId !== null) {
    const stored = findBaseline(database, baselineId)
    if (stored === undefined) throw new SweepboardError('not-found', `There is no baseline ${baselineId}.`)
    return () => stored.accuracies
  }
  const stored = new Map(listBaselines(database).map(({ id, accuracies }) => [id, accuracies]))
  return (key: number) => {
    const sweep = homes.get(key)?.sweep
    if (!sweep) return {}
    return stored.get(sweep.baselineId ?? 0) ?? ownAccuracies(scoringOf(sweep.definition))
  }
}

function scoreEvery(scores: ScoreColumns): void {
  for (const home of scores.columns.homes.values()) {
    const scorePlace = scorer(scores, home)
    for (const place of placesOfSweep(scores.columns, home.key)) scorePlace(place)
  }
}

function takeChanges(scores: ScoreColumns): void {
  const { columns } = scores
  for (; scores.read < columns.changes.length; scores.read++) {
    const place = columns.changes[scores.read]!
    const home = columns.homes.get(columns.runs.get(columns.runIds[place]!)?.home ?? 0)
    if (home === undefined) continue
    scores.corrected.delete(home.key)
    scorer(scores, home)(place)
  }
}

/** Scores one checkpoint of the sweep or project after another. Says the same as `scoreResults`, without its words. */
function scorer(scores: ScoreColumns, { key, scoring }: HomeOfRuns): (place: number) => void {
  const { aggregate, questions } = scoring
  const baseline = scores.accuraciesOf(key)
  const names = Object.keys(baseline).toSorted()
  const accuracies = names.map((name) => ownValue(baseline, name)!)
  const measured = names.map((name) => scores.columns.benchmarks.get(name))
  const asked = names.map((name) => ownValue(questions, name))
  const ratios = new Float64Array(names.length)
  const alpha = new Float64Array(names.length)
  const beta = new Float64Array(names.length)
  return (place) => {
    let known = names.length > 0
    let counted = true
    for (let at = 0; at < names.length && known; at++) {
      const column = measured[at]
      const accuracy = column?.accuracy[place] ?? NaN
      // NaN fails it, too
      known = accuracy >= 0 && accuracy <= 1
      ratios[at] = accuracy / accuracies[at]!
      const total = known ? countAt(column!, place, asked[at], alpha, at) : 0
      counted &&= total > 0
      beta[at] = total - alpha[at]! + 1
    }
    scores.score[place] = known ? aggregateRatios(aggregate, ratios) : NaN
    scores.mean[place] = scores.deviation[place] = NaN
    if (!known || !counted) return
    const { mean, deviation, power } = approximateScore(aggregate, alpha, beta, accuracies, moments)
    // normals of scores and of their cube roots cannot be compared: the few of the former are taken over by their slope
    const root = power === 3 ? mean : Math.cbrt(mean)
    scores.mean[place] = root
    scores.deviation[place] = power === 3 ? deviation : deviation / (3 * root * root)
  }
}

/** Writes correct + ½ to `alpha`; gives the number of questions, 0 where that is not known. */
function countAt(
  column: BenchmarkColumns,
  place: number,
  asked: number | undefined,
  alpha: Float64Array,
  at: number,
): number {
  let correct = column.correct[place]!
  let total = column.total[place]!
  if (total < 0 && asked !== undefined) ({ correct, total } = countsOf(column.accuracy[place]!, asked))
  alpha[at] = correct + 0.5
  return total
}

/** A checkpoint's counts of these benchmarks, in their order; null where one lacks them. */
export function countsAt({ columns }: ScoreColumns, place: number, names: readonly string[]): Counts[] | null {
  const { questions } = homeAt(columns, place).scoring
  const alpha = new Float64Array(1)
  const counts = names.map((name) => {
    const column = columns.benchmarks.get(name)
    const total = column === undefined ? 0 : countAt(column, place, questions[name], alpha, 0)
    return { correct: alpha[0]! - 0.5, total }
  })
  return counts.every(({ total }) => total > 0) ? counts : null
}

/** What the counts of a checkpoint say of its score; null where a benchmark lacks counts. */
export function normalAt({ mean, deviation }: ScoreColumns, place: number): Normal | null {
  return Number.isNaN(mean[place]!) ? null : { mean: mean[place]!, deviation: deviation[place]!, power: 3 }
}

/** The score's 95 % interval: as its sweep's page shows it, or by the delta method where another baseline is compared with. */
export function intervalAt(scores: ScoreColumns, place: number): [number, number] | null {
  const { columns, score, baselineId } = scores
  const value = score[place]!
  if (Number.isNaN(value)) return null
  if (baselineId === null && !Number.isNaN(columns.low[place]!)) return [columns.low[place]!, columns.high[place]!]
  const normal = normalAt(scores, place)
  if (normal === null) return null
  const low = Math.max(0, normal.mean - z95 * normal.deviation) ** 3
  const high = (normal.mean + z95 * normal.deviation) ** 3
  return [Math.min(low, value), Math.max(high, value)]
}

/** The score drawn towards the mean of its sweep by its noise, over all its checkpoints; null where that is not known, and of a run of its own:
 * what else is in its project is no sample of anything. */
export function correctedAt(scores: ScoreColumns, place: number): number | null {
  const { columns } = scores
  const key = columns.runs.get(columns.runIds[place]!)?.home ?? 0
  let ofSweep = scores.corrected.get(key)
  if (ofSweep === undefined) scores.corrected.set(key, (ofSweep = correctSweep(scores, key)))
  return ofSweep.get(place) ?? null
}

function correctSweep(scores: ScoreColumns, key: number): Map<number, number> {
  const { columns, accuraciesOf } = scores
  const home = columns.homes.get(key)
  if (home === undefined || home.sweep === null) return new Map()
  const baseline = accuraciesOf(key)
  const names = Object.keys(baseline)
  const { aggregate, questions } = home.scoring
  const alpha = new Float64Array(1)
  const places = placesOfSweep(columns, key).filter((place) => !Number.isNaN(scores.score[place]!))
  const found = shrinkScores({
    aggregate,
    baseline,
    own: home.agreement?.own ?? 1,
    points: places.map((place) => ({
      score: scores.score[place]!,
      counts: Object.fromEntries(
        names.map((name) => {
          const total = countAt(columns.benchmarks.get(name)!, place, ownValue(questions, name), alpha, 0)
          return [name, total > 0 ? { correct: alpha[0]! - 0.5, total } : null]
        }),
      ),
    })),
  })
  const corrected = new Map<number, number>()
  found?.estimates.forEach((estimate, at) => {
    if (estimate !== null) corrected.set(places[at]!, estimate)
  })
  return corrected
}
