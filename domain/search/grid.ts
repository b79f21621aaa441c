import { countPlan, planSweep } from '../sweep/plan.ts'
import type { SearchMethod } from './method.ts'

/** Every combination of the axes' values, all known from the start. */
export const grid: SearchMethod = {
  size: countPlan,
  firstPoints: planSweep,
  nextPoints: null,
  propose: null,
  stop: null,
}
