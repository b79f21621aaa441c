/** The points of a sweep that have a score, as columns: what pages about its axes are made of. */
import type { SweepRow } from '../../db/queries/sweeps.ts'
import type { Context } from '../base/context.ts'
import type { AxisView } from '../../contract/api/points.ts'
import { pointColumns } from './points-columns.ts'

/** One entry a scored point, in the plan's order. What is not known is NaN. */
export type ScoredPoints = {
  axes: AxisView[]
  /** By axis: the position of the point's value among the axis' values. */
  positions: Uint32Array[]
  ids: Float64Array
  runIds: Float64Array
  runNumbers: Uint32Array
  scores: Float64Array
  low: Float64Array
  high: Float64Array
  /** By benchmark, those asked for. */
  accuracies: Map<string, Float64Array>
}

/** `accuracies`: with those of every benchmark. */
export function scoredPoints(context: Context, sweep: SweepRow, options: { accuracies?: boolean } = {}): ScoredPoints {
  const columns = pointColumns(context, sweep, options)
  const { score } = columns
  let scored = 0
  for (let index = 0; index < columns.count; index++) if (!Number.isNaN(score[index]!)) scored += 1
  const kept = new Uint32Array(scored)
  for (let index = 0, at = 0; index < columns.count; index++) if (!Number.isNaN(score[index]!)) kept[at++] = index
  const numbers = (of: Float64Array) => pick(of, kept, new Float64Array(scored))
  const counts = (of: Uint32Array) => pick(of, kept, new Uint32Array(scored))
  return {
    axes: columns.axes,
    positions: columns.positions.map(counts),
    ids: numbers(columns.ids),
    runIds: numbers(columns.runIds),
    runNumbers: counts(columns.runNumbers),
    scores: numbers(score),
    low: numbers(columns.low),
    high: numbers(columns.high),
    accuracies: new Map(
      options.accuracies
        ? columns.accuracies.entries().map(([name, { accuracy }]) => [name, numbers(accuracy)] as const)
        : [],
    ),
  }
}

/** The entries at the places kept. A plain loop: the typed arrays' own `from` takes ten times as long. */
function pick<Column extends Float64Array | Uint32Array>(of: Column, kept: Uint32Array, to: Column): Column {
  for (let at = 0; at < kept.length; at++) to[at] = of[kept[at]!]!
  return to
}
