'use client'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { CurveAxis } from './curve-axis.ts'
import { type BoardChart, CurveBoard } from './curve-board.tsx'
import { CurveChart } from './curve-chart.tsx'
import type { CurveMarks } from './curve-drawing.ts'
import styles from './curves.module.css'
import { useNearSeries } from './use-near-series.ts'

type Props = {
  /** Up to 50: each chart draws all of them. */
  runIds: number[]
  metrics: string[]
  /** Steps from the first to the last that the charts show before anyone zooms. */
  steps: [number, number]
  marks: CurveMarks
  /** Charts that are shown before anyone asks for more. */
  shownAtFirst?: number
  /** Charts of something else on the same axis, above the others; `range` is what they show of it now. */
  renderBefore?: (range: [number, number], axis: CurveAxis) => ReactNode
  /** A CSS colour for each run. */
  colours?: string[]
}

const smoothedFromSteps = 50

/** One chart a metric, in as many columns as there is room for. A drag zooms and reads finer data for what it shows; a double click shows all. */
export function Curves({ runIds, metrics, steps, marks, shownAtFirst = 8, renderBefore, colours }: Props) {
  return (
    <CurveBoard
      runIds={runIds}
      metrics={metrics}
      steps={steps}
      // a short run has too few points for a mean of them to say more than they do
      smoothing={steps[1] - steps[0] < smoothedFromSteps ? 'none' : 'medium'}
      shownAtFirst={shownAtFirst}
      mostAtOnce={100}
      className={styles.grid}
      renderBefore={renderBefore}
      renderChart={(chart) => (
        <Chart key={chart.metric} {...chart} runIds={runIds} marks={marks} colours={colours} withAxis />
      )}
    />
  )
}

type ChartProps = BoardChart & Omit<Parameters<typeof CurveChart>[0], 'series'> & { runIds: number[] }

/** Reads its metric as finely as there are pixels. */
function Chart({ runIds, zoomed, ...chart }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const [buckets, setBuckets] = useState(0)
  const { near, query } = useNearSeries(holder, { ...chart, runIds, zoomed, buckets })
  // its range grows with every step of a live run: what nobody sees is not drawn again for that
  const drawn = useRef(chart)
  if (near) drawn.current = chart
  useEffect(() => {
    // steps of a hundred pixels: a window that is being resized must not ask at every one
    const resize = new ResizeObserver(([entry]) =>
      setBuckets(Math.max(100, 100 * Math.ceil(entry!.contentRect.width / 100))),
    )
    resize.observe(holder.current!)
    return () => resize.disconnect()
  }, [])
  return (
    <div ref={holder} style={{ minHeight: 136 }}>
      {query.data && <CurveChart {...drawn.current} series={query.data} />}
      {query.error && !query.data && <p className="error">The values of {chart.metric} could not be read.</p>}
    </div>
  )
}
