import type { PointStatus } from '../../domain/run-status.ts'
import type { AxisView } from '../../server/api/views.ts'
import { formatCount, formatScore, plural } from './format.ts'
import { heatColor } from './heat-scale.ts'

type Cell = { status: PointStatus; score: number | null }

/** More cells than this are drawn as a strip of at most `stripLength` marks, each the best of its share. */
const largestGrid = 72
const stripLength = 24

/**
 * The grid as small squares on the sweep's own scale, as its large heatmaps are laid out by default.
 * `cells` stand in the plan's order: the first axis changes slowest.
 */
export function MiniHeatmap({ axes, cells }: { axes: AxisView[]; cells: Cell[] }) {
  const scores = cells.flatMap((cell) => (cell.score === null ? [] : [cell.score]))
  const low = Math.min(...scores)
  const high = Math.max(...scores)
  const color = (score: number) => heatColor(high > low ? (score - low) / (high - low) : 1)
  const panels = panelsOf(axes, cells)
  return (
    <span className="mini" role="img" aria-label={labelOf(cells, scores, low, high)}>
      {panels.map((panel, index) => (
        <span key={index} style={{ gridTemplateColumns: `repeat(${panel.columns}, ${panel.columns > 12 ? 6 : 10}px)` }}>
          {panel.cells.map((cell, place) =>
            cell.score === null ? (
              <i key={place} className={unscored[cell.status]} />
            ) : (
              <i key={place} style={{ '--c': color(cell.score) } as React.CSSProperties} />
            ),
          )}
        </span>
      ))}
    </span>
  )
}

const unscored: Record<PointStatus, string> = {
  waiting: 'w',
  training: 'l',
  evaluating: 'l',
  scored: 'w',
  failed: 'x',
  cancelled: 'c',
}

function panelsOf(axes: AxisView[], cells: Cell[]): { columns: number; cells: Cell[] }[] {
  const size = axes.reduce((product, axis) => product * axis.values.length, 1)
  if (axes.length > 3 || size !== cells.length || size > largestGrid) return [strip(cells)]
  const strides = axes.map((_, at) => axes.slice(at + 1).reduce((product, axis) => product * axis.values.length, 1))
  // down, across, then one panel a value; a milestone axis makes the panels, wherever the file has it
  const order = axes.map((_, at) => at).sort((a, b) => Number(axes[a]!.milestone) - Number(axes[b]!.milestone))
  const [down, across, panel] = order.length === 1 ? [undefined, order[0], undefined] : order
  const values = (at: number | undefined) =>
    at === undefined ? [0] : axes[at]!.values.map((_, value) => value * strides[at]!)
  return values(panel).map((panelOffset) => ({
    columns: values(across).length,
    cells: values(down).flatMap((row) => values(across).map((column) => cells[panelOffset + row + column]!)),
  }))
}

/** Neighbours in the plan share a mark; it shows the best of them, or else what most needs attention. */
function strip(cells: Cell[]): { columns: number; cells: Cell[] } {
  const length = Math.min(stripLength, cells.length)
  const marks = Array.from({ length }, (_, at) => {
    const share = cells.slice(Math.floor((at * cells.length) / length), Math.floor(((at + 1) * cells.length) / length))
    const best = share.reduce((a, b) => ((b.score ?? -Infinity) > (a.score ?? -Infinity) ? b : a))
    if (best.score !== null) return best
    const live = share.find((cell) => cell.status === 'training' || cell.status === 'evaluating')
    return live ?? share.find((cell) => cell.status === 'failed') ?? best
  })
  return { columns: length, cells: marks }
}

function labelOf(cells: Cell[], scores: number[], low: number, high: number): string {
  const failed = cells.filter((cell) => cell.status === 'failed').length
  const parts = [
    scores.length > 0
      ? `${plural(scores.length, 'score')}, ${formatScore(low)} to ${formatScore(high)}`
      : 'no scores yet',
    failed > 0 ? `${formatCount(failed)} failed` : '',
  ]
  return parts.filter(Boolean).join('; ')
}
