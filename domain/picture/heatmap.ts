/** Points as matrices for heatmaps: which axes go where, which point a cell shows, and one colour scale for all panels. */
import type { Goal } from '../sweep/stop-early.ts'
import type { ExpandedAxis } from '../sweep/axes/axes.ts'

/** As much of an axis as its place depends on. */
type AxisShape = { name: string; values: { readonly length: number }; milestone: boolean }

/** Which axis goes down, which across, and which makes a panel a value; null: none. */
export type HeatmapAxes = { down: string | null; across: string | null; panel: string | null }

export type HeatmapCell<Point> = {
  /** The only point of the cell, or the best of them by score, or the first of them while none has one. null: no such point. */
  point: Point | null
  /** Points that fall into the cell, and how many of them have a score. */
  points: number
  scored: number
}

export type HeatmapPanel<Point> = {
  /** The panel axis' value, or null where there is one panel. */
  value: string | null
  /** Rows by the `down` axis' values, columns by the `across` axis' values, in their order. */
  cells: HeatmapCell<Point>[][]
}

export type Heatmap<Point> = {
  down: ExpandedAxis | null
  across: ExpandedAxis | null
  panel: ExpandedAxis | null
  panels: HeatmapPanel<Point>[]
  /** Axes that are neither shown nor fixed and have several values: each cell shows the best over them. */
  bestOver: string[]
  /** One scale for all panels; null while nothing has a score. */
  domain: ColourDomain | null
}

/**
 * Which axes to show where. The milestone axis makes the panels when three or more axes vary, else it goes across; the
 * others keep the file's order, down before across. Axes with one value are shown only where no other is left.
 */
export function defaultAxes(axes: readonly AxisShape[]): HeatmapAxes {
  const rank = (axis: AxisShape) => (axis.values.length === 1 ? 2 : 0) + (axis.milestone ? 1 : 0)
  const ranked = axes.toSorted((a, b) => rank(a) - rank(b))
  const varying = axes.filter((axis) => axis.values.length > 1)
  const milestone = varying.find((axis) => axis.milestone)
  if (varying.length > 3 && milestone) {
    const [down, across] = ranked.filter((axis) => axis !== milestone)
    return { down: down!.name, across: across!.name, panel: milestone.name }
  }
  const [first, second, third] = ranked.map((axis) => axis.name)
  if (second === undefined) return { down: null, across: first ?? null, panel: null }
  // a panel a value would be one panel, with nothing to tell apart
  return { down: first!, across: second, panel: varying.length > 2 ? third! : null }
}

/**
 * The same, and which values of axes that are not shown count. `aside`: an axis of which few points have more than the first value, as of
 * finalists' seeds: the first is shown, as the best over all would be that of whoever had more.
 */
export function defaultMap(axes: readonly (AxisShape & { values: readonly string[] })[], aside: string | null) {
  const shown = defaultAxes(axes.length > 1 ? axes.filter(({ name }) => name !== aside) : axes)
  const first = axes.length > 1 ? axes.find(({ name }) => name === aside)?.values[0] : undefined
  return { ...shown, fixed: first === undefined ? {} : { [aside!]: first } }
}

/** The scores that the scale's ends stand for: the worst, and the best at the light end. `low` is above `high` where less is better. */
export type ColourDomain = { low: number; high: number }

/** The worst and the best score; null where there is none. Both ends are the same where all scores are. */
export function colourDomain(scores: Iterable<number | null>, goal: Goal = 'maximize'): ColourDomain | null {
  let low = Infinity
  let high = -Infinity
  for (const score of scores) {
    if (score === null || !Number.isFinite(score)) continue
    low = Math.min(low, score)
    high = Math.max(high, score)
  }
  if (low > high) return null
  return goal === 'maximize' ? { low, high } : { low: high, high: low }
}

/** Where a score stands on the scale, from 0 to 1; the upper end where all scores are the same. */
export function positionOnScale(score: number, domain: ColourDomain): number {
  if (domain.high === domain.low) return 1
  return Math.min(1, Math.max(0, (score - domain.low) / (domain.high - domain.low)))
}
