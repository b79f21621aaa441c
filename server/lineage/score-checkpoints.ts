import type { CheckpointRow, EvaluationRow } from '../../db/queries/checkpoints.ts'
import type { PointRow } from '../../db/queries/points.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { scoreResults } from '../../domain/score.ts'
import { uncertaintyOf } from '../../domain/uncertainty.ts'
import { accuracyOf } from '../checkpoints/score-point.ts'
import type { Context } from '../context.ts'
import { baselineOf } from '../sweeps/baseline-of.ts'
import { resultCounts } from '../sweeps/describe-results.ts'
import type { LineageCheckpoint } from '../views.ts'

export type ScoredCheckpoint = {
  row: CheckpointRow
  score: number | null
  rounded: boolean
  results: EvaluationRow[]
  accuracies: Record<string, number>
}

/** Draws of an interval that is shown beside its number: its ends are good to about 0.01. */
const draws = 2000

/** Scores of a run's checkpoints, those of points and those that were only evaluated by the training alike. */
export function scoreCheckpoints(
  context: Context,
  given: {
    sweep: SweepRow
    /** null: the sweep's own. */
    baseline: Record<string, number> | null
    rows: CheckpointRow[]
    points: PointRow[]
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
    const rounded = given.points.some((point) => point.checkpointId === row.id && point.rounded)
    return { row, score: results.length === 0 ? null : score, rounded, results, accuracies }
  })
}

/** The checkpoint that stands for a run, with its interval. `exists` looks on disk. */
export function describeChosen(
  { row, score, rounded, results, accuracies }: ScoredCheckpoint,
  sweep: SweepRow,
  exists: (path: string) => boolean,
): LineageCheckpoint {
  const { aggregate, questions } = sweep.definition.score
  const counts = Object.fromEntries(
    results.map((result) => [result.benchmark, resultCounts(result, questions[result.benchmark])]),
  )
  const measured = uncertaintyOf({
    aggregate,
    baseline: accuracies,
    points: [{ id: row.id, score, counts }],
    mostDraws: draws,
  })
  return {
    id: row.id,
    step: row.step,
    epoch: row.epoch,
    path: row.path,
    picked: row.pickedAt !== null,
    score,
    interval: measured[0]!.interval,
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
