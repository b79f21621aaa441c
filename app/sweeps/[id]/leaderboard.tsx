'use client'
import { useDeferredValue, useState } from 'react'
import { bestFirst, type Sort } from '../../../domain/asking/order.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { plural } from '../../_words/format.ts'
import { CompareLink, useCompareChoice } from '../../_checkpoints/compare-choice.tsx'
import { rowsEachPage, usePagedRows } from '../../_tables/paged-rows.tsx'
import { Spacer, UnreadRow } from '../../_tables/virtual-rows.tsx'
import { whiskerDomain } from '../../_charts/whisker.tsx'
import { BracketNote, LeaderboardFrame, LeaderboardHead, othersOf } from './leaderboard-frame.tsx'
import { LeaderboardRow } from './leaderboard-row.tsx'
import styles from './leaderboard.module.css'
import { MetricChooser, useMetricColumns } from './metric-columns.tsx'
import { useHeldPages } from './use-held-pages.ts'

const rowHeight = 29

/** Every point with its settings, score, interval, chance of being the best and accuracies: sorted, filtered and read by the page by the server. */
export function Leaderboard({ sweep, pinned }: { sweep: SweepDetail; pinned: number | null }) {
  const [sort, setSort] = useState<Sort>(bestFirst)
  const [typed, setTyped] = useState('')
  const filter = useDeferredValue(typed)
  const compare = useCompareChoice()
  const [metrics, showMetrics] = useMetricColumns(sort, setSort)
  const { inShort, axes, counts } = sweep
  const { benchmarks } = inShort
  const races = sweep.race !== null
  // a metric has no interval, and no baseline at 1
  const hasIntervals = sweep.objective === null
  const others = othersOf(sweep)
  const { objectives, constraints = [] } = sweep.definition
  const beside = others.length + Number(objectives !== undefined) + Number(constraints.length > 0)
  const figures = 1 + 2 * Number(hasIntervals) + Number(races) + benchmarks.length + beside
  const columns = 4 + axes.length + figures + metrics.length
  const [total, setTotal] = useState(counts.points)
  const { body, indexes, pageNumbers, before, after } = usePagedRows(total, rowHeight)
  const { pages, held, holders, apply } = useHeldPages(sweep.id, { sort, filter: filter.trim(), metrics }, pageNumbers)
  const any = pages.values().next().value
  if (any && any.total !== total) setTotal(any.total)
  const domain = hasIntervals ? whiskerDomain([{ score: null, interval: inShort.extremes }]) : null
  const bestId = sweep.best?.pointId
  return (
    <LeaderboardFrame
      sweep={sweep}
      typed={typed}
      onType={setTyped}
      filter={filter}
      error={any?.error ?? null}
      passing={total}
      chooser={<MetricChooser sweepId={sweep.id} shown={metrics} onChange={showMetrics} />}
      news={
        <>
          {held && any && (any.news > 0 || any.moved) && (
            <span className="small ink2" role="status">
              {any.news > 0 ? plural(any.news, 'new score') : 'The order has changed'},{' '}
              <button type="button" className="link" onClick={apply}>
                show
              </button>
            </span>
          )}
          <CompareLink chosen={compare.chosen} onClear={compare.clear} />
        </>
      }
    >
      <div className="table-wrap" {...holders}>
        <table className={styles.board} aria-label="Leaderboard" aria-rowcount={total + 1}>
          <LeaderboardHead sweep={sweep} benchmarks={benchmarks} metrics={metrics} sort={sort} onSort={setSort} />
          <tbody ref={body}>
            <Spacer columns={columns} height={before} />
            {indexes.map((index) => {
              const page = pages.get(Math.floor(index / rowsEachPage))
              const row = page?.rows[index - page.offset]
              if (!row) return <UnreadRow key={`unread-${index}`} columns={columns} />
              return [
                <LeaderboardRow
                  key={row.point.id}
                  point={row.point}
                  brace={row.brace}
                  axes={axes}
                  benchmarks={benchmarks}
                  metrics={metrics}
                  values={row.metrics}
                  domain={domain}
                  rank={row.rank}
                  best={row.point.id === bestId}
                  races={races}
                  figures={figures}
                  others={objectives === undefined ? null : others}
                  constraints={constraints}
                  hasIntervals={hasIntervals}
                  open={row.point.id === pinned}
                  ticked={row.point.checkpointId !== null && compare.chosen.includes(row.point.checkpointId)}
                  onTick={compare.toggle}
                />,
                page?.bracketEnd === index && <BracketNote key="note" columns={columns} />,
              ]
            })}
            <Spacer columns={columns} height={after} />
          </tbody>
        </table>
      </div>
    </LeaderboardFrame>
  )
}
