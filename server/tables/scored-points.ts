/** The points of a sweep that have a score, as columns: what pages about its axes are made of. */
import { listSweepEvaluations } from '../../db/queries/checkpoints.ts'
import { listSweepJobs } from '../../db/queries/jobs.ts'
import { listPoints } from '../../db/queries/points.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { accuracyOf } from '../../domain/score/score.ts'
import type { Context } from '../base/context.ts'
import type { AxisView } from '../../contract/api/points.ts'
import { describeAxes } from '../base/describe-axes.ts'
import { isLarge } from '../base/large-sweeps.ts'
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

/** Of a large sweep from its columns in memory, else from the rows. `accuracies`: with those of every benchmark. */
export function scoredPoints(context: Context, sweep: SweepRow, options: { accuracies?: boolean } = {}): ScoredPoints {
  return isLarge(sweep) ? fromColumns(context, sweep, options) : fromRows(context, sweep, options)
}

function fromColumns(context: Context, sweep: SweepRow, options: { accuracies?: boolean }): ScoredPoints {
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

function fromRows(context: Context, sweep: SweepRow, options: { accuracies?: boolean }): ScoredPoints {
  const { database } = context
  const axes = describeAxes(sweep)
  const places = axes.map(({ values }) => new Map(values.map((value, at) => [value, at])))
  const points = listPoints(database, sweep.id).filter(
    (point) => point.score !== null && axes.every(({ name }, at) => places[at]!.has(point.params[name] ?? '')),
  )
  const numbers = new Map(listSweepJobs(database, sweep.id, 'training').map(({ id, number }) => [id, number]))
  const column = (read: (point: (typeof points)[number]) => number | null) =>
    Float64Array.from(points, (point) => read(point) ?? NaN)
  const accuracies = new Map<string, Float64Array>()
  if (options.accuracies) {
    const byCheckpoint = new Map(points.map((point, at) => [point.checkpointId, at]))
    for (const row of listSweepEvaluations(database, sweep.id)) {
      const at = byCheckpoint.get(row.checkpointId)
      if (at === undefined) continue
      if (!accuracies.has(row.benchmark)) accuracies.set(row.benchmark, new Float64Array(points.length).fill(NaN))
      accuracies.get(row.benchmark)![at] = accuracyOf(row) ?? NaN
    }
  }
  return {
    axes,
    positions: axes.map(({ name }, at) => Uint32Array.from(points, (point) => places[at]!.get(point.params[name]!)!)),
    ids: column((point) => point.id),
    runIds: column((point) => point.runId),
    runNumbers: Uint32Array.from(points, (point) => numbers.get(point.runId) ?? 0),
    scores: column((point) => point.score),
    low: column((point) => point.intervalLow),
    high: column((point) => point.intervalHigh),
    accuracies,
  }
}

/** The entries at the places kept. A plain loop: the typed arrays' own `from` takes ten times as long. */
function pick<Column extends Float64Array | Uint32Array>(of: Column, kept: Uint32Array, to: Column): Column {
  for (let at = 0; at < kept.length; at++) to[at] = of[kept[at]!]!
  return to
}
