/** A clock for durations: nobody sets it, and it does not count the time that the machine slept. */
import { readFileSync } from 'node:fs'

/**
 * Milliseconds of the machine's monotonic clock. On Linux it counts from the machine's start, so that what one process
 * wrote down another can go on from, until the machine starts anew.
 */
export function monotonicMilliseconds(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}

/** How long this thread was ready to run while others had the processor, since its start, in milliseconds; 0 where no system says. */
export function waitedForProcessor(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
