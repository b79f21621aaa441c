import type { PointStatus } from '../../domain/run-status.ts'

type Cell = { status: PointStatus; progress: number | null }

/** What is finished stands first, then what went wrong, what runs, and what waits. */
const order: Record<PointStatus, number> = {
  scored: 0,
  failed: 1,
  cancelled: 2,
  evaluating: 3,
  training: 4,
  waiting: 5,
}
const classes: Record<PointStatus, string | undefined> = {
  scored: 'done',
  failed: 'bad',
  cancelled: 'off',
  evaluating: 'live',
  training: 'live',
  waiting: undefined,
}

/**
 * One segment a point: filled is scored, accent is live, danger is failed. Where there are more points than fit,
 * one segment a status, as wide as its share.
 */
export function ProgressBar({ cells, thin = false, label }: { cells: Cell[]; thin?: boolean; label: string }) {
  const scored = cells.filter((cell) => cell.status === 'scored').length
  const sorted = cells.length > (thin ? 60 : 240) ? sharesOf(cells) : sortedCells(cells)
  return (
    <div
      className={thin ? 'bar thin' : 'bar'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={cells.length}
      aria-valuenow={scored}
      aria-valuetext={`${scored} of ${cells.length}`}
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

function sortedCells(cells: Cell[]): Segment[] {
  return cells
    .map((cell) => ({ ...cell, share: 1 }))
    .sort((a, b) => order[a.status] - order[b.status] || (b.progress ?? 0) - (a.progress ?? 0))
}

function sharesOf(cells: Cell[]): Segment[] {
  const counts = new Map<PointStatus, { share: number; done: number }>()
  for (const { status, progress } of cells) {
    const count = counts.get(status) ?? { share: 0, done: 0 }
    counts.set(status, { share: count.share + 1, done: count.done + (progress ?? 0) })
  }
  return [...counts]
    .map(([status, { share, done }]) => ({ status, share, progress: done / share }))
    .sort((a, b) => order[a.status] - order[b.status])
}
