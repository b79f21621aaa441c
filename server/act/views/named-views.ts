import { deleteNamedView, insertNamedView } from '../../../db/queries/named-views.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../../base/context.ts'

/** Keeps what a page shows under a name. Throws `conflict` where the page has one of that name. */
export function keepView(
  { database, signals }: Context,
  { page, name, search }: { page: string; name: string; search: string },
): void {
  if (!insertNamedView(database, { page, name, search }))
    throw new SweepboardError('conflict', `There is a view “${name}” of this page already; expected another name.`)
  signals.emit('change', { topic: 'system', sweepId: null, runId: null })
}

/** Removes one that was kept; what it showed stays. Throws `not-found`. */
export function removeView({ database, signals }: Context, id: number): void {
  if (!deleteNamedView(database, id)) throw new SweepboardError('not-found', `There is no view ${id}.`)
  signals.emit('change', { topic: 'system', sweepId: null, runId: null })
}
