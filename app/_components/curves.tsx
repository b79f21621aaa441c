'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { CurveChart } from './curve-chart.tsx'
import type { CurveMarks } from './curve-drawing.ts'
import { type Smoothing, smoothingWindow } from './curve-data.ts'
import styles from './curves.module.css'
import { formatCount } from './format.ts'
import { useTRPC } from './trpc.ts'

type Props = {
  /** Up to 50: each chart draws all of them. */
  runIds: number[]
  metrics: string[]
  /** Steps from the first to the last that the charts show before anyone zooms. */
  steps: [number, number]
  marks: CurveMarks
  /** Charts that are shown before anyone asks for more. */
  shownAtFirst?: number
  /** Charts of something else on the same axis, above the others; `range` is what they show now. */
  renderBefore?: (range: [number, number]) => ReactNode
  /** A CSS colour for each run. */
  colours?: string[]
}

const searchedFrom = 6
const smoothedFromSteps = 50
/** With more charts than this each has its own axis, or it would be out of sight. */
const shareAxisUpTo = 4

/**
 * One chart a metric, stacked, with one crosshair and one zoom for all. A drag zooms and reads finer data for what it shows;
 * a double click shows everything again.
 */
export function Curves({ runIds, metrics, steps, marks, shownAtFirst = 8, renderBefore, colours }: Props) {
  const [zoom, setZoom] = useState<[number, number] | null>(null)
  const [chosen, setSmoothing] = useState<Smoothing | null>(null)
  const [logarithmic, setLogarithmic] = useState(false)
  const [search, setSearch] = useState('')
  const [all, setAll] = useState(false)
  const syncKey = useId()

  const range = zoom ?? steps
  // a short run has too few points for a mean of them to say more than they do
  const smoothing = chosen ?? (steps[1] - steps[0] < smoothedFromSteps ? 'none' : 'medium')
  const window = smoothingWindow(smoothing, range[1] - range[0])
  const wanted = search.trim().toLowerCase()
  const found = metrics.filter((metric) => metric.toLowerCase().includes(wanted))
  const shown = all || wanted !== '' ? found : found.slice(0, shownAtFirst)
  const words = (choice: Smoothing, word: string) => {
    const over = smoothingWindow(choice, range[1] - range[0])
    return choice === 'none' ? 'none' : `${word}, over ${formatCount(over)} steps`
  }
  return (
    <div>
      <div className={styles.controls}>
        {metrics.length >= searchedFrom && (
          <input
            type="search"
            placeholder="Find a metric"
            aria-label="Find a metric"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
        <label>
          Smoothing
          <select
            aria-label="Smoothing"
            value={smoothing}
            onChange={(event) => setSmoothing(event.target.value as Smoothing)}
          >
            <option value="none">{words('none', '')}</option>
            <option value="light">{words('light', 'light')}</option>
            <option value="medium">{words('medium', 'medium')}</option>
            <option value="strong">{words('strong', 'strong')}</option>
          </select>
        </label>
        <label>
          <input type="checkbox" checked={logarithmic} onChange={(event) => setLogarithmic(event.target.checked)} />
          Log scale
        </label>
        {zoom && (
          <button type="button" className="btn sm" onClick={() => setZoom(null)}>
            Show all steps
          </button>
        )}
        <span className={styles.note} aria-live="polite">
          {zoom && `steps ${formatCount(Math.round(zoom[0]))} to ${formatCount(Math.round(zoom[1]))}`}
        </span>
      </div>
      {wanted === '' && renderBefore?.(range)}
      {shown.map((metric, at) => (
        <Chart
          key={metric}
          runIds={runIds}
          metric={metric}
          range={range}
          zoomed={zoom !== null}
          window={window}
          logarithmic={logarithmic}
          withAxis={shown.length > shareAxisUpTo || at === shown.length - 1}
          marks={marks}
          colours={colours}
          syncKey={syncKey}
          onZoom={(next) => setZoom(next && [Math.max(steps[0], next[0]), Math.min(steps[1], next[1])])}
        />
      ))}
      {shown.length === 0 && <p className="ink3 small">No metric has “{search.trim()}” in its name.</p>}
      {shown.length < found.length && (
        <button type="button" className="btn sm" style={{ marginTop: 12 }} onClick={() => setAll(true)}>
          Show all {found.length} metrics
        </button>
      )}
    </div>
  )
}

type ChartProps = Omit<Parameters<typeof CurveChart>[0], 'series'> & { runIds: number[]; zoomed: boolean }

/** Reads its metric while it is near the screen, as finely as there are pixels, and again when the zoom changes. */
function Chart({ runIds, zoomed, ...chart }: ChartProps) {
  const trpc = useTRPC()
  const holder = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(false)
  const [buckets, setBuckets] = useState(0)
  // its range grows with every step of a live run: what nobody sees is not drawn again for that
  const drawn = useRef(chart)
  if (near) drawn.current = chart
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setNear(entry!.isIntersecting), {
      rootMargin: '200px',
    })
    observer.observe(holder.current!)
    // steps of a hundred pixels: a window that is being resized must not ask at every one
    const resize = new ResizeObserver(([entry]) =>
      setBuckets(Math.max(100, 100 * Math.ceil(entry!.contentRect.width / 100))),
    )
    resize.observe(holder.current!)
    return () => {
      observer.disconnect()
      resize.disconnect()
    }
  }, [])
  const query = useQuery({
    ...trpc.runs.series.queryOptions({
      runIds,
      metrics: [chart.metric],
      buckets,
      // one bucket more at each side, so that lines run to the edge
      ...(zoomed && { from: Math.max(0, Math.floor(chart.range[0]) - 1), to: Math.ceil(chart.range[1]) + 1 }),
    }),
    // what nobody sees is not read again while its run lives: it is when it comes near again
    enabled: near && buckets > 0,
    placeholderData: keepPreviousData,
  })
  return (
    <div ref={holder} style={{ minHeight: 136 }}>
      {query.data && <CurveChart {...drawn.current} series={query.data} />}
      {query.error && !query.data && <p className="error">The values of {chart.metric} could not be read.</p>}
    </div>
  )
}
