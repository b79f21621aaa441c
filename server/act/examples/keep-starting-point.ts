import { deleteStartingPoint, insertStartingPoint } from '../../../db/queries/starting-points.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { parseSweep } from '../../../domain/sweep/files/parse-sweep.ts'
import type { Context } from '../../base/context.ts'

/** Keeps what the form holds under a name. Throws `invalid` where it is no sweep yet, `conflict` where the name is taken. */
export function keepStartingPoint(
  { database, signals }: Context,
  { name, definition: given, directory }: { name: string; definition: unknown; directory: string },
): void {
  const { definition, issues } = parseSweep(given)
  if (definition === null)
    throw new SweepboardError('invalid', `This is no sweep yet, and cannot be kept: ${issues[0]!.message}`, issues)
  if (!insertStartingPoint(database, { name, definition, directory }))
    throw new SweepboardError('conflict', `There is a starting point “${name}” already; expected another name.`)
  signals.emit('change', { topic: 'system', sweepId: null, runId: null })
}

/** Removes one that a person kept. Throws `not-found`. */
export function removeStartingPoint({ database, signals }: Context, id: number): void {
  if (!deleteStartingPoint(database, id)) throw new SweepboardError('not-found', `There is no starting point ${id}.`)
  signals.emit('change', { topic: 'system', sweepId: null, runId: null })
}
