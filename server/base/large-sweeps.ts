import type { SweepRow } from '../../db/queries/sweeps.ts'
import { countPlan } from '../../domain/sweep/plan.ts'

/** Up to so many points a sweep is sent and computed whole. */
const mostPointsWhole = 2000

/** Whether a sweep has too many points to be sent whole, or computed between two looks of the scheduler. */
export function isLarge(sweep: Pick<SweepRow, 'definition'>): boolean {
  return countPlan(sweep.definition).points > mostPointsWhole
}
