import type { SeriesStore } from '../../../db/series/index.ts'
import { timeMetric } from '../../formats/step-times.ts'

/** Names of a run's metrics in the order first seen, without the store's own. */
export function metricNames(series: SeriesStore, runId: number): string[] {
  return series.names(runId).filter(isMetric)
}

/** Names of the metrics of any of the runs, each once, without the store's own. */
export function metricNamesOf(series: SeriesStore, runIds: number[]): string[] {
  return series.namesOf(runIds).filter(isMetric)
}

/** Whether a person may see it: not one of the store's own. */
export function isMetric(name: string): boolean {
  return name !== timeMetric
}
