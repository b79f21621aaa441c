/** Trainings that ended well and left points without a checkpoint: files may have come to their place since, or old ones left it. */
import { findAttempt } from '../../../db/queries/attempts.ts'
import { listDoneWithoutCheckpoint, moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, updatePoint } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Context } from '../../base/context.ts'
import { settleTraining } from '../checkpoints/settle-training.ts'

/**
 * Looks again for what these trainings of the sweep saved, numbered `from` to `to`: what is there now is evaluated. Only where something
 * old was refused is it trained again: a training whose path was merely mistyped took its time and is not repeated for it. Gives how
 * many jobs will run. Call in a transaction.
 */
export function lookAgain(context: Context, sweep: SweepRow, range: { from: number; to: number }): number {
  return listDoneWithoutCheckpoint(context.database, sweep.id, range).filter((run) => lookAt(context, sweep, run))
    .length
}

function lookAt(context: Context, sweep: SweepRow, run: JobRow): boolean {
  const { database } = context
  const failed = () =>
    listRunPoints(database, run.id).filter((point) => point.status === 'failed' && point.evaluationJobId === null)
  const before = failed().length
  for (const point of failed()) updatePoint(database, point.id, { status: 'training', checkpointId: null, error: null })
  settleTraining(context, sweep, run, null)
  const left = failed()
  if (left.length < before) return true
  const refused = Object.keys(findAttempt(database, run.id, 1)?.before ?? {}).length > 0
  if (!refused && left.every((point) => point.checkpointId === null)) return false
  const moved = moveJob(database, run.id, ['done'], {
    status: 'waiting',
    failures: 0,
    losses: 0,
    finishedAt: null,
    readyAt: Date.now(),
  })
  if (!moved) return false
  for (const point of left) updatePoint(database, point.id, { status: 'waiting', error: null, checkpointId: null })
  return true
}
