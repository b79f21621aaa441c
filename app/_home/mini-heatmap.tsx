import type { PointStatus } from '../../domain/life/run-status.ts'
import { type ColourDomain, defaultAxes, positionOnScale } from '../../domain/picture/heatmap.ts'
import type { SweepSummary } from '../../contract/api/sweeps.ts'
import { type CellState, cellsOf } from '../_words/cells.ts'
import { formatCount, formatScore, plural } from '../_words/format.ts'
import { heatColor } from '../_charts/heat-scale.ts'

/** Cells that are no grid are drawn as a strip of at most so many marks. */
const stripLength = 24

/**
 * The grid as small squares on the sweep's own scale, as its large heatmaps are laid out by default; of many points a strip of
 * marks, each the best of its share of the plan. Cells stand in the plan's order: the first axis changes slowest.
 */
export function MiniHeatmap({ sweep }: { sweep: SweepSummary }) {
  const { axes, counts, range } = sweep
  const domain = range && { low: range[0], high: range[1] }
  const panels = panelsOf(
    Object.entries(axes).map(([name, length]) => ({ name, milestone: name === sweep.milestone, values: { length } })),
    cellsOf(sweep.cells),
  )
  return (
    <span className="mini" role="img" aria-label={labelOf(counts, domain)}>
      {panels.map((panel, index) => (
        <span key={index} style={{ gridTemplateColumns: `repeat(${panel.columns}, ${panel.columns > 12 ? 6 : 10}px)` }}>
          {panel.cells.map((cell, place) =>
            cell.score === null ? (
              <i key={place} className={unscored[cell.status]} />
            ) : (
              <i
                key={place}
                style={{ '--c': heatColor(positionOnScale(cell.score, domain!)) } as React.CSSProperties}
              />
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
  done: 'd',
  failed: 'x',
  cancelled: 'c',
  stopped: 'c',
}

function panelsOf(
  axes: Parameters<typeof defaultAxes>[0],
  cells: CellState[],
): { columns: number; cells: CellState[] }[] {
  const size = axes.reduce((product, axis) => product * axis.values.length, 1)
  const shown = defaultAxes(axes)
  const names = [shown.down, shown.across, shown.panel]
  const whole = axes.every((axis) => axis.values.length === 1 || names.includes(axis.name))
  if (!whole || size !== cells.length) return [strip(cells)]
  /** How far apart in the plan an axis' values stand, one entry a value. */
  const offsets = (name: string | null) => {
    const at = axes.findIndex((axis) => axis.name === name)
    const stride = axes.slice(at + 1).reduce((product, axis) => product * axis.values.length, 1)
    return at < 0 ? [0] : Array.from(axes[at]!.values, (_, value) => value * stride)
  }
  const [rows, columns] = [offsets(shown.down), offsets(shown.across)]
  return offsets(shown.panel).map((panel) => ({
    columns: columns.length,
    cells: rows.flatMap((row) => columns.map((column) => cells[panel + row + column]!)),
  }))
}

/** Neighbours in the plan share a mark; it shows the best of them, or else what most needs attention. */
function strip(cells: CellState[]): { columns: number; cells: CellState[] } {
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

function labelOf({ scored, failed }: SweepSummary['counts'], domain: ColourDomain | null): string {
  const parts = [
    domain ? `${plural(scored, 'score')}, ${formatScore(domain.low)} to ${formatScore(domain.high)}` : 'no scores yet',
    failed > 0 ? `${formatCount(failed)} failed` : '',
  ]
  return parts.filter(Boolean).join('; ')
}
