/**
 * Where the metric store keeps what an attempt and its machine took (server/executors/local/sample.awk): beside the job's own
 * metrics, under its negative number, each attempt's by seconds since 1970 in a step's place. So no list, export or score of
 * a run's metrics has them, and no step of theirs hides one of an earlier attempt.
 */
export function systemSeriesOf(jobId: number): number {
  return -jobId
}
