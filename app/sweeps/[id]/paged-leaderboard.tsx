'use client'
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import type { PointsPage } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { CompareLink, useCompareChoice } from '../../_checkpoints/compare-choice.tsx'
import { pagesByNumber, rowsEachPage, usePagedRows } from '../../_tables/paged-rows.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { Spacer } from '../../_tables/virtual-rows.tsx'
import { whiskerDomain } from '../../_charts/whisker.tsx'
import { BracketNote, LeaderboardFrame, LeaderboardHead } from './leaderboard-frame.tsx'
import { benchmarksOf, bestFirst, type Sort } from './leaderboard-order.ts'
import { LeaderboardRow } from './leaderboard-row.tsx'
import styles from './leaderboard.module.css'
import { MetricChooser, useMetricColumns } from './metric-columns.tsx'

const rowHeight = 29

type Props = { sweep: SweepDetail; pinned: number | null }

/** The leaderboard of a sweep whose points do not fit into one answer: sorted, filtered and read by the page by the server. */
export function PagedLeaderboard({ sweep, pinned }: Props) {
  const [sort, setSort] = useState<Sort>(bestFirst)
  const [typed, setTyped] = useState('')
  const filter = useDeferredValue(typed)
  const compare = useCompareChoice()
  const [metrics, showMetrics] = useMetricColumns(sort, setSort)
  const { large, axes, counts } = sweep
  const benchmarks = benchmarksOf(sweep)
  const columns = 7 + axes.length + benchmarks.length + metrics.length
  const [total, setTotal] = useState(counts.points)
  const { body, indexes, pageNumbers, before, after } = usePagedRows(total, rowHeight)
  const pages = usePages(sweep.id, { sort, filter: filter.trim(), metrics }, pageNumbers)
  const any = pages.values().next().value
  if (any && any.total !== total) setTotal(any.total)
  const domain = whiskerDomain([{ score: null, interval: large?.extremes ?? null }])
  const bestId = sweep.best?.pointId
  return (
    <LeaderboardFrame
      sweep={sweep}
      tied={large?.tiedWithBest ?? 0}
      rounded={large?.rounded ?? 0}
      typed={typed}
      onType={setTyped}
      filter={filter}
      error={any?.error ?? null}
      passing={total}
      chooser={<MetricChooser sweepId={sweep.id} shown={metrics} onChange={showMetrics} />}
      news={<CompareLink chosen={compare.chosen} onClear={compare.clear} />}
    >
      <div className="table-wrap">
        <table className={styles.board} aria-label="Leaderboard" aria-rowcount={total + 1}>
          <LeaderboardHead sweep={sweep} benchmarks={benchmarks} metrics={metrics} sort={sort} onSort={setSort} />
          <tbody ref={body}>
            <Spacer columns={columns} height={before} />
            {indexes.map((index) => {
              const page = pages.get(Math.floor(index / rowsEachPage))
              const row = page?.rows[index - page.offset]
              const noteBelow = page?.lastTied === index && index + 1 < total && (large?.tiedWithBest ?? 0) > 0
              if (!row) return <Unread key={`unread-${index}`} columns={columns} />
              return [
                <LeaderboardRow
                  key={row.point.id}
                  point={row.point}
                  brace={large?.tiedWithBest ? row.brace : null}
                  axes={axes}
                  benchmarks={benchmarks}
                  metrics={metrics}
                  values={row.metrics}
                  domain={domain}
                  rank={row.rank}
                  best={row.point.id === bestId}
                  open={row.point.id === pinned}
                  ticked={row.point.checkpoint !== null && compare.chosen.includes(row.point.checkpoint.id)}
                  onTick={compare.toggle}
                />,
                noteBelow && <BracketNote key="note" columns={columns} />,
              ]
            })}
            <Spacer columns={columns} height={after} />
          </tbody>
        </table>
      </div>
    </LeaderboardFrame>
  )
}

function pageOf(id: number, asked: { sort: Sort; filter: string; metrics: string[] }, number: number) {
  return { id, ...asked, offset: number * rowsEachPage, limit: rowsEachPage }
}

/** What is asked for the leaderboard as it opens. */
export function firstPoints(id: number) {
  return pageOf(id, { sort: bestFirst, filter: '', metrics: [] }, 0)
}

/** The pages of these numbers, as far as they are there. */
function usePages(
  id: number,
  asked: { sort: Sort; filter: string; metrics: string[] },
  numbers: number[],
): Map<number, PointsPage> {
  const trpc = useTRPC()
  return pagesByNumber(
    useQueries({
      queries: numbers.map((number) =>
        trpc.sweeps.points.queryOptions(pageOf(id, asked, number), {
          placeholderData: keepPreviousData,
          staleTime: 60_000,
          gcTime: 60_000,
        }),
      ),
    }),
  )
}

/** A row that is on its way: its place is kept. */
function Unread({ columns }: { columns: number }) {
  return (
    <tr aria-busy="true" data-unread="">
      <td className={styles.brace} aria-hidden="true" />
      <td colSpan={columns - 1} className="ink3">
        …
      </td>
    </tr>
  )
}
