import { updateCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireCheckpoint } from '../../base/finding/find-checkpoint.ts'

/** Tags that are not a person's to write: one is computed, the other is the mark of `pickCheckpoint`. */
const ownTags = ['best', 'picked']

/**
 * Replaces a checkpoint's tags, its note, or both. Tags are trimmed; empty and repeated ones are left out.
 * Throws `invalid` for `best` and `picked`, which are not written but computed and picked, and `not-found`.
 */
export function tagCheckpoint(
  context: Context,
  input: { id: number; tags?: string[] | undefined; note?: string | undefined },
): void {
  const checkpoint = requireCheckpoint(context, input.id)
  const tags = input.tags && [...new Set(input.tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))]
  const own = tags?.find((tag) => ownTags.includes(tag.toLowerCase()))
  if (own !== undefined) {
    const why = own.toLowerCase() === 'best' ? 'it is computed from the scores' : 'use Pick for it'
    const message = `The tag “${own}” cannot be written by hand: ${why}. Expected any other text.`
    throw new SweepboardError('invalid', message, [{ path: ['tags'], message }])
  }
  updateCheckpoint(context.database, checkpoint.id, {
    ...(tags === undefined ? {} : { tags }),
    ...(input.note === undefined ? {} : { note: input.note.trim() }),
  })
  notify(context, findAnyJob(context.database, checkpoint.runId)!.sweepId, checkpoint.runId)
}
