/** A clock for durations: nobody sets it, and it does not count the time that the machine slept. */

/**
 * Milliseconds of the machine's monotonic clock. On Linux it counts from the machine's start, so that what one process
 * wrote down another can go on from, until the machine starts anew.
 */
export function monotonicMilliseconds(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}
