/**
 * Last values of metrics beside the columns of a sweep's points. A metric is read of all runs when somebody first sorts or
 * filters by it, a slice of runs at a time; afterwards only of the runs that the metric store says have changed.
 */
import type { SweepRow } from '../../db/queries/sweeps.ts'
import type { Context } from '../base/context.ts'
import { isMetric, metricNamesOf } from '../base/finding/metric-names.ts'
import type { LastMetrics } from '../../contract/api/points.ts'
import { type PointColumns, pointColumns } from './points-columns.ts'

/** Runs read before other work gets a turn: about 20 ms. */
const runsEachSlice = 2000
/** 1.6 MB each with 100,000 runs. */
const mostColumns = 16

type RunMetrics = {
  runIds: number[]
  /** Number − 1 of a run, by its id. */
  places: Map<number, number>
  /** By metric: last values by place, true up to a change of the metric store. The one used last stands last. */
  columns: Map<string, { change: number; byRun: Float64Array }>
  names: { change: number; found: Set<string> } | null
}
const known = new WeakMap<PointColumns, RunMetrics>()

/** Brings the metrics' columns up to now, with a chance for other work after each slice. */
export function* loadMetrics(context: Context, sweep: SweepRow, metrics: string[]): Generator<void, void> {
  const { series } = context
  const points = pointColumns(context, sweep)
  const runs = runMetricsOf(points)
  for (const metric of metrics) {
    const held = runs.columns.get(metric)
    const change = changeNow(context)
    const changed = held ? ofSweep(runs, series.changes.after(held.change)) : runs.runIds
    const byRun = held?.byRun ?? new Float64Array(runs.runIds.length).fill(NaN)
    for (let from = 0; from < changed.length; from += runsEachSlice) {
      if (from > 0) yield
      const slice = changed.slice(from, from + runsEachSlice)
      if (held) for (const runId of slice) byRun[runs.places.get(runId)!] = NaN
      for (const { runId, value } of series.last(slice, [metric])) byRun[runs.places.get(runId)!] = value
    }
    runs.columns.delete(metric)
    runs.columns.set(metric, { change, byRun })
    if (changed.length > 0 || !points.metrics.has(metric)) spread(points, metric, byRun)
  }
  for (const metric of runs.columns.keys()) {
    if (runs.columns.size <= Math.max(mostColumns, metrics.length)) break
    runs.columns.delete(metric)
    points.metrics.delete(metric)
    forgetOrders(points, metric)
  }
}

/** Names of all metrics of the sweep's runs. */
export function* readMetricNames(context: Context, sweep: SweepRow): Generator<void, Set<string>> {
  const { series } = context
  const runs = runMetricsOf(pointColumns(context, sweep))
  const change = changeNow(context)
  const changed = runs.names ? ofSweep(runs, series.changes.after(runs.names.change)) : runs.runIds
  const found = runs.names?.found ?? new Set<string>()
  for (let from = 0; from < changed.length; from += runsEachSlice) {
    if (from > 0) yield
    for (const name of metricNamesOf(series, changed.slice(from, from + runsEachSlice))) found.add(name)
  }
  runs.names = { change, found }
  return found
}

/** The names as the chooser lists them, in the order of the alphabet. */
export async function metricNamesInTurns(context: Context, sweep: SweepRow): Promise<string[]> {
  const steps = readMetricNames(context, sweep)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return [...value].toSorted()
    await new Promise(setImmediate)
  }
}

/** Last values of the runs given, those asked for that each has. */
export function lastMetrics(context: Context, runIds: number[], metrics: string[]): Map<number, LastMetrics> {
  const byRun = new Map<number, LastMetrics>()
  if (metrics.length === 0) return byRun
  for (const { runId, metric, value } of context.series.last([...new Set(runIds)], metrics.filter(isMetric))) {
    const ofRun = byRun.get(runId) ?? {}
    ofRun[metric] = value
    byRun.set(runId, ofRun)
  }
  return byRun
}

/** The metrics that the typed names mean: as written, else whatever the case of their letters. */
export function resolveMetrics(names: ReadonlySet<string>, typed: string[]): string[] {
  const found = typed.flatMap((name) => {
    if (names.has(name)) return name
    const lower = name.toLowerCase()
    return names.values().find((candidate) => candidate.toLowerCase() === lower) ?? []
  })
  return [...new Set(found)]
}

/** Goes on to the end at once; gives what it returns. */
export function exhaust<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

function runMetricsOf(points: PointColumns): RunMetrics {
  let runs = known.get(points)
  if (runs === undefined) {
    const places = new Map<number, number>()
    for (let index = 0; index < points.count; index++) places.set(points.runIds[index]!, points.runNumbers[index]! - 1)
    runs = { runIds: [...places.keys()], places, columns: new Map(), names: null }
    known.set(points, runs)
  }
  return runs
}

/** What an open transaction wrote may be taken back: nothing read in one is kept (as of the points' columns). */
function changeNow(context: Context): number {
  return context.database.$client.inTransaction ? 0 : context.series.changes.now()
}

function ofSweep(runs: RunMetrics, runIds: number[]): number[] {
  return runIds.filter((runId) => runs.places.has(runId))
}

function spread(points: PointColumns, metric: string, byRun: Float64Array): void {
  const values = new Float64Array(points.count)
  for (let index = 0; index < points.count; index++) values[index] = byRun[points.runNumbers[index]! - 1]!
  points.metrics.set(metric, values)
  forgetOrders(points, metric)
}

function forgetOrders(points: PointColumns, metric: string): void {
  for (const descending of [true, false]) points.orders.delete(`metric:${metric} ${descending}`)
  points.version += 1
}
