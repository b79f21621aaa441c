import type { MetricRow, SeriesStore } from '../../db/series/index.ts'
import { isTimeDue } from '../../domain/asking/step-places.ts'

/** The series that holds when steps were taken, in seconds since 1970. It is the store's own: no list of metrics names it. */
export const timeMetric = 'sweepboard/time'

/**
 * The rows of an attempt as they are stored: of some of them the time, too, as a metric of its own, so that charts find the
 * time of any step as they find any value. Call it in the order of the rows; `fresh`: these are the attempt's first.
 */
export function withStepTimes(series: SeriesStore, runId: number, rows: MetricRow[], fresh: boolean): MetricRow[] {
  const known = fresh ? undefined : series.last([runId], [timeMetric])[0]
  let first = known?.minimum ?? null
  let last = known?.value ?? null
  return rows.map((row) => {
    const { time, values } = row
    const own = timeMetric in values
    const due = time !== null && (first === null || last === null || isTimeDue(time, first, last))
    if (!own && !due) return row
    const { [timeMetric]: _own, ...rest } = values
    if (!due) return { ...row, values: rest }
    first ??= time
    last = time
    return { ...row, values: { ...rest, [timeMetric]: time } }
  })
}
