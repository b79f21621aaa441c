'use client'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { AxisChoice } from '../../contract/api/runs.ts'
import { type CurveAxis, curveAxis, smoothingOn } from './curve-axis.ts'
import { CurveChart } from './curve-chart.tsx'
import { CurveControls } from './curve-controls.tsx'
import type { CurveMarks } from './curve-drawing.ts'
import styles from './curves.module.css'
import { formatCount } from '../_words/format.ts'
import { useTRPC } from '../_shell/trpc.ts'
import { useCurveSettings } from './use-curve-settings.ts'

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

const searchedFrom = 6
/** Charts that one press of the button adds, and that a search shows at first: a run may have thousands of metrics. */
const mostAtOnce = 100
const smoothedFromSteps = 50

/**
 * One chart a metric, in as many columns as there is room for and the order of `metrics`, with one crosshair and one zoom for all. A drag zooms and reads finer data for what it shows;
 * a double click shows everything again.
 */
export function Curves({ runIds, metrics, steps, marks, shownAtFirst = 8, renderBefore, colours }: Props) {
  const trpc = useTRPC()
  const [settings, change] = useCurveSettings()
  const [zoom, setZoom] = useState<[number, number] | null>(null)
  const [search, setSearch] = useState('')
  const [limit, setLimit] = useState(shownAtFirst)
  const syncKey = useId()
  const axes = useQuery(trpc.runs.axes.queryOptions({ runIds }))

  const choice = axes.data?.find(({ kind, missing }) => kind === settings.axis && missing === null)
  const kind = choice ? settings.axis : 'step'
  const { logarithmicX, logarithmicY } = settings
  const axis = useMemo(() => curveAxis(kind, choice, logarithmicX), [kind, choice, logarithmicX])
  const whole = wholeRange(axis, choice, steps)
  const range = zoom ?? whole
  // a short run has too few points for a mean of them to say more than they do
  const smoothing = settings.smoothing ?? (steps[1] - steps[0] < smoothedFromSteps ? 'none' : 'medium')
  const { window } = smoothingOn(kind, smoothing, range[1] - range[0])
  const wanted = search.trim().toLowerCase()
  const found = metrics.filter((metric) => metric.toLowerCase().includes(wanted))
  const shown = found.slice(0, wanted === '' ? limit : Math.max(limit, mostAtOnce))
  const more = Math.min(mostAtOnce, found.length - shown.length)
  // what the address asks for is not known to be there yet
  if (settings.axis !== 'step' && axes.isPending) return <div style={{ minHeight: 136 }} />
  return (
    <div>
      <CurveControls
        settings={{ ...settings, axis: kind, smoothing }}
        change={(changes) => {
          if (changes.axis !== undefined || changes.logarithmicX !== undefined) setZoom(null)
          change(changes)
        }}
        axes={axes.data ?? []}
        axis={axis}
        range={range}
        zoomed={zoom !== null}
        onWhole={() => setZoom(null)}
        search={metrics.length >= searchedFrom ? search : null}
        onSearch={setSearch}
      />
      {wanted === '' && renderBefore?.(range, axis)}
      <div className={styles.grid}>
        {shown.map((metric) => (
          <Chart
            key={metric}
            runIds={runIds}
            metric={metric}
            axis={axis}
            range={range}
            zoomed={zoom !== null}
            window={window}
            logarithmic={logarithmicY}
            withAxis
            marks={marks}
            colours={colours}
            syncKey={syncKey}
            onZoom={(next) => setZoom(next && [Math.max(whole[0], next[0]), Math.min(whole[1], next[1])])}
          />
        ))}
      </div>
      {shown.length === 0 && <p className="ink3 small">No metric has “{search.trim()}” in its name.</p>}
      {more > 0 && (
        <button
          type="button"
          className="btn sm"
          style={{ marginTop: 12 }}
          onClick={() => setLimit(shown.length + more)}
        >
          {shown.length + more === found.length
            ? `Show all ${formatCount(found.length)} metrics`
            : `Show ${formatCount(more)} more of ${formatCount(found.length)} metrics`}
        </button>
      )}
    </div>
  )
}

/** From the first place to the last; a logarithmic axis begins where there is something above 0. */
function wholeRange(axis: CurveAxis, choice: AxisChoice | undefined, steps: [number, number]): [number, number] {
  const [low, high] = choice?.extent ?? steps
  if (!axis.logarithmic || low > 0) return [low, high]
  if (!choice) return [1, Math.max(2, high)]
  const above = choice.runs.flatMap(({ places }) => places.find((place) => place > 0) ?? [])
  return [Math.min(...above, high / 10), high]
}

/** The axis that a reading of series asked for. */
function axisOf(options: unknown): unknown {
  return (options as { input?: { axis?: unknown } } | undefined)?.input?.axis
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
  const { kind } = chart.axis
  const [low, high] = chart.range
  const air = kind === 'step' ? 1 : 0.01 * (high - low)
  const query = useQuery({
    ...trpc.runs.series.queryOptions({
      runIds,
      metrics: [chart.metric],
      axis: kind,
      buckets,
      // a little more at each side, so that lines run to the edge
      ...(zoomed && { from: Math.max(0, low - air), to: high + air }),
    }),
    // what nobody sees is not read again while its run lives: it is when it comes near again
    enabled: near && buckets > 0,
    // what stood there stays until the new is read, but not on another axis
    placeholderData: (before, query) => (axisOf(query?.queryKey[1]) === kind ? before : undefined),
  })
  return (
    <div ref={holder} style={{ minHeight: 136 }}>
      {query.data && <CurveChart {...drawn.current} series={query.data} />}
      {query.error && !query.data && <p className="error">The values of {chart.metric} could not be read.</p>}
    </div>
  )
}
