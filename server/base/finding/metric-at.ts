import type { Context } from '../context.ts'

/**
 * What a run's metric was at a milestone, of which `step` is the checkpoint's: the last value up to it (`exact`), once none can come any
 * more; else the first value from that step on. null where it is not known yet. NaN where a run that is past the milestone, or over,
 * never reported it.
 */
export function metricAt(
  { series }: Context,
  {
    run,
    metric,
    step,
    exact,
    ended,
  }: { run: { id: number; lastStep: number | null }; metric: string; step: number; exact: boolean; ended: boolean },
): number | null {
  if (!exact) {
    for (const { value } of series.values(run.id, metric, undefined, step)) return value
    return null
  }
  let last: { step: number; value: number } | null = null
  for (const value of series.values(run.id, metric)) {
    if (value.step > step) break
    last = value
  }
  if (last?.step === step || ended || (run.lastStep ?? 0) > step) return last?.value ?? NaN
  return null
}
