/**
 * Traces: what stood at a path before an attempt began. Whether a checkpoint or a report is the attempt's own is judged by
 * what is different from then, not by a clock: a copy that keeps its old time is new in its place, and machines disagree on time.
 */

/** What stands at a path, as digests of names, sizes, times and inodes. */
export type Trace = {
  /** Of everything in it. null: more files than are looked at. */
  all: string | null
  /** Of the files that hold weights alone; null where there are none. */
  weights: string | null
  /** When the newest file in it was changed, in milliseconds since 1970. */
  newestAt: number
}
/** Traces by the real path, links resolved. */
export type Traces = Record<string, Trace>

/**
 * Whether what stands at a path is what stood there before. Where both hold weights these alone count: a log that was
 * written beside old weights makes no new model. Of too many files to tell it is not known that any is new, so they are not.
 */
export function isUnchanged(before: Traces, realPath: string, now: Trace): boolean {
  if (!Object.hasOwn(before, realPath)) return false
  const earlier = before[realPath]!
  if (earlier.weights !== null && now.weights !== null) return earlier.weights === now.weights
  return earlier.all === now.all
}
