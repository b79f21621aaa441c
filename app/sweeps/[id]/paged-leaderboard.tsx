'use client'
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useDeferredValue, useRef, useState } from 'react'
import type { PointsPage } from '../../../server/views/points.ts'
import type { SweepDetail } from '../../../server/views/sweeps.ts'
import { CompareLink, useCompareChoice } from '../../_components/compare-choice.tsx'
import { useTRPC } from '../../_components/trpc.ts'
import { Spacer, useOffset } from '../../_components/virtual-rows.tsx'
import { whiskerDomain } from '../../_components/whisker.tsx'
import { BracketNote, LeaderboardFrame, LeaderboardHead } from './leaderboard-frame.tsx'
import { benchmarksOf, bestFirst, type Sort } from './leaderboard-order.ts'
import { LeaderboardRow } from './leaderboard-row.tsx'
import styles from './leaderboard.module.css'

/** Points a request. Pages are read this many rows before they are reached. */
const rowsEachPage = 100
const rowsAhead = 150
const rowHeight = 29

type Props = { sweep: SweepDetail; pinned: number | null }

/** The leaderboard of a sweep whose points do not fit into one answer: sorted, filtered and read by the page by the server. */
export function PagedLeaderboard({ sweep, pinned }: Props) {
  const [sort, setSort] = useState<Sort>(bestFirst)
  const [typed, setTyped] = useState('')
  const filter = useDeferredValue(typed)
  const compare = useCompareChoice()
  const { large, axes, counts } = sweep
  const benchmarks = benchmarksOf(sweep)
  const columns = 7 + axes.length + benchmarks.length
  const body = useRef<HTMLTableSectionElement>(null)
  const offset = useOffset(body)
  const [total, setTotal] = useState(counts.points)
  // oxlint-disable-next-line react/incompatible-library -- its answers are read in this render and kept nowhere
  const virtual = useWindowVirtualizer({
    count: total,
    estimateSize: () => rowHeight,
    overscan: 30,
    scrollMargin: offset,
  })
  const shown = virtual.getVirtualItems()
  const [first, last] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0]
  const pages = usePages(sweep.id, { sort, filter: filter.trim() }, first, last, total)
  const any = pages.values().next().value
  if (any && any.total !== total) setTotal(any.total)
  const before = shown.length > 0 ? shown[0]!.start - offset : 0
  const after = shown.length > 0 ? virtual.getTotalSize() - (shown.at(-1)!.end - offset) : 0
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
      news={<CompareLink chosen={compare.chosen} onClear={compare.clear} />}
    >
      <div className="table-wrap">
        <table className={styles.board} aria-label="Leaderboard" aria-rowcount={total + 1}>
          <LeaderboardHead sweep={sweep} benchmarks={benchmarks} sort={sort} onSort={setSort} />
          <tbody ref={body}>
            <Spacer columns={columns} height={before} />
            {shown.map(({ index }) => {
              const page = pages.get(Math.floor(index / rowsEachPage))
              const row = page?.rows[index - page.offset]
              const noteBelow = page?.lastTied === index && index + 1 < total && (large?.tiedWithBest ?? 0) > 0
              if (!row) return <Unread key={index} columns={columns} />
              return [
                <LeaderboardRow
                  key={row.point.id}
                  point={row.point}
                  brace={large?.tiedWithBest ? row.brace : null}
                  axes={axes}
                  benchmarks={benchmarks}
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

/** The pages around the rows `first` to `last`, by their number; those of the order before until the first of the new is there. */
function usePages(
  id: number,
  asked: { sort: Sort; filter: string },
  first: number,
  last: number,
  total: number,
): Map<number, PointsPage> {
  const trpc = useTRPC()
  const from = Math.max(0, Math.floor((first - rowsAhead) / rowsEachPage))
  const to = Math.max(from, Math.floor(Math.min(total - 1, last + rowsAhead) / rowsEachPage))
  const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at)
  const queries = useQueries({
    queries: numbers.map((number) =>
      trpc.sweeps.points.queryOptions(
        { id, ...asked, offset: number * rowsEachPage, limit: rowsEachPage },
        { placeholderData: keepPreviousData, staleTime: 60_000, gcTime: 60_000 },
      ),
    ),
  })
  const pages = new Map<number, PointsPage>()
  // an answer kept from before may be another page: it says itself where it belongs
  for (const { data, isPlaceholderData } of queries) {
    if (data && !isPlaceholderData) pages.set(data.offset / rowsEachPage, data)
  }
  for (const { data, isPlaceholderData } of queries) {
    const number = data === undefined ? -1 : data.offset / rowsEachPage
    if (data && isPlaceholderData && !pages.has(number)) pages.set(number, data)
  }
  return pages
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
