import { findOwnRun, type OwnRun } from '../../../db/queries/own-runs.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../context.ts'

/** The run of its own of that number. Throws `not-found` when there is none. */
export function requireOwnRun(context: Context, id: number): OwnRun {
  const run = findOwnRun(context.database, id)
  if (!run) throw new SweepboardError('not-found', `There is no run ${id} of its own.`)
  return run
}
