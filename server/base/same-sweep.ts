/** Finds the sweep that a definition has made already. */
import { createHash } from 'node:crypto'
import { findSweepByFingerprint, type SweepRow } from '../../db/queries/sweeps.ts'
import type { Curriculum } from '../../domain/sweep/curriculum.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import { withoutWritten } from '../../domain/sweep/written.ts'
import type { Context } from './context.ts'

/**
 * What makes two files the same sweep, or curriculum: the definition, whatever its layout or comments, and the folder. How many trainings a
 * search has does not count: with another number the same search goes on.
 */
export function fingerprintOf(definition: Sweep | Curriculum, directory: string): string {
  const { search, ...others } = withoutWritten(definition) as Sweep
  const same =
    search === undefined || search === 'grid'
      ? withoutWritten(definition)
      : { search: { ...search, trainings: 0 }, ...others }
  return createHash('sha256')
    .update(JSON.stringify([same, directory]))
    .digest('hex')
}

/** The newest sweep made from the same definition in the same folder, where there is one that ran. */
export function findSameSweep(context: Context, definition: Sweep, directory: string): SweepRow | undefined {
  const same = findSweepByFingerprint(context.database, fingerprintOf(definition, directory))
  return same?.origin === 'imported' ? undefined : same
}
