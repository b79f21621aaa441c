import type { SeriesStore } from '../../db/series/index.ts'

/** Names of a run's metrics in the order first seen. */
export function metricNames(series: SeriesStore, runId: number): string[] {
  return series.names(runId)
}
