/** Points that were cancelled, or stopped, in the moment in which their checkpoint came. */
import { findCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findJob } from '../../../db/queries/jobs.ts'
import { listNeverEvaluated, updatePoint } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { isJobFinished, type PointStatus } from '../../../domain/life/run-status.ts'
import type { Context } from '../../base/context.ts'
import { giveCheckpoint, hasEvaluation } from './record-checkpoint.ts'
import { scorePoint } from './score-point.ts'

/**
 * Gives what their trainings saved to evaluations, once the trainings that are to go on are back in the queue. Where the trainer itself
 * reports evaluations, a point waits for the end of its training, or is scored by what was reported. Gives how many points go on.
 * Call in a transaction.
 */
export function evaluateLeft(
  context: Context,
  sweep: SweepRow,
  of: Parameters<typeof listNeverEvaluated>[1],
  statuses: PointStatus[],
): number {
  const { database } = context
  const left = listNeverEvaluated(database, of, statuses)
  for (const point of left) {
    const goesOn = { ...point, status: 'training' as const, error: null }
    updatePoint(database, point.id, { status: goesOn.status, error: null })
    if (hasEvaluation(sweep))
      giveCheckpoint(context, { ...sweep, status: 'running' }, goesOn, findCheckpoint(database, point.checkpointId!)!)
    else if (isJobFinished(findJob(database, point.runId)!.status)) scorePoint(context, sweep, goesOn, { final: true })
  }
  return left.length
}
