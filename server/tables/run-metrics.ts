/**
 * Names and newest values of metrics beside any runs. They are read of a run when somebody first lists, sorts or filters by them, a
 * slice of runs at a time; afterwards only of the runs that the metric store says have changed.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SeriesStore } from '../../db/series/index.ts'
import type { Context } from '../base/context.ts'
import { metricNamesOf } from '../base/finding/metric-names.ts'

/** Runs read before other work gets a turn: about 20 ms. */
const runsEachTurn = 2000
const mostValues = 16

/** Of which runs something was read, and up to which change of the store. */
type ReadRuns = { of: Set<number>; change: number | null }

/** The runs that are to be read (again), in slices; each is to be read as soon as it is given: what changes later is read again. */
function* slicesToRead({ changes }: SeriesStore, read: ReadRuns, ids: readonly number[]): Generator<number[], void> {
  const now = changes.now()
  if (read.change !== null) for (const id of changes.after(read.change)) read.of.delete(id)
  read.change = now
  const wanted = ids.filter((id) => !read.of.has(id))
  for (let from = 0; from < wanted.length; from += runsEachTurn) {
    const slice = wanted.slice(from, from + runsEachTurn)
    for (const id of slice) read.of.add(id)
    yield slice
  }
}

type Known = {
  names: { read: ReadRuns; found: Set<string> }
  /** By metric; the one used last stands last. */
  values: Map<string, { read: ReadRuns; byRun: Map<number, number> }>
}
const nothingRead = (): ReadRuns => ({ of: new Set(), change: null })
const knownOf = new WeakMap<SeriesStore, Known>()

function known(series: SeriesStore): Known {
  let held = knownOf.get(series)
  if (held === undefined) {
    held = { names: { read: nothingRead(), found: new Set() }, values: new Map() }
    knownOf.set(series, held)
  }
  return held
}

/** Names of metrics that any of these runs has, and of others that were asked for before: what a filter may name. */
export async function everyMetricName({ series }: Context, ids: readonly number[]): Promise<ReadonlySet<string>> {
  const { names } = known(series)
  for (const slice of slicesToRead(series, names.read, ids)) {
    for (const name of metricNamesOf(series, slice)) names.found.add(name)
    await nextTurn()
  }
  return names.found
}

/** The newest value of a metric of each of these runs that has it, and of others that were asked for before. */
export async function newestValues(
  { series }: Context,
  ids: readonly number[],
  metric: string,
): Promise<ReadonlyMap<number, number>> {
  const { values } = known(series)
  const held = values.get(metric) ?? { read: nothingRead(), byRun: new Map<number, number>() }
  values.delete(metric)
  values.set(metric, held)
  if (values.size > mostValues) values.delete(values.keys().next().value!)
  for (const slice of slicesToRead(series, held.read, ids)) {
    for (const id of slice) held.byRun.delete(id)
    for (const { runId, value } of series.last(slice, [metric])) held.byRun.set(runId, value)
    await nextTurn()
  }
  return held.byRun
}
