import { updateCheckpoint } from '../../db/queries/checkpoints.ts'
import { findJob } from '../../db/queries/jobs.ts'
import { notify, type Context } from '../context.ts'
import { requireCheckpoint } from './find-checkpoint.ts'

/** Marks a checkpoint as picked, to go on from or to keep; `picked: false` takes the mark away. Throws `not-found`. */
export function pickCheckpoint(context: Context, input: { id: number; picked: boolean }): void {
  const checkpoint = requireCheckpoint(context, input.id)
  if (input.picked === (checkpoint.pickedAt !== null)) return
  updateCheckpoint(context.database, checkpoint.id, { pickedAt: input.picked ? Date.now() : null })
  notify(context, findJob(context.database, checkpoint.runId)!.sweepId, checkpoint.runId)
}
