'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { BundleChart } from './bundle-chart.tsx'
import { curveAxis, smoothingOn } from './curve-axis.ts'
import { CurveControls } from './curve-controls.tsx'
import type { Line } from './line-bundle.ts'
import { useCurveSettings } from './use-curve-settings.ts'
import { formatCount } from '../_words/format.ts'
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

const shownAtFirst = 6
const mostAtOnce = 24
const searchedFrom = 6
/** As finely as a chart of half the page's width shows; of very many lines, as finely as one tells them apart. */
const bucketsFor = (runs: number) => (runs > 30 ? 200 : 400)

/** A chart for each metric of the runs, two across where there is room, with one crosshair, one zoom and one line pointed at. */
export function BundledCurves({ metrics, lines, pointed, onPoint, onOpen }: Props) {
  const trpc = useTRPC()
  const [settings, change] = useCurveSettings()
  const [zoom, setZoom] = useState<[number, number] | null>(null)
  const [search, setSearch] = useState('')
  const [limit, setLimit] = useState(shownAtFirst)
  const syncKey = useId()
  const key = lines.flatMap(({ runs }) => runs.map(({ id }) => id)).join(' ')
  const runIds = useMemo(() => key.split(' ').map(Number), [key])
  const axes = useQuery({ ...trpc.runs.axes.queryOptions({ runIds }), placeholderData: keepPreviousData })
  const reached = useQuery({ ...trpc.runs.lastStep.queryOptions({ runIds }), placeholderData: keepPreviousData })
  const choice = axes.data?.find(({ kind, missing }) => kind === settings.axis && missing === null)
  const kind = choice ? settings.axis : 'step'
  const axis = useMemo(() => curveAxis(kind, choice, settings.logarithmicX), [kind, choice, settings.logarithmicX])
  const [low, high] = choice?.extent ?? [0, Math.max(1, reached.data ?? 0)]
  const whole: [number, number] =
    axis.logarithmic && low <= 0 ? [Math.max(high / 1e4, kind === 'step' ? 1 : 1e-3), high] : [low, high]
  const range = zoom ?? whole
  const smoothing = settings.smoothing ?? 'none'
  const { window } = smoothingOn(kind, smoothing, range[1] - range[0])
  const wanted = search.trim().toLowerCase()
  const found = (metrics ?? []).filter((metric) => metric.toLowerCase().includes(wanted))
  const shown = found.slice(0, limit)
  if (metrics === undefined) return null
  if (metrics.length === 0) return <p className="ink3">None of its runs reported a metric.</p>
  return (
    <>
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
      <div className={styles.charts}>
        {shown.map((metric) => (
          <Chart
            key={metric}
            runIds={runIds}
            zoomed={zoom !== null}
            metric={metric}
            lines={lines}
            axis={axis}
            range={range}
            window={window}
            logarithmic={settings.logarithmicY}
            pointed={pointed}
            onPoint={onPoint}
            onOpen={onOpen}
            onZoom={(next) => setZoom(next && [Math.max(whole[0], next[0]), Math.min(whole[1], next[1])])}
            syncKey={syncKey}
          />
        ))}
      </div>
      {shown.length === 0 && <p className="ink3 small">No metric has “{search.trim()}” in its name.</p>}
      {shown.length < found.length && (
        <button type="button" className="btn sm" onClick={() => setLimit(limit + mostAtOnce)}>
          Show {formatCount(Math.min(mostAtOnce, found.length - shown.length))} more of {formatCount(found.length)}{' '}
          metrics
        </button>
      )}
    </>
  )
}

type ChartProps = Omit<Parameters<typeof BundleChart>[0], 'series'> & { runIds: number[]; zoomed: boolean }

/** Reads its metric once it is near the screen, and again when the zoom changes. */
function Chart({ runIds, zoomed, ...chart }: ChartProps) {
  const trpc = useTRPC()
  const holder = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(false)
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setNear(entry!.isIntersecting), { rootMargin: '300px' })
    observer.observe(holder.current!)
    return () => observer.disconnect()
  }, [])
  const { kind } = chart.axis
  const [low, high] = chart.range
  const air = kind === 'step' ? 1 : 0.01 * (high - low)
  const query = useQuery({
    ...trpc.runs.series.queryOptions({
      runIds,
      metrics: [chart.metric],
      axis: kind,
      buckets: bucketsFor(runIds.length),
      envelope: false,
      ...(zoomed && { from: Math.max(0, low - air), to: high + air }),
    }),
    enabled: near,
    placeholderData: keepPreviousData,
  })
  return (
    <div ref={holder} className={styles.chart}>
      {query.data && <BundleChart {...chart} series={query.data} />}
      {query.error && !query.data && <p className="error">The values of {chart.metric} could not be read.</p>}
    </div>
  )
}
