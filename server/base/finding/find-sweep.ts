import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../context.ts'

/** The sweep, deleted or not. Throws `not-found` when there is none of that number. */
export function requireSweep(context: Context, id: number): SweepRow {
  const sweep = findSweep(context.database, id)
  if (!sweep) throw new SweepboardError('not-found', `There is no sweep ${id}.`)
  return sweep
}
