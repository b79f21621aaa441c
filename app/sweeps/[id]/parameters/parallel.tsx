'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { ParallelView, ParametersView } from '../../../../contract/api/parameters.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { Ghost } from '../../../_shell/load-states.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { ParallelChart } from './parallel-chart.tsx'
import { parallelColumns, type Ranges, linesWithin, withRange } from './parallel-columns.ts'
import { measureName } from './parameter-words.ts'
import { mostRows, PassingPoints } from './passing-points.tsx'
import { RangeSliders } from './range-sliders.tsx'

const millisecondsBeforeAsking = 150

/** Every scored point as a line over axes, benchmarks and score; ranges on any of them keep points, which are listed below. */
export function Parallel({ view, id }: { view: ParametersView; id: number }) {
  const trpc = useTRPC()
  const [ranges, setRanges] = useState<Ranges>({})
  const [pointed, setPointed] = useState<number | null>(null)
  const settled = useSettled(ranges)
  const all = useParsed(useQuery(trpc.sweeps.parallel.queryOptions({ id }, { placeholderData: keepPreviousData })).data)
  const sampled = all !== null && all.ids.length < all.scored
  // where the page holds every point it need not ask
  const asks = sampled && Object.keys(settled).length > 0
  const kept = useParsed(
    useQuery(
      trpc.sweeps.parallel.queryOptions({ id, ranges: settled }, { enabled: asks, placeholderData: keepPreviousData }),
    ).data,
  )
  const shown = asks ? (kept ?? all) : all
  const columns = useMemo(() => (all && shown ? parallelColumns(view, all, shown) : []), [view, all, shown])
  const passing = useMemo(() => (shown ? linesWithin(columns, ranges, shown.ids.length) : []), [columns, ranges, shown])
  if (all === null || shown === null) {
    return (
      <section className="section" aria-labelledby="parallel-title">
        <h2 id="parallel-title">Every point as a line</h2>
        <Ghost lines={8} />
      </section>
    )
  }
  const narrowed = Object.keys(ranges).length > 0
  const total = sampled ? (asks ? shown.passing : all.scored) : passing.length
  return (
    <section className="section" aria-labelledby="parallel-title">
      <div className="section-head">
        <h2 id="parallel-title">Every point as a line</h2>
        <span className="note">
          lighter: {view.objective?.goal === 'minimize' ? 'lower' : 'higher'} {measureName(view)}; drag along a column,
          or move its two handles below, to keep points
        </span>
        <div className="actions">
          <span className="small ink2" role="status">
            {narrowed
              ? `${formatCount(total)} of ${plural(all.scored, 'point')} within the ranges`
              : plural(all.scored, 'point')}
            {passing.length < total && `, ${formatCount(passing.length)} drawn: the best 200, the others at even ranks`}
          </span>
          <button type="button" className="btn sm" disabled={!narrowed} onClick={() => setRanges({})}>
            Show all
          </button>
        </div>
      </div>
      <ParallelChart
        columns={columns}
        points={shown}
        goal={view.objective?.goal ?? 'maximize'}
        passing={passing}
        ranges={ranges}
        pointed={pointed}
        onPoint={setPointed}
        onRange={(column, range) => setRanges((before) => withRange(before, column, range))}
      />
      <RangeSliders
        columns={columns}
        ranges={ranges}
        onRange={(column, range) => setRanges((before) => withRange(before, column, range))}
      />
      {/* as high as with every point: a page that shrank would move the column away from under the pointer */}
      <div style={{ minHeight: 64 + 30 * Math.min(mostRows, all.scored) }}>
        <PassingPoints
          view={view}
          points={shown}
          passing={passing}
          total={total}
          pointed={pointed}
          onPoint={setPointed}
        />
      </div>
    </section>
  )
}

function useParsed(text: string | undefined): ParallelView | null {
  return useMemo(() => (text === undefined ? null : (JSON.parse(text) as ParallelView)), [text])
}

/** The ranges once they stand still for a moment: the server is not asked while a handle moves. */
function useSettled(ranges: Ranges): Ranges {
  const [settled, setSettled] = useState(ranges)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(ranges), millisecondsBeforeAsking)
    return () => clearTimeout(timer)
  }, [ranges])
  return settled
}
