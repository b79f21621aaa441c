/** Scores of points as matrices over axes: which point a cell shows, and one colour scale for all panels. */
import { SweepboardError } from '../errors.ts'
import type { ExpandedAxis } from '../sweep/axes/axes.ts'
import type { Goal } from '../sweep/stop-early.ts'
import { type ColourDomain, colourDomain, type HeatmapAxes } from './heatmap.ts'

/** `fixed` chooses one value of axes that are not shown; over the others a cell shows its best point. */
export type MapQuery = HeatmapAxes & { fixed: Readonly<Record<string, string>> }

/** One entry a cell, panels after each other, each row by row. */
export type ScoreMatrix = {
  panels: number
  rows: number
  columns: number
  /** The cell's best point by score, of those that keep the constraints where there are any, or the first while none has one; −1 where there is none. */
  best: Int32Array
  /** Points of each cell, and those with a score. */
  points: Uint32Array
  scored: Uint32Array
  domain: ColourDomain | null
  /** Axes of several values that are neither shown nor fixed. */
  bestOver: string[]
}

/**
 * The matrices of the axes shown, in one pass. `positions`: by axis, where each point's value stands among the axis' values.
 * Throws `invalid` for an axis or value that there is not, and for one shown twice.
 */
export function scoreMatrix(
  points: {
    axes: readonly ExpandedAxis[]
    positions: readonly Uint32Array[]
    score: Float64Array
    goal?: Goal
    broken?: Uint8Array
  },
  query: MapQuery,
): ScoreMatrix {
  const { axes, positions, score, goal = 'maximize', broken } = points
  const sign = goal === 'maximize' ? 1 : -1
  const roles = [query.panel, query.down, query.across]
  const names = roles.filter((name) => name !== null)
  const shown = roles.map((name) => (name === null ? null : axisNamed(axes, name)))
  if (new Set(names).size < names.length)
    throw new SweepboardError('invalid', `An axis is shown twice: ${names.join(', ')}.`)
  const [panels, rows, columns] = shown.map((axis) => (axis === null ? 1 : axes[axis]!.values.length)) as [
    number,
    number,
    number,
  ]
  const chosen = Object.entries(query.fixed)
    .filter(([name]) => !names.includes(name))
    .map(([name, value]) => fixedAt(points, name, value))
  const cells = panels * rows * columns
  const best = new Int32Array(cells).fill(-1)
  const counts = { points: new Uint32Array(cells), scored: new Uint32Array(cells) }
  const zeros = new Uint32Array(score.length)
  const [inPanel, inRow, inColumn] = shown.map((axis) => (axis === null ? zeros : positions[axis]!)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  let [low, high] = [Infinity, -Infinity]
  for (let point = 0; point < score.length; point++) {
    if (chosen.some(({ of, position }) => of[point] !== position)) continue
    const cell = (inPanel[point]! * rows + inRow[point]!) * columns + inColumn[point]!
    const value = score[point]!
    counts.points[cell]! += 1
    const held = best[cell]!
    if (Number.isNaN(value)) {
      if (held < 0) best[cell] = point
      continue
    }
    counts.scored[cell]! += 1
    low = Math.min(low, value)
    high = Math.max(high, value)
    // one that breaks a constraint is shown where no other has a score
    const breaks = held >= 0 && !Number.isNaN(score[held]!) ? (broken?.[point] ?? 0) - (broken?.[held] ?? 0) : 0
    if (breaks < 0 || (breaks === 0 && (held < 0 || !(sign * score[held]! >= sign * value)))) best[cell] = point
  }
  const hidden = axes.filter(
    ({ name, values }) => values.length > 1 && !names.includes(name) && query.fixed[name] === undefined,
  )
  return {
    panels,
    rows,
    columns,
    best,
    ...counts,
    domain: colourDomain(low <= high ? [low, high] : [], goal),
    bestOver: hidden.map((axis) => axis.name),
  }
}

function axisNamed(axes: readonly ExpandedAxis[], name: string): number {
  const axis = axes.findIndex((candidate) => candidate.name === name)
  if (axis >= 0) return axis
  const known = axes.map((candidate) => candidate.name).join(', ')
  throw new SweepboardError('invalid', `The sweep has no axis ${name}; it has ${known}.`)
}

function fixedAt(
  { axes, positions }: { axes: readonly ExpandedAxis[]; positions: readonly Uint32Array[] },
  name: string,
  value: string,
) {
  const axis = axisNamed(axes, name)
  const position = axes[axis]!.values.indexOf(value)
  if (position < 0) throw new SweepboardError('invalid', `The axis ${name} has no value ${value}.`)
  return { of: positions[axis]!, position }
}
