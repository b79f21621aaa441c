import type { SeriesStore } from '../../db/series/index.ts'
import { timeMetric } from '../ingest/step-times.ts'

/** Names of a run's metrics in the order first seen, without the store's own. */
export function metricNames(series: SeriesStore, runId: number): string[] {
  return series.names(runId).filter((name) => name !== timeMetric)
}
