import { updateCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireCheckpoint } from '../../base/finding/find-checkpoint.ts'

/**
 * Marks a checkpoint as picked, to go on from or to keep; `picked: false` takes the mark away. `note`: why, written where the
 * checkpoint has no note. Throws `not-found`.
 */
export function pickCheckpoint(
  context: Context,
  { id, picked, note = '' }: { id: number; picked: boolean; note?: string | undefined },
): void {
  const checkpoint = requireCheckpoint(context, id)
  const changes = {
    ...(picked !== (checkpoint.pickedAt !== null) && { pickedAt: picked ? Date.now() : null }),
    ...(note.trim() !== '' && checkpoint.note === '' && { note: note.trim() }),
  }
  if (Object.keys(changes).length === 0) return
  updateCheckpoint(context.database, checkpoint.id, changes)
  notify(context, findAnyJob(context.database, checkpoint.runId)!.sweepId, checkpoint.runId)
}
