/** Finds the sweep that a definition has made already. */
import { createHash } from 'node:crypto'
import { findSweepByFingerprint, type SweepRow } from '../../../db/queries/sweeps.ts'
import type { Curriculum } from '../../../domain/sweep/rounds/curriculum.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { withoutWritten } from '../../../domain/sweep/files/written.ts'
import type { Context } from '../context.ts'

/**
 * What makes two files the same sweep, or curriculum: the definition, whatever its layout or comments, and the folder. How many trainings a
 * search has does not count, nor what it may cost: with another number the same sweep goes on.
 */
export function fingerprintOf(definition: Sweep | Curriculum, directory: string): string {
  const { budget: _, ...whole } = withoutWritten(definition) as Sweep
  const { search, ...others } = whole
  const same = search === undefined || search === 'grid' ? whole : { search: { ...search, trainings: 0 }, ...others }
  return createHash('sha256')
    .update(JSON.stringify([same, directory]))
    .digest('hex')
}

/** The newest sweep made from the same definition in the same folder, where there is one that ran. */
export function findSameSweep(context: Context, definition: Sweep, directory: string): SweepRow | undefined {
  const same = findSweepByFingerprint(context.database, fingerprintOf(definition, directory))
  return same?.origin === 'imported' ? undefined : same
}
