/** What a person does with runs of their own. */
import { markOwnRuns, setOwnStatus, updateOwnRun } from '../../../db/queries/own-runs.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireOwnRun } from '../../base/finding/find-own-run.ts'

export type OwnRunChanges = {
  id: number
  name?: string | undefined
  tags?: string[] | undefined
  note?: string | undefined
  group?: string | null | undefined
}

/** Changes what a run is called, tagged, noted or grouped. Its client goes over it only with what it says anew. */
export function changeOwnRun(context: Context, { id, name, tags, note, group }: OwnRunChanges): void {
  requireOwnRun(context, id)
  if (name?.trim() === '') {
    const message = 'The name is empty; expected what the run is called.'
    throw new SweepboardError('invalid', message, [{ path: ['name'], message }])
  }
  const kept = tags && [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))]
  updateOwnRun(context.database, id, {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(kept === undefined ? {} : { tags: kept }),
    ...(note === undefined ? {} : { note: note.trim() }),
    ...(group === undefined ? {} : { group: group?.trim() || null }),
  })
  notify(context, null, id)
}

/** Deletes runs, which stay in the data folder, or brings them back; gives the ids of those that changed. */
export function markDeleted(context: Context, ids: number[], isDeleted: boolean): number[] {
  const deletedAt = isDeleted ? Date.now() : null
  const changed = markOwnRuns(context.database, ids, deletedAt)
  if (changed.length > 0) context.signals.emit('own deleted', { ids: changed, deletedAt })
  for (const id of changed) notify(context, null, id)
  return changed
}

/** Takes a run for ended of which nothing is heard. When its client says something again, it goes on. */
export function endOwnRun(context: Context, id: number): void {
  const { job, own } = requireOwnRun(context, id)
  if (job.status !== 'running')
    throw new SweepboardError('conflict', `Run ${job.number} has ended; only a running one can be marked so.`)
  setOwnStatus(context.database, id, { status: 'stopped', at: own.heardAt, exitCode: null })
  notify(context, null, id)
}
