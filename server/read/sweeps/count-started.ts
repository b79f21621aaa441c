import { countStartedSince } from '../../../db/queries/durations.ts'
import type { Context } from '../../base/context.ts'

/** How many trainings and evaluations of a sweep began an attempt since then, in milliseconds since 1970. */
export function countStarted(
  context: Context,
  sweepId: number,
  since: number,
): { trainings: number; evaluations: number } {
  return countStartedSince(context.database, sweepId, since)
}
