/** Curves of one metric of many runs, to be drawn over each other. */
import { commonSteps } from '../../../domain/asking/step-places.ts'
import type { AxisKind } from '../../../domain/asking/step-places.ts'
import type { BundleView } from '../../../contract/api/runs.ts'
import type { Context } from '../../base/context.ts'
import { packDoubles } from '../../formats/pack-doubles.ts'
import { onAxis } from './read-series.ts'

type BundleQuery = {
  runIds: number[]
  metric: string
  axis?: AxisKind | undefined
  from?: number | undefined
  to?: number | undefined
  buckets: number
  since?: string | undefined
}

/** Numbers of changes begin anew with each process: those of another one say nothing here. */
const thisProcess = crypto.randomUUID().slice(0, 8)

/**
 * The means of each run's values at no more than `buckets` places, which the runs have in common where they stand on steps; with
 * `since`, of the runs that changed after that answer. `from` and `to` are places on the axis. A run that has not the metric, or no such
 * axis, has no line.
 */
export function readBundle(context: Context, query: BundleQuery): BundleView {
  const { series } = context
  const { metric, axis = 'step' } = query
  // before anything is read: what comes meanwhile is told again rather than not at all
  const change = series.changes.now()
  const changed = axis === 'step' ? changedSince(context, query.since) : null
  const runIds = changed === null ? query.runIds : query.runIds.filter((id) => changed.has(id))
  const last = new Map(series.last(query.runIds, [metric]).map((row) => [row.runId, row.step]))
  const reached = Math.max(0, ...last.values())
  const columns: number[][] = []
  const lines = runIds.flatMap((runId) => {
    const on = last.has(runId) ? onAxis(context, runId, query) : null
    if (on === null) return []
    const { from, to } = on.range
    const whole = commonSteps(reached, query.buckets)
    const across: [number, number] = from === undefined && to === undefined ? whole : [from ?? 0, to ?? whole[1]]
    const { steps, mean } = series.read(runId, metric, { ...on.range, ...(on.placeOf === null && { across }) })
    const own = on.placeOf === null ? steps : steps.map(on.placeOf)
    const known = columns.findIndex((column) => isSame(column, own))
    // charts draw no infinities
    const values = packDoubles(Float64Array.from(mean, (value) => (Number.isFinite(value) ? value : NaN)))
    return [{ runId, places: known === -1 ? columns.push(own) - 1 : known, values }]
  })
  const places = columns.map((column) => packDoubles(Float64Array.from(column)))
  return { version: `${thisProcess} ${change}`, runIds, places, lines }
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((place, at) => place === other[at])
}

/** The runs with new values since that version; null where that is not known. */
function changedSince({ series }: Context, since: string | undefined): Set<number> | null {
  const [of, change] = since?.split(' ') ?? []
  return of === thisProcess && /^\d{1,15}$/.test(change ?? '') ? new Set(series.changes.after(Number(change))) : null
}
