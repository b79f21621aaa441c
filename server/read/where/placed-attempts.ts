import { countPlacedAttempts, findPlacedAttempt, listPlacedAttempts } from '../../../db/queries/placed-attempts.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { PlacedAttempt, PlacedAttemptsPage } from '../../../contract/api/where.ts'
import type { Context } from '../../base/context.ts'

/** A page of the attempts of a sweep, or of all, newest first. */
export function readPlacedAttempts(
  { database }: Context,
  { sweepId, offset, limit }: { sweepId: number | null; offset: number; limit: number },
): PlacedAttemptsPage {
  return {
    total: countPlacedAttempts(database, sweepId),
    offset,
    rows: listPlacedAttempts(database, sweepId, { offset, limit }),
  }
}

/** One attempt and where it ran. Throws a SweepboardError where there is none. */
export function readPlacedAttempt({ database }: Context, jobId: number, attempt: number): PlacedAttempt {
  const found = findPlacedAttempt(database, jobId, attempt)
  if (!found) throw new SweepboardError('not-found', `There is no attempt ${attempt} of job ${jobId}.`)
  return found
}
