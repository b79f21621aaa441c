'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import type { LastMetrics } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { CompareLink, useCompareChoice } from '../../_checkpoints/compare-choice.tsx'
import { plural } from '../../_words/format.ts'
import { useTRPC } from '../../_shell/trpc.ts'
import { useHeldRows } from '../../_tables/use-held-rows.ts'
import { TableBody } from '../../_tables/virtual-rows.tsx'
import { whiskerDomain } from '../../_charts/whisker.tsx'
import { BracketNote, LeaderboardFrame, LeaderboardHead } from './leaderboard-frame.tsx'
import {
  benchmarksOf,
  bestFirst,
  filterFields,
  filterPoints,
  type MetricValues,
  rowsWithBracket,
  type Sort,
  sortPoints,
  unknownNames,
} from './leaderboard-order.ts'
import { LeaderboardRow } from './leaderboard-row.tsx'
import styles from './leaderboard.module.css'
import { MetricChooser, useMetricColumns } from './metric-columns.tsx'

type Props = { sweep: SweepDetail; pinned: number | null; onPin: (pointId: number | null) => void }

/** Every point with its settings, score, interval, chance of being the best and accuracies. */
export function Leaderboard({ sweep, pinned }: Props) {
  const { axes, points } = sweep
  const [sort, setSort] = useState<Sort>(bestFirst)
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed)
  const compare = useCompareChoice()
  const fields = useMemo(() => filterFields(sweep), [sweep])
  const benchmarks = useMemo(() => benchmarksOf(sweep), [sweep])
  const [metrics, showMetrics] = useMetricColumns(sort, setSort)
  const { values, pending } = useMetricValues(sweep.id, [...metrics, ...unknownNames(text, fields)])
  const filtered = useMemo(() => filterPoints(points, text, fields, values), [points, text, fields, values])
  const sorted = useMemo(() => sortPoints(filtered.points, axes, sort, values), [filtered.points, axes, sort, values])
  const domain = useMemo(() => whiskerDomain(points), [points])
  const ranks = useMemo(() => {
    const scored = sortPoints(points, axes, bestFirst).filter((point) => point.score !== null)
    return new Map(scored.map((point, at) => [point.id, at + 1]))
  }, [points, axes])
  const held = useHeldRows(sorted, {
    keyOf: (point) => point.id,
    order: `${sort.key} ${sort.descending} ${text} ${Object.keys(values).join(' ')}`,
    isNews: (before, after) => before.score === null && after.score !== null,
  })
  const valuesOf = useMemo(() => byRun(values, metrics), [values, metrics])
  const byScore = sort.key === 'score' && sort.descending
  const bestId = sweep.best?.pointId
  const tied = points.filter((point) => point.tiedWithBest && point.id !== bestId).length
  const items = useMemo(
    () => rowsWithBracket(held.rows, byScore && tied > 0, bestId),
    [held.rows, byScore, tied, bestId],
  )
  const columns = 7 + axes.length + benchmarks.length + metrics.length
  const news = (held.news > 0 || held.moved) && (
    <span className="small ink2" role="status">
      {held.news > 0 ? plural(held.news, 'new score') : 'The order has changed'},{' '}
      <button type="button" className="link" onClick={held.apply}>
        show
      </button>
    </span>
  )
  return (
    <LeaderboardFrame
      sweep={sweep}
      tied={tied}
      rounded={points.filter((point) => point.rounded).length}
      typed={typed}
      onType={setTyped}
      filter={text}
      error={pending ? null : filtered.error}
      passing={filtered.points.length}
      chooser={<MetricChooser sweepId={sweep.id} shown={metrics} onChange={showMetrics} />}
      news={
        <>
          {news}
          <CompareLink chosen={compare.chosen} onClear={compare.clear} />
        </>
      }
    >
      <div className="table-wrap" {...held.holders}>
        <table className={styles.board} aria-label="Leaderboard" aria-rowcount={points.length + 1}>
          <LeaderboardHead sweep={sweep} benchmarks={benchmarks} metrics={metrics} sort={sort} onSort={setSort} />
          <TableBody
            items={items}
            columns={columns}
            rowHeight={29}
            keyOf={(item) => item.key}
            render={(item) =>
              item.point === null ? (
                <BracketNote columns={columns} />
              ) : (
                <LeaderboardRow
                  point={item.point}
                  brace={item.brace}
                  axes={axes}
                  benchmarks={benchmarks}
                  metrics={metrics}
                  values={valuesOf(item.point.runId)}
                  domain={domain}
                  rank={ranks.get(item.point.id) ?? null}
                  best={item.point.id === bestId}
                  open={item.point.id === pinned}
                  ticked={item.point.checkpoint !== null && compare.chosen.includes(item.point.checkpoint.id)}
                  onTick={compare.toggle}
                />
              )
            }
          />
        </table>
      </div>
    </LeaderboardFrame>
  )
}

const none: MetricValues = {}

/** Last values of these metrics; `pending`: those of the question before, until the answer is there. */
function useMetricValues(id: number, metrics: string[]): { values: MetricValues; pending: boolean } {
  const trpc = useTRPC()
  const query = useQuery(
    trpc.sweeps.metricValues.queryOptions(
      { id, metrics },
      { enabled: metrics.length > 0, placeholderData: keepPreviousData },
    ),
  )
  if (metrics.length === 0) return { values: none, pending: false }
  return { values: query.data ?? none, pending: query.isPending || query.isPlaceholderData }
}

/** Each run's values of the metrics shown: the same object for every row of the run, so that its rows are not drawn again. */
function byRun(values: MetricValues, metrics: string[]): (runId: number) => LastMetrics | undefined {
  const found = new Map<number, LastMetrics>()
  for (const metric of metrics) {
    for (const [runId, value] of Object.entries(values[metric] ?? {})) {
      const ofRun = found.get(Number(runId)) ?? {}
      ofRun[metric] = value
      found.set(Number(runId), ofRun)
    }
  }
  return (runId) => found.get(runId)
}
