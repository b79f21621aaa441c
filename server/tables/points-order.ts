/** What a list of a sweep's points may be sorted and filtered by. */
import { bestFirst, orderRows, rowsByScore, type Sort } from '../../domain/asking/order.ts'
import { type FilterTable, numberTest, textTest } from '../../domain/asking/passing.ts'
import type { FilterField } from '../../domain/asking/filter.ts'
import type { TrainedCommit } from '../../db/queries/recorded.ts'
import { pointStatuses } from '../../domain/life/run-status.ts'
import type { AxisView } from '../../contract/api/points.ts'
import type { PointColumns } from './points-columns.ts'
import { ownValue } from '../../domain/own-value.ts'

/**
 * The points (by number − 1) in the order asked for by score, chance, run, `axis:NAME`, `benchmark:NAME` or `metric:NAME`; the
 * best first where there is no such column.
 */
export function pointOrder(columns: PointColumns, sort: Sort): Uint32Array {
  const name = `${sort.key} ${sort.descending}`
  const known = columns.orders.get(name)
  if (known) return known
  const order =
    name === `${bestFirst.key} ${bestFirst.descending}`
      ? whoeverKeepsFirst(columns, rowsByScore(columns.score, columns.goal))
      : orderRows(pointOrder(columns, bestFirst), sortKeys(columns, sort.key), isDescending(columns, sort))
  columns.orders.set(name, order)
  return order
}

/** Points that break a constraint stand behind all others that have a score. */
function whoeverKeepsFirst({ broken, score }: PointColumns, order: Uint32Array): Uint32Array {
  if (!broken.includes(1)) return order
  const breaks = (row: number) => broken[row] === 1 && !Number.isNaN(score[row]!)
  const others = order.filter((row) => !breaks(row))
  const scored = others.findIndex((row) => Number.isNaN(score[row]!))
  const end = scored < 0 ? others.length : scored
  return Uint32Array.from([...others.subarray(0, end), ...order.filter(breaks), ...others.subarray(end)])
}

/** By score the best stand first where it is asked for descending, also where less is better. */
function isDescending({ goal }: PointColumns, { key, descending }: Sort): boolean {
  return key === 'score' && goal === 'minimize' ? !descending : descending
}

function sortKeys(columns: PointColumns, key: string): Float64Array | Uint32Array | null {
  const [kind, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
  if (kind === 'axis') return columns.positions[columns.axes.findIndex((axis) => axis.name === name)] ?? null
  if (kind === 'benchmark') return columns.accuracies.get(name)?.accuracy ?? null
  if (kind === 'objective') return columns.objectives.find(({ metric }) => metric === name)?.values ?? null
  if (kind === 'metric') return columns.metrics.get(name) ?? null
  if (key === 'chance') return columns.chance
  if (key === 'run') return columns.runNumbers
  return key === 'score' ? columns.score : null
}

/** What a filter may name: what the sweep has itself goes before a metric of the same name. */
export function pointFields(axes: AxisView[], benchmarks: string[], metrics: string[] = []): FilterField[] {
  const isAxis = (name: string) => axes.some((axis) => axis.name === name)
  return [
    ...axes.map((axis): FilterField => ({ name: axis.name, kind: 'text' })),
    { name: 'score', kind: 'number' },
    { name: 'chance', kind: 'share' },
    ...benchmarks.map((name): FilterField => ({ name, kind: 'share' })),
    ...benchmarks.map((name): FilterField => ({ name: `${name}.ratio`, kind: 'number' })),
    { name: 'run', kind: 'number' },
    { name: 'status', kind: 'text' },
    ...(isAxis('commit') ? [] : [{ name: 'commit', kind: 'hash' as const }]),
    ...(isAxis('changes') ? [] : [{ name: 'changes', kind: 'text' as const }]),
    ...metrics.map((name): FilterField => ({ name, kind: 'number' })),
  ]
}

/**
 * The points as a filter reads them. `baseline`: what a benchmark's ratio compares with. A name means what it does in
 * `pointFields`, whatever somebody sorted by before. `commits`: what was trained by the points' numbers, asked for where a filter names it.
 */
export function pointTable(
  columns: PointColumns,
  benchmarks: string[],
  baseline: Record<string, number>,
  commits: () => Map<number, TrainedCommit>,
): FilterTable {
  const benchmarkOf = (field: string) =>
    benchmarks.find((name) => field === name) ?? benchmarks.find((name) => field === `${name}.ratio`) ?? null
  const nothing = () => new Float64Array(columns.count).fill(NaN)
  const numbersOf = (field: string) => {
    if (field === 'score') return columns.score
    if (field === 'chance') return columns.chance
    if (field === 'run') return columns.runNumbers
    const benchmark = benchmarkOf(field)
    if (benchmark === null) return columns.metrics.get(field) ?? nothing()
    const accuracy = columns.accuracies.get(benchmark)?.accuracy ?? nothing()
    return field === benchmark ? accuracy : accuracy.map((value) => value / (ownValue(baseline, benchmark) ?? NaN))
  }
  return {
    condition(field, test) {
      const axis = columns.axes.findIndex(({ name }) => name === field)
      if (axis >= 0) return textTest(columns.positions[axis]!, columns.axes[axis]!.values, test)
      if (field === 'commit' || field === 'changes') {
        const trained = commits()
        const words = { true: 'yes', false: 'no', null: null }
        const heldOf = (of?: TrainedCommit) =>
          field === 'commit' ? (of?.commit ?? null) : words[`${of?.changes ?? null}`]
        return (point) => test(heldOf(trained.get(point + 1)))
      }
      if (field === 'status') return textTest(columns.status, pointStatuses, test)
      return numberTest(numbersOf(field), test)
    },
    word(holds) {
      const tests = columns.axes.map(({ values }, axis) => textTest(columns.positions[axis]!, values, holds))
      tests.push(textTest(columns.status, pointStatuses, holds))
      return (point) => tests.some((test) => test(point))
    },
  }
}
