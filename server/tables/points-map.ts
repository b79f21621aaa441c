/** Heatmaps of large sweeps, as `domain/picture/heatmap.ts` makes them of small ones: one pass over the columns. */
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { SweepboardError } from '../../domain/errors.ts'
import { colourDomain, type HeatmapAxes } from '../../domain/picture/heatmap.ts'
import type { Context } from '../base/context.ts'
import type { PointsMap } from '../../contract/api/points.ts'
import { type PointColumns, pointColumns, pointStatuses } from './points-columns.ts'

export type MapQuery = HeatmapAxes & { fixed: Record<string, string> }

/**
 * The matrices of the axes shown. `fixed` chooses one value of axes that are not; over the others a cell shows its best
 * point. Throws `invalid` for an axis or value that the sweep lacks, and for one shown twice.
 */
export function readPointsMap(context: Context, sweep: SweepRow, query: MapQuery): PointsMap {
  const columns = pointColumns(context, sweep)
  const shown = [query.panel, query.down, query.across].map((name) => (name === null ? null : axisNamed(columns, name)))
  const names = [query.panel, query.down, query.across].filter((name) => name !== null)
  if (new Set(names).size < names.length)
    throw new SweepboardError('invalid', `An axis is shown twice: ${names.join(', ')}.`)
  const sizes = shown.map((axis) => (axis === null ? 1 : columns.axes[axis]!.values.length))
  const [panels, rows, across] = sizes as [number, number, number]
  const cells = panels * rows * across
  const chosen = Object.entries(query.fixed)
    .filter(([name]) => !names.includes(name))
    .map(([name, value]) => fixedAt(columns, name, value))
  const best = new Int32Array(cells).fill(-1)
  const points = new Uint32Array(cells)
  const scored = new Uint32Array(cells)
  const zeros = new Uint32Array(columns.count)
  const [inPanel, inRow, inColumn] = shown.map((axis) => (axis === null ? zeros : columns.positions[axis]!)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  const { score } = columns
  let [low, high] = [Infinity, -Infinity]
  for (let index = 0; index < columns.count; index++) {
    if (chosen.some(({ positions, position }) => positions[index] !== position)) continue
    const cell = (inPanel[index]! * rows + inRow[index]!) * across + inColumn[index]!
    const value = score[index]!
    points[cell]! += 1
    const held = best[cell]!
    if (!Number.isNaN(value)) {
      scored[cell]! += 1
      if (value < low) low = value
      if (value > high) high = value
      if (held < 0 || !(score[held]! >= value)) best[cell] = index
    } else if (held < 0) best[cell] = index
  }
  const at = <Value>(read: (index: number) => Value, none: Value) =>
    Array.from(best, (index) => (index < 0 ? none : read(index)))
  const hidden = columns.axes.filter(
    ({ name, values }) => values.length > 1 && !names.includes(name) && query.fixed[name] === undefined,
  )
  return {
    panel: query.panel,
    down: query.down,
    across: query.across,
    panels,
    rows,
    columns: across,
    ids: at((index) => columns.ids[index]!, 0),
    numbers: at((index) => index + 1, 0),
    scores: at<number | null>((index) => (Number.isNaN(score[index]!) ? null : score[index]!), null),
    states: at((index) => String(columns.status[index]), ' ').join(''),
    statuses: pointStatuses,
    points: [...points],
    scored: [...scored],
    tied: at((index) => columns.tied[index]!, 0),
    domain: colourDomain(low <= high ? [low, high] : []),
    bestOver: hidden.map((axis) => axis.name),
  }
}

function axisNamed(columns: PointColumns, name: string): number {
  const axis = columns.axes.findIndex((candidate) => candidate.name === name)
  if (axis >= 0) return axis
  const known = columns.axes.map((candidate) => candidate.name).join(', ')
  throw new SweepboardError('invalid', `The sweep has no axis ${name}; it has ${known}.`)
}

function fixedAt(columns: PointColumns, name: string, value: string) {
  const axis = axisNamed(columns, name)
  const position = columns.axes[axis]!.values.indexOf(value)
  if (position < 0) throw new SweepboardError('invalid', `The axis ${name} has no value ${value}.`)
  return { positions: columns.positions[axis]!, position }
}
