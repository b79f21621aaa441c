'use client'
import { useDeferredValue, useMemo, useState } from 'react'
import type { SweepDetail } from '../../../server/views.ts'
import { formatCount, plural } from '../../_components/format.ts'
import { TriangleIcon } from '../../_components/icons.tsx'
import { findField } from '../../_components/keyboard.tsx'
import { useHeldRows } from '../../_components/use-held-rows.ts'
import { TableBody } from '../../_components/virtual-rows.tsx'
import { whiskerDomain } from '../../_components/whisker.tsx'
import {
  benchmarksOf,
  bestFirst,
  filterFields,
  filterPoints,
  rowsWithBracket,
  type Sort,
  sortPoints,
} from './leaderboard-order.ts'
import { LeaderboardRow } from './leaderboard-row.tsx'
import styles from './leaderboard.module.css'

type Props = { sweep: SweepDetail; pinned: number | null; onPin: (pointId: number | null) => void }

/** Every point with its settings, score, interval, chance of being the best and accuracies. */
export function Leaderboard({ sweep, pinned }: Props) {
  const { axes, points } = sweep
  const [sort, setSort] = useState<Sort>(bestFirst)
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed)
  const fields = useMemo(() => filterFields(sweep), [sweep])
  const benchmarks = useMemo(() => benchmarksOf(sweep), [sweep])
  const filtered = useMemo(() => filterPoints(points, text, fields), [points, text, fields])
  const sorted = useMemo(() => sortPoints(filtered.points, axes, sort), [filtered.points, axes, sort])
  const domain = useMemo(() => whiskerDomain(points), [points])
  const ranks = useMemo(() => {
    const scored = sortPoints(points, axes, bestFirst).filter((point) => point.score !== null)
    return new Map(scored.map((point, at) => [point.id, at + 1]))
  }, [points, axes])
  const held = useHeldRows(sorted, {
    keyOf: (point) => point.id,
    order: `${sort.key} ${sort.descending} ${text}`,
    isNews: (before, after) => before.score === null && after.score !== null,
  })
  const byScore = sort.key === 'score' && sort.descending
  const bestId = sweep.best?.pointId
  const tied = points.filter((point) => point.tiedWithBest && point.id !== bestId).length
  const items = useMemo(
    () => rowsWithBracket(held.rows, byScore && tied > 0, bestId),
    [held.rows, byScore, tied, bestId],
  )
  const columns = 7 + axes.length + benchmarks.length
  const head = (key: string, title: string, unit = '') => (
    <SortHead key={key} name={key} title={title} unit={unit} sort={sort} onSort={setSort} />
  )
  return (
    <section className="section" aria-labelledby="board-title">
      <div className="section-head">
        <h2 id="board-title">Leaderboard</h2>
        <span className="note">{noteOf(tied, points.filter((point) => point.rounded).length)}</span>
        <div className="actions">
          {(held.news > 0 || held.moved) && (
            <span className="small ink2" role="status">
              {held.news > 0 ? plural(held.news, 'new score') : 'The order has changed'},{' '}
              <button type="button" className="link" onClick={held.apply}>
                show
              </button>
            </span>
          )}
          <input
            {...findField}
            type="search"
            className={styles.filter}
            placeholder={`score > 1 and ${axes[0]?.name ?? 'run'} = ${axes[0]?.values[0] ?? '1'}`}
            aria-label="Filter the leaderboard"
            aria-invalid={filtered.error !== null}
            aria-describedby="filter-error"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setTyped('')
            }}
          />
          <a className="btn sm" href={`/export/sweeps/${sweep.id}.csv`} download>
            CSV
          </a>
          <a className="btn sm" href={`/export/sweeps/${sweep.id}.json`} download>
            JSON
          </a>
        </div>
      </div>
      <div id="filter-error" role="status">
        {filtered.error ? (
          <p className="error">
            <TriangleIcon />
            {filtered.error}
          </p>
        ) : (
          text.trim() !== '' && (
            <p className="small ink3">
              {formatCount(filtered.points.length)} of {plural(points.length, 'point')}
            </p>
          )
        )}
      </div>
      <div className="table-wrap" {...held.holders}>
        <table className={styles.board} aria-label="Leaderboard" aria-rowcount={points.length + 1}>
          <thead>
            <tr>
              <td className={styles.brace} aria-hidden="true" />
              <th className="num">#</th>
              {axes.map((axis) => head(`axis:${axis.name}`, axis.name))}
              {head('score', 'Score')}
              <th>95 % interval, line at 1.0</th>
              {head('chance', 'Chance of best', ', %')}
              {benchmarks.map((name) => head(`benchmark:${name}`, name, ', %'))}
              {head('run', 'Run')}
            </tr>
          </thead>
          <TableBody
            items={items}
            columns={columns}
            rowHeight={29}
            keyOf={(item) => item.key}
            render={(item) =>
              item.point === null ? (
                <tr className={styles.groupNote}>
                  <td className={styles.brace} aria-hidden="true" />
                  <td colSpan={columns - 1}>
                    Below here, the best is better: the 95 % interval of the difference leaves out 0.
                  </td>
                </tr>
              ) : (
                <LeaderboardRow
                  point={item.point}
                  brace={item.brace}
                  axes={axes}
                  benchmarks={benchmarks}
                  domain={domain}
                  rank={ranks.get(item.point.id) ?? null}
                  best={item.point.id === bestId}
                  open={item.point.id === pinned}
                />
              )
            }
          />
        </table>
      </div>
      {items.length === 0 && <p className={styles.nothing}>No point passes the filter.</p>}
    </section>
  )
}

function noteOf(tied: number, rounded: number): string {
  const parts = [
    tied > 0 ? `In the bracket: the best, and ${plural(tied, 'point')} that these questions cannot tell from it` : '',
    rounded > 0 ? `Underlined: ${plural(rounded, 'published score')}, known only rounded` : '',
  ]
  return parts.filter(Boolean).join('. ')
}

type HeadProps = { name: string; title: string; unit: string; sort: Sort; onSort: (sort: Sort) => void }

function SortHead({ name, title, unit, sort, onSort }: HeadProps) {
  const on = sort.key === name
  // figures are looked at from the highest down, settings from the file's first value up
  const first = name === 'score' || name === 'chance' || name.startsWith('benchmark:')
  return (
    <th className="num" aria-sort={on ? (sort.descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" onClick={() => onSort({ key: name, descending: on ? !sort.descending : first })}>
        {title}
        {unit}
        {on && (sort.descending ? ' ↓' : ' ↑')}
      </button>
      {name.startsWith('benchmark:') && <span className={styles.ratio}>ratio</span>}
    </th>
  )
}
