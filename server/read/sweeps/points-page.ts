/** Pages of a sweep's points: sorted, filtered, and described no further than they are shown. */
import { listBenchmarks, listPointParts, listPointsByIds } from '../../../db/queries/point-parts.ts'
import { listCommitsOfSweep } from '../../../db/queries/recorded.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { bestFirst, braceAt, ranksOf, type Sort } from '../../../domain/asking/order.ts'
import { compileFilter } from '../../../domain/asking/passing.ts'
import { filterNames, findField, parseFilter } from '../../../domain/asking/filter.ts'
import type { Context } from '../../base/context.ts'
import type { ListedPoint, PointsPage, PointView } from '../../../contract/api/points.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { describeAxes } from '../../base/saying/describe-axes.ts'
import { describePoints } from '../../tables/describe-points.ts'
import { exhaust, lastMetrics, loadMetrics, readMetricNames, resolveMetrics } from '../../tables/metric-columns.ts'
import { listsOf, newsOf } from '../../tables/points-lists.ts'
import { type PointColumns, pointColumns } from '../../tables/points-columns.ts'
import { pointFields, pointOrder, pointTable } from '../../tables/points-order.ts'

/**
 * `metrics`: those whose last values the rows shall carry. `asOf`: the order that a page before had, to be kept while somebody
 * points at its rows; values are as of now.
 */
export type PointsQuery = {
  sort: Sort
  filter: string
  offset: number
  limit: number
  metrics?: string[]
  asOf?: number | null
}

/** As `readPointsPage`; metrics of many runs are read with other work in between. */
export async function readPointsPageInTurns(
  context: Context,
  sweep: SweepRow,
  query: PointsQuery,
): Promise<PointsPage> {
  if (query.filter !== '' || query.sort.key.startsWith('metric:')) {
    const benchmarks = benchmarksOf(context, sweep, baselineOf(context, sweep).accuracies)
    for (const _ of readMetrics(context, sweep, query, benchmarks)) await new Promise(setImmediate)
  }
  return readPointsPage(context, sweep, query)
}

/** Points `offset` to `offset + limit` of those that pass the filter, in the order asked for. */
export function readPointsPage(context: Context, sweep: SweepRow, query: PointsQuery): PointsPage {
  const { accuracies: baseline } = baselineOf(context, sweep)
  // looked for in all evaluations: only a filter names them
  const benchmarks = query.filter === '' ? [] : benchmarksOf(context, sweep, baseline)
  const metrics = exhaust(readMetrics(context, sweep, query, benchmarks))
  const fields = pointFields(describeAxes(sweep), benchmarks, metrics)
  const { filter, error } = parseFilter(query.filter, fields)
  const named = filterNames(query.filter)
    .map((name) => findField(fields, name)?.name)
    .filter((name) => benchmarks.some((benchmark) => name === benchmark || name === `${benchmark}.ratio`))
  const accuracies = query.sort.key.startsWith('benchmark:') || named.length > 0
  const columns = pointColumns(context, sweep, { accuracies })
  const lists = listsOf(columns)
  const list = lists.now(JSON.stringify([query.sort, query.filter]), () => {
    const sorted = pointOrder(columns, query.sort)
    return filter === null
      ? sorted
      : sorted.filter(
          compileFilter(
            filter,
            pointTable(columns, benchmarks, baseline, () => listCommitsOfSweep(context.database, sweep.id)),
          ),
        )
  })
  const held = lists.before(query.asOf ?? null, list)
  const { order } = held
  const shown = order.subarray(query.offset, query.offset + query.limit)
  const points = describePointsAt(context, sweep, columns, [...shown])
  const shownMetrics = lastMetrics(
    context,
    points.map(({ runId }) => runId),
    query.metrics ?? [],
  )
  const ranks = ranksOf(pointOrder(columns, bestFirst))
  // around the best alone there is no bracket
  const byScore = query.sort.key === bestFirst.key && query.sort.descending
  const bracket = byScore && columns.tied.some((flag, point) => flag === 1 && ranks[point] !== 0)
  const isTied = (at: number) => {
    const point = bracket ? order[at] : undefined
    return (
      point !== undefined &&
      (columns.tied[point] === 1 ||
        (ranks[point] === 0 && !Number.isNaN(columns.score[point]!) && columns.broken[point] === 0))
    )
  }
  return {
    total: order.length,
    error,
    order: held.id,
    ...newsOf(columns, held, list),
    offset: query.offset,
    rows: points.map((point, at) => {
      const rank = ranks[point.number - 1]!
      const place = query.offset + at
      const metrics = shownMetrics.get(point.runId) ?? {}
      return {
        point: rowOf(point),
        rank: point.score === null || point.broken !== null ? null : rank + 1,
        brace: braceAt(place, isTied),
        metrics,
      }
    }),
    bracketEnd: bracket ? bracketEnd(columns, order, isTied) : -1,
  }
}

function rowOf({
  runStatus: _run,
  finishedAt: _at,
  commit: _commit,
  changes: _changes,
  checkpoint,
  results,
  ...row
}: PointView): ListedPoint {
  return {
    ...row,
    checkpointId: checkpoint?.id ?? null,
    results: Object.fromEntries(
      Object.entries(results).map(([name, { accuracy, ratio, error }]) => [
        name,
        { accuracy, ratio, ...(error !== null && { error }) },
      ]),
    ),
  }
}

/** Reads the metrics that the query sorts or filters by, a slice at a time; gives those that its filter may name. */
function* readMetrics(
  context: Context,
  sweep: SweepRow,
  query: PointsQuery,
  benchmarks: string[],
): Generator<void, string[]> {
  const fields = pointFields(describeAxes(sweep), benchmarks)
  const unknown = filterNames(query.filter).filter((name) => findField(fields, name) === undefined)
  const sorted = query.sort.key.startsWith('metric:') ? [query.sort.key.slice('metric:'.length)] : []
  if (unknown.length + sorted.length === 0) return []
  const names = unknown.length > 0 ? resolveMetrics(yield* readMetricNames(context, sweep), unknown) : []
  yield* loadMetrics(context, sweep, [...new Set([...names, ...sorted])])
  return names
}

const measuredOn = new WeakMap<PointColumns, { version: number; benchmarks: string[] }>()

/** Every benchmark, those of the baseline first. */
export function benchmarksOf(context: Context, sweep: SweepRow, baseline: Record<string, number>): string[] {
  const columns = pointColumns(context, sweep)
  let known = measuredOn.get(columns)
  if (known?.version !== columns.version) {
    known = { version: columns.version, benchmarks: listBenchmarks(context.database, sweep.id) }
    measuredOn.set(columns, known)
  }
  return [...new Set([...Object.keys(baseline), ...known.benchmarks])]
}

/** One point in full. Throws `not-found` where the sweep has none of this id. */
export function readPoint(context: Context, sweep: SweepRow, pointId: number): PointView {
  const rows = listPointsByIds(context.database, [pointId]).filter((row) => row.sweepId === sweep.id)
  const [point] = describePoints(context, sweep, rows, listPointParts(context.database, rows))
  if (!point) throw new SweepboardError('not-found', `${sweep.name} has no point ${pointId}.`)
  return point
}

/** The points at these places (number − 1), in this order. */
export function describePointsAt(
  context: Context,
  sweep: SweepRow,
  columns: PointColumns,
  places: number[],
): PointView[] {
  const ids = places.map((index) => columns.ids[index]!)
  const rows = listPointsByIds(context.database, ids)
  const views = describePoints(context, sweep, rows, listPointParts(context.database, rows))
  const byId = new Map(views.map((view) => [view.id, view]))
  return ids.map((id) => byId.get(id)!)
}

/** Where the bracket ends, if what stands below can be told from the best. */
function bracketEnd({ low }: PointColumns, order: Uint32Array, isTied: (at: number) => boolean): number {
  const last = order.findLastIndex((_, at) => isTied(at))
  const below = order[last + 1]
  return last >= 0 && below !== undefined && !Number.isNaN(low[below]!) ? last : -1
}
