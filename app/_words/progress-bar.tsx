import type { PointStatus } from '../../domain/life/run-status.ts'
import type { CellsView, SweepSummary } from '../../contract/api/sweeps.ts'
import { type CellState, cellsOf } from './cells.ts'

/** What is finished stands first, then what went wrong, what runs, and what waits. */
const order: Record<PointStatus, number> = {
  scored: 0,
  done: 0,
  failed: 1,
  cancelled: 2,
  stopped: 3,
  evaluating: 4,
  training: 5,
  waiting: 6,
}
const classes: Record<PointStatus, string | undefined> = {
  scored: 'done',
  done: 'done',
  failed: 'bad',
  cancelled: 'off',
  stopped: 'off',
  evaluating: 'live',
  training: 'live',
  waiting: undefined,
}

/**
 * One segment a point: filled is scored, accent is live, danger is failed. Where there are more points than fit,
 * one segment a status, as wide as its share.
 */
export function ProgressBar(props: {
  cells: CellsView
  shares: SweepSummary['shares']
  thin?: boolean
  label: string
}) {
  const { cells, shares, thin = false, label } = props
  const points = shares.reduce((sum, share) => sum + share.points, 0)
  const ended = shares.filter(({ status }) => status === 'scored' || status === 'done')
  const scored = ended.reduce((sum, share) => sum + share.points, 0)
  // of many points there are fewer cells
  const sorted = points > (thin ? 60 : 240) ? segmentsOf(shares) : sortedCells(cellsOf(cells))
  return (
    <div
      className={thin ? 'bar thin' : 'bar'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={points}
      aria-valuenow={scored}
      aria-valuetext={`${scored} of ${points}`}
    >
      {sorted.map(({ status, progress, share }, index) => (
        <i
          key={index}
          className={classes[status]}
          style={
            {
              flexGrow: share,
              ...(classes[status] === 'live' ? { '--p': `${100 * (progress ?? 0)}%` } : {}),
            } as React.CSSProperties
          }
        />
      ))}
    </div>
  )
}

type Segment = { status: PointStatus; progress: number | null; share: number }

function sortedCells(cells: CellState[]): Segment[] {
  return cells
    .map((cell) => ({ ...cell, share: 1 }))
    .sort((a, b) => order[a.status] - order[b.status] || (b.progress ?? 0) - (a.progress ?? 0))
}

function segmentsOf(shares: SweepSummary['shares']): Segment[] {
  return shares
    .map(({ status, points, progress }) => ({ status, progress, share: points }))
    .sort((a, b) => order[a.status] - order[b.status])
}
