import type { StopMethod } from '../sweep/stop-early.ts'
import { asha } from './asha.ts'
import { stopByMedian } from './median.ts'
import type { Judge, Snapshot, Verdict } from './method.ts'
import { milestones } from './milestones.ts'

/** By what `stop_early.method` says; a method is a file here, and a line. */
const judges: Record<StopMethod, Judge> = { milestones, asha, median: stopByMedian }

/** What is decided now, each training at each rung once; of one that is stopped nothing is decided after that. */
export function judge(method: StopMethod, snapshot: Snapshot): Verdict[] {
  const stopped = new Set<number>()
  return judges[method](snapshot).filter(({ run, goesOn }) => {
    if (stopped.has(run)) return false
    if (!goesOn) stopped.add(run)
    return true
  })
}
