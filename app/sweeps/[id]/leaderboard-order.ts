/** What the leaderboard shows, and in which order. */
import {
  type FilterField,
  type FieldValue,
  filterNames,
  findField,
  parseFilter,
} from '../../../domain/asking/filter.ts'
import { compileFilter } from '../../../domain/asking/passing.ts'
import type { AxisView, PointView } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'

/** `key` is `score`, `chance`, `run`, an axis as `axis:NAME`, a benchmark as `benchmark:NAME`, or a metric as `metric:NAME`. */
export type Sort = { key: string; descending: boolean }

export const bestFirst: Sort = { key: 'score', descending: true }

/** Last values of metrics: by name, then by run's id. */
export type MetricValues = Record<string, Record<number, number>>

/** Sorted as asked; whatever has no value stands last either way, and ties keep the order of the scores. */
export function sortPoints(
  points: readonly PointView[],
  axes: readonly AxisView[],
  sort: Sort,
  metrics: MetricValues = {},
): PointView[] {
  const valueOf = sortValue(axes, sort.key, metrics)
  const direction = sort.descending ? -1 : 1
  const byScore = (a: PointView, b: PointView) => (b.score ?? -Infinity) - (a.score ?? -Infinity) || a.number - b.number
  return points.toSorted((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)]
    if (left === null || right === null) return Number(left === null) - Number(right === null) || byScore(a, b)
    // not by their difference: that of two infinities is no number
    return (left === right ? 0 : left < right ? -direction : direction) || byScore(a, b)
  })
}

function sortValue(axes: readonly AxisView[], key: string, metrics: MetricValues): (point: PointView) => number | null {
  const [kind, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
  if (kind === 'axis') {
    // the values' order in the file is the one that a person meant
    const places = new Map(axes.find((axis) => axis.name === name)?.values.map((value, at) => [value, at]))
    return (point) => places.get(point.params[name] ?? '') ?? null
  }
  if (kind === 'benchmark') return (point) => point.results[name]?.accuracy ?? null
  if (kind === 'metric') return (point) => measuredOr(metrics[name]?.[point.runId])
  if (key === 'chance') return (point) => point.chanceOfBest
  if (key === 'run') return (point) => point.runNumber
  return (point) => point.score
}

/** A last value that is a number; NaN stands with the missing ones. */
function measuredOr(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

/** Every benchmark that any point has, the baseline's first. */
export function benchmarksOf(sweep: SweepDetail): string[] {
  if (sweep.large) return sweep.large.benchmarks
  const names = new Set(Object.keys(sweep.score.baseline.accuracies))
  for (const point of sweep.points) for (const name of Object.keys(point.results)) names.add(name)
  return [...names]
}

/** What a filter over the leaderboard may name. */
export function filterFields(sweep: SweepDetail): FilterField[] {
  const benchmarks = benchmarksOf(sweep)
  return [
    ...sweep.axes.map((axis): FilterField => ({ name: axis.name, kind: 'text' })),
    { name: 'score', kind: 'number' },
    { name: 'chance', kind: 'share' },
    ...benchmarks.map((name): FilterField => ({ name, kind: 'share' })),
    ...benchmarks.map((name): FilterField => ({ name: `${name}.ratio`, kind: 'number' })),
    { name: 'run', kind: 'number' },
    { name: 'status', kind: 'text' },
  ]
}

/** What a filter names that the sweep itself does not have: to be looked for among its metrics. */
export function unknownNames(text: string, fields: readonly FilterField[]): string[] {
  return filterNames(text).filter((name) => findField(fields, name) === undefined)
}

/** The points that pass what was typed; all of them, with the sentence, while it cannot be read. */
export function filterPoints(
  points: readonly PointView[],
  text: string,
  fields: readonly FilterField[],
  metrics: MetricValues = {},
): { points: readonly PointView[]; error: string | null } {
  const own = new Set(fields.map(({ name }) => name))
  const measured = Object.keys(metrics).filter((name) => !own.has(name))
  const { filter, error } = parseFilter(text, [
    ...fields,
    ...measured.map((name): FilterField => ({ name, kind: 'number' })),
  ])
  if (filter === null) return { points, error }
  const valueOf = (point: PointView, field: string) =>
    own.has(field) ? fieldValue(point, field) : measuredOr(metrics[field]?.[point.runId])
  const passes = compileFilter(filter, {
    condition: (field, test) => (row) => test(valueOf(points[row]!, field)),
    word: (holds) => (row) => [...Object.values(points[row]!.params), points[row]!.status].some(holds),
  })
  return { points: points.filter((_, row) => passes(row)), error: null }
}

function fieldValue(point: PointView, field: string): FieldValue {
  if (point.params[field] !== undefined) return point.params[field]
  if (field === 'score') return point.score
  if (field === 'chance') return point.chanceOfBest
  if (field === 'run') return point.runNumber
  if (field === 'status') return point.status
  if (field.endsWith('.ratio')) return point.results[field.slice(0, -'.ratio'.length)]?.ratio ?? null
  return point.results[field]?.accuracy ?? null
}

/** Where a row stands in the bracket around the points that cannot be told from the best. */
export type Brace = 'alone' | 'first' | 'middle' | 'last' | null

/** A row of the table: a point, or the line that says where the bracket ends and why. */
export type BoardRow = { key: string; point: PointView; brace: Brace } | { key: 'note'; point: null }

/** Rows with their part of the bracket around the best, and the line below the last that cannot be told from it. */
export function rowsWithBracket(rows: readonly PointView[], bracket: boolean, bestId: number | undefined): BoardRow[] {
  const isTied = (at: number) => {
    const point = rows[at]
    return bracket && point !== undefined && point.score !== null && (point.tiedWithBest || point.id === bestId)
  }
  const lastTied = rows.findLastIndex((_, at) => isTied(at))
  return rows.flatMap((point, at): BoardRow[] => {
    const [above, below] = [isTied(at - 1), isTied(at + 1)]
    const brace = !isTied(at) ? null : above ? (below ? 'middle' : 'last') : below ? 'first' : 'alone'
    const row: BoardRow = { key: String(point.id), point, brace }
    const next = rows[at + 1]
    return at === lastTied && next !== undefined && next.interval !== null ? [row, { key: 'note', point: null }] : [row]
  })
}
