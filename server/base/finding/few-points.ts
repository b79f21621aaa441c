import { countStored } from '../../../db/queries/points.ts'
import type { Context } from '../context.ts'

const mostAtOnce = 2000

/** Whether a sweep has so few points that they are computed between two looks of the scheduler; more have a thread's time. */
export function hasFewPoints({ database }: Context, sweepId: number): boolean {
  return countStored(database, sweepId).points <= mostAtOnce
}
