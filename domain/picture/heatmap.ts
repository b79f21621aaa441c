/** Points as matrices for heatmaps: which axes go where, which point a cell shows, and one colour scale for all panels. */
import type { ExpandedAxis } from '../sweep/axes.ts'

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
export function defaultAxes(axes: readonly ExpandedAxis[]): HeatmapAxes {
  const rank = (axis: ExpandedAxis) => (axis.values.length === 1 ? 2 : 0) + (axis.milestone ? 1 : 0)
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
 * The points as one matrix a value of the panel axis. `fixed` chooses one value of axes that are not shown; over the axes
 * that are neither shown nor fixed a cell shows its best point. Points whose values no axis has are left out.
 */
export function heatmapPanels<Point extends { params: Readonly<Record<string, string>>; score: number | null }>({
  axes,
  points,
  down,
  across,
  panel,
  fixed = {},
}: {
  axes: readonly ExpandedAxis[]
  points: readonly Point[]
  fixed?: Readonly<Record<string, string>>
} & HeatmapAxes): Heatmap<Point> {
  const axisNamed = (name: string | null) => {
    if (name === null) return null
    const axis = axes.find((candidate) => candidate.name === name)
    if (!axis) throw new Error(`the sweep has no axis ${name}; it has ${axes.map((known) => known.name).join(', ')}`)
    return axis
  }
  const shown = { down: axisNamed(down), across: axisNamed(across), panel: axisNamed(panel) }
  const rows = positionsOf(shown.down)
  const columns = positionsOf(shown.across)
  const panelPositions = positionsOf(shown.panel)
  const shownNames = [down, across, panel].filter((name) => name !== null)
  if (new Set(shownNames).size < shownNames.length) throw new Error(`an axis is shown twice: ${shownNames.join(', ')}`)
  const chosen = Object.entries(fixed).filter(([name]) => !shownNames.includes(name))
  const panels: HeatmapPanel<Point>[] = (shown.panel?.values ?? [null]).map((value) => ({
    value,
    cells: Array.from({ length: rows.size }, () =>
      Array.from({ length: columns.size }, () => ({ point: null, points: 0, scored: 0 })),
    ),
  }))
  const scores: number[] = []
  for (const point of points) {
    if (chosen.some(([name, value]) => point.params[name] !== value)) continue
    const at = panelPositions.get(panel === null ? null : point.params[panel]!)
    const row = rows.get(down === null ? null : point.params[down]!)
    const column = columns.get(across === null ? null : point.params[across]!)
    if (at === undefined || row === undefined || column === undefined) continue
    const cell = panels[at]!.cells[row]![column]!
    cell.points += 1
    if (point.score !== null) {
      cell.scored += 1
      scores.push(point.score)
    }
    if (cell.point === null || (point.score ?? -Infinity) > (cell.point.score ?? -Infinity)) cell.point = point
  }
  const fixedNames = chosen.map(([name]) => name)
  return {
    ...shown,
    panels,
    bestOver: axes
      .filter(({ name, values }) => values.length > 1 && !shownNames.includes(name) && !fixedNames.includes(name))
      .map((axis) => axis.name),
    domain: colourDomain(scores),
  }
}

function positionsOf(axis: ExpandedAxis | null): Map<string | null, number> {
  return new Map((axis?.values ?? [null]).map((value, index) => [value, index]))
}

/** The scores that the scale's ends stand for. */
export type ColourDomain = { low: number; high: number }

/** The lowest and the highest score; null where there is none. Both ends are the same where all scores are. */
export function colourDomain(scores: Iterable<number | null>): ColourDomain | null {
  let low = Infinity
  let high = -Infinity
  for (const score of scores) {
    if (score === null || !Number.isFinite(score)) continue
    low = Math.min(low, score)
    high = Math.max(high, score)
  }
  return low <= high ? { low, high } : null
}

/** Where a score stands on the scale, from 0 to 1; the upper end where all scores are the same. */
export function positionOnScale(score: number, domain: ColourDomain): number {
  if (domain.high <= domain.low) return 1
  return Math.min(1, Math.max(0, (score - domain.low) / (domain.high - domain.low)))
}
