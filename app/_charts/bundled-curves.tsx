'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import { BundleChart } from './bundle-chart.tsx'
import { type BoardChart, CurveBoard } from './curve-board.tsx'
import type { Line } from './line-bundle.ts'
import { useNearLines } from './use-near-series.ts'
import { useTRPC } from '../_shell/trpc.ts'
import styles from './run-bundle.module.css'

type Props = {
  /** Names of the metrics that any of the runs has; undefined until they are read. */
  metrics: readonly string[] | undefined
  lines: readonly Line[]
  pointed: string | null
  onPoint: (key: string | null) => void
  onOpen: (line: Line) => void
}

/** As finely as a chart of half the page's width shows; of very many lines, as finely as one tells them apart. */
const bucketsFor = (runs: number) => (runs > 30 ? 200 : 500)

/** A chart for each metric of the runs, two across where there is room, with one line pointed at in all. */
export function BundledCurves({ metrics, lines, pointed, onPoint, onOpen }: Props) {
  const trpc = useTRPC()
  const key = lines.flatMap(({ runs }) => runs.map(({ id }) => id)).join(' ')
  const runIds = useMemo(() => key.split(' ').map(Number), [key])
  const reached = useQuery({ ...trpc.runs.lastStep.queryOptions({ runIds }), placeholderData: keepPreviousData })
  if (metrics === undefined) return null
  if (metrics.length === 0) return <p className="ink3">None of its runs reported a metric.</p>
  return (
    <CurveBoard
      runIds={runIds}
      metrics={metrics}
      steps={[0, Math.max(1, reached.data ?? 0)]}
      smoothing="none"
      shownAtFirst={6}
      mostAtOnce={24}
      className={styles.charts}
      renderChart={(chart) => (
        <Chart
          key={chart.metric}
          {...chart}
          runIds={runIds}
          lines={lines}
          pointed={pointed}
          onPoint={onPoint}
          onOpen={onOpen}
        />
      )}
    />
  )
}

type ChartProps = BoardChart & Omit<Parameters<typeof BundleChart>[0], 'read'> & { runIds: number[] }

function Chart({ runIds, zoomed, ...chart }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const { near, query } = useNearLines(holder, { ...chart, runIds, zoomed, buckets: bucketsFor(runIds.length) })
  // its range grows with every step of a live run: what nobody sees is not drawn again for that
  const drawn = useRef(chart)
  if (near) drawn.current = chart
  return (
    <div ref={holder} className={styles.chart}>
      {!(query.error && !query.data) && <BundleChart {...drawn.current} read={query.data?.lines} />}
      {query.error && !query.data && <p className="error">The values of {chart.metric} could not be read.</p>}
    </div>
  )
}
