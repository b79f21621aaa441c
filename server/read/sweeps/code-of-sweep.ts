import { listCodeOfSweep } from '../../../db/queries/recorded.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { codeNotes, runsInWords } from '../../base/saying/code-notes.ts'
import type { Context } from '../../base/context.ts'
import { hasFewPoints } from '../../base/finding/few-points.ts'
import type { PointColumns } from '../../tables/points-columns.ts'

type Known = { version: number; notes: string[]; lookAgainAt: number }
const known = new WeakMap<PointColumns, Known>()

/** Of a sweep with very many points it is looked at anew at most this often. */
const restMilliseconds = 30_000

/** Sentences where the sweep's points came from more than one state of the code; mostly none. */
export function codeOfSweep(context: Context, sweep: SweepRow, columns: PointColumns): string[] {
  const before = known.get(columns)
  if (before && (before.version === columns.version || performance.now() < before.lookAgainAt)) return before.notes
  const ran = listCodeOfSweep(context.database, sweep.id)
  const notes = codeNotes(context, ran, { directories: [sweep.directory], words: runsInWords })
  const rest = hasFewPoints(context, sweep.id) ? 0 : restMilliseconds
  known.set(columns, { version: columns.version, notes, lookAgainAt: performance.now() + rest })
  return notes
}
