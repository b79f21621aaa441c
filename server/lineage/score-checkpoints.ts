import type { CheckpointRow, EvaluationRow } from '../../db/queries/checkpoints.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { scoreResults } from '../../domain/score.ts'
import { uncertaintyOf } from '../../domain/uncertainty.ts'
import { accuracyOf } from '../checkpoints/score-point.ts'
import type { Context } from '../context.ts'
import { baselineOf } from '../sweeps/baseline-of.ts'
import { resultCounts } from '../sweeps/describe-results.ts'
import type { LineageCheckpoint } from '../views/lineage.ts'

export type ScoredCheckpoint = {
  row: CheckpointRow
  score: number | null
  rounded: boolean
  /** As its point stores it, against its sweep's own baseline; null where there is none. */
  interval: [number, number] | null
  results: EvaluationRow[]
  /** The baseline's. */
  accuracies: Record<string, number>
}

export type PointFigures = { rounded: boolean; low: number | null; high: number | null }

/** Draws of an interval that no point has stored: its ends are good to about 0.01, and hundreds take a fraction of a second. */
const draws = 1000

/** Scores of a run's checkpoints, those of points and those that were only evaluated by the training alike. */
export function scoreCheckpoints(
  context: Context,
  given: {
    sweep: SweepRow
    /** null: the sweep's own. */
    baseline: Record<string, number> | null
    rows: CheckpointRow[]
    /** What their points store, by checkpoint. */
    figures: ReadonlyMap<number, PointFigures>
    evaluations: Map<number, EvaluationRow[]>
  },
): ScoredCheckpoint[] {
  const accuracies = given.baseline ?? baselineOf(context, given.sweep).accuracies
  return given.rows.map((row) => {
    const results = given.evaluations.get(row.id) ?? []
    const { score } = scoreResults({
      aggregate: given.sweep.definition.score.aggregate,
      baseline: accuracies,
      results: Object.fromEntries(
        results.map((result) => [result.benchmark, { accuracy: accuracyOf(result), error: result.error }]),
      ),
    })
    const figures = given.figures.get(row.id)
    const stored = given.baseline === null && figures && figures.low !== null && figures.high !== null
    return {
      row,
      score: results.length === 0 ? null : score,
      rounded: figures?.rounded ?? false,
      interval: stored ? [figures.low!, figures.high!] : null,
      results,
      accuracies,
    }
  })
}

/** The checkpoint that stands for a run, with its interval. `exists` looks on disk. */
export function describeChosen(
  { row, score, rounded, interval, results, accuracies }: ScoredCheckpoint,
  sweep: SweepRow,
  exists: (path: string) => boolean,
): LineageCheckpoint {
  const { aggregate, questions } = sweep.definition.score
  const measure = () => {
    const counts = Object.fromEntries(
      results.map((result) => [result.benchmark, resultCounts(result, questions[result.benchmark])]),
    )
    const points = [{ id: row.id, score, counts }]
    return uncertaintyOf({ aggregate, baseline: accuracies, points, mostDraws: draws })[0]!.interval
  }
  return {
    id: row.id,
    step: row.step,
    epoch: row.epoch,
    path: row.path,
    picked: row.pickedAt !== null,
    score,
    interval: interval ?? measure(),
    rounded,
    exists: row.path !== null && exists(row.path),
    tags: row.tags,
    note: row.note,
    accuracies: Object.fromEntries(
      results.flatMap((result) => {
        const accuracy = accuracyOf(result)
        return accuracy === null ? [] : [[result.benchmark, accuracy]]
      }),
    ),
  }
}
