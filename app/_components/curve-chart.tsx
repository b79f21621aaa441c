'use client'
import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { SeriesView } from '../../server/api/views.ts'
import { type Columns, columnsOf, formatTicks, formatValue, leftOutByLogarithm } from './curve-data.ts'
import styles from './curves.module.css'
import { isDark, onThemeChange } from './theme.ts'

export type CurveMarks = {
  /** Triangles on the axis; `href` leads to the checkpoint. */
  checkpoints: { step: number; label: string; href: string; best: boolean }[]
  /** Dashed lines. */
  attempts: { step: number; label: string }[]
  /** The step that a live run has reached; null when it has ended. */
  now: number | null
}

type Props = {
  metric: string
  /** One for each run, in the runs' order. */
  series: SeriesView[]
  range: [number, number]
  /** Steps that the smoothing goes over; 0: none. */
  window: number
  logarithmic: boolean
  withAxis: boolean
  marks: CurveMarks
  /** Charts with the same key share their crosshair. */
  syncKey: string
  onZoom: (range: [number, number] | null) => void
}

const plotHeight = 116
const axisHeight = 36
const labelWidth = 56

/** The colour that a custom property has now: a canvas cannot read `light-dark()`. */
function colour(element: HTMLElement, name: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(${name})`
  element.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}

function withAlpha(value: string, alpha: number): string {
  return `color-mix(in srgb, ${value} ${100 * alpha}%, transparent)`
}

const runColours = ['--accent', '--heat-8', '--warning', '--heat-1', '--danger', '--heat-5', '--ink-2']

/** One metric of one or several runs: the mean with its envelope, the value at the crosshair in its title. */
export function CurveChart({ metric, series, range, window, logarithmic, withAxis, marks, syncKey, onZoom }: Props) {
  const root = useRef<HTMLDivElement>(null)
  const readout = useRef<HTMLSpanElement>(null)
  const triangles = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const dark = useSyncExternalStore(onThemeChange, isDark, () => false)
  const [width, setWidth] = useState(0)
  const latest = useRef({ series, range, marks, onZoom, window, logarithmic })
  latest.current = { series, range, marks, onZoom, window, logarithmic }
  const runs = series.length
  const points = series.reduce((count, { steps }) => Math.max(count, steps.length), 0)
  const empty = points === 0

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(root.current!)
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    const element = root.current!
    if (width === 0 || empty) return
    const chart = new uPlot(
      {
        width,
        height: plotHeight + (withAxis ? axisHeight : 0),
        ...optionsOf(element, {
          runs,
          smoothed: window > 0,
          logarithmic,
          withAxis,
          fewPoints: points <= 40,
          syncKey,
          latest,
        }),
        hooks: {
          setCursor: [(chart) => showValue(chart, readout.current, latest.current.series)],
          setSelect: [
            (chart) => {
              const { left, width: selected } = chart.select
              if (selected < 4) return
              chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
              latest.current.onZoom([chart.posToVal(left, 'x'), chart.posToVal(left + selected, 'x')])
            },
          ],
          drawAxes: [(chart) => drawLines(chart, element, latest.current.marks, withAxis)],
          draw: [(chart) => placeTriangles(chart, triangles.current)],
        },
      },
      dataOf(latest.current),
      element,
    )
    plot.current = chart
    showValue(chart, readout.current, latest.current.series)
    return () => {
      chart.destroy()
      plot.current = null
    }
    // data, range and marks are put into the chart below, without building it anew
  }, [width, empty, runs, window > 0, logarithmic, withAxis, points <= 40, syncKey, dark])

  useEffect(() => {
    const chart = plot.current
    if (!chart) return
    chart.setData(dataOf(latest.current))
    showValue(chart, readout.current, series)
  }, [series, range[0], range[1], window, logarithmic, marks])

  const onKeyDown = (event: KeyboardEvent) => {
    const chart = plot.current
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (event.key === 'Escape') onZoom(null)
    if (!chart || direction === undefined) return
    event.preventDefault()
    const steps = chart.data[0] as number[]
    const [low, high] = latest.current.range
    const inside = steps.flatMap((step, at) => (step >= low && step <= high ? [at] : []))
    const at = chart.cursor.idx ?? (direction > 0 ? inside[0]! - 1 : inside.at(-1)! + 1)
    const next = Math.max(inside[0] ?? 0, Math.min(inside.at(-1) ?? 0, at + direction * (event.shiftKey ? 10 : 1)))
    chart.setCursor({ left: chart.valToPos(steps[next]!, 'x'), top: 1 }, true)
  }
  const leftOut = logarithmic ? leftOutByLogarithm(series) : 0
  const last = series[0]?.last
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.head}>
        <span className={styles.name}>{metric}</span>
        {leftOut > 0 && <span className={styles.note}>{leftOut} not above 0, left out</span>}
        <span className={styles.value} ref={readout} />
      </figcaption>
      <div
        ref={root}
        className={styles.plot}
        style={{ height: plotHeight + (withAxis ? axisHeight : 0) }}
        tabIndex={empty ? undefined : 0}
        role="group"
        aria-label={`${metric} by step${last ? `, ${formatValue(last.value)} at step ${last.step}` : ''}. Arrow keys move the crosshair.`}
        onKeyDown={onKeyDown}
        onDoubleClick={() => onZoom(null)}
      >
        {empty && (
          <div className={styles.empty} style={{ height: plotHeight }}>
            No values in these steps
          </div>
        )}
        {withAxis && !empty && (
          <span className={styles.unit} aria-hidden="true">
            step
          </span>
        )}
        {withAxis && !empty && (
          <div className={styles.marks} ref={triangles} style={{ left: labelWidth, height: plotHeight + 14 }}>
            {marks.checkpoints.map((checkpoint) => (
              <a
                key={checkpoint.step}
                href={checkpoint.href}
                title={checkpoint.label}
                aria-label={checkpoint.label}
                data-step={checkpoint.step}
                className={checkpoint.best ? styles.best : undefined}
                tabIndex={-1}
              >
                <svg width="10" height="9" viewBox="0 0 10 9" aria-hidden="true">
                  <path d="M5 .8 9.3 8.4H.7Z" />
                </svg>
              </a>
            ))}
          </div>
        )}
      </div>
    </figure>
  )
}

type Latest = Pick<Props, 'series' | 'range' | 'marks' | 'onZoom' | 'window' | 'logarithmic'>
const columnsPerRun = 4
/** Within a run's columns: lowest, highest, mean, smoothed mean. */
const place = { minimum: 1, maximum: 2, mean: 3, smoothed: 4 }

function dataOf({ series, window, logarithmic }: Latest): uPlot.AlignedData {
  const columns: Columns[] = series.map((one) => columnsOf(one, window, logarithmic))
  if (columns.length === 1) return columns[0]!
  // 1: where a run has no value at another's step the line goes on; a null of its own is a gap
  return uPlot.join(columns, columns.map((column) => column.map(() => 1)) as uPlot.JoinNullMode[][])
}

type Look = {
  runs: number
  smoothed: boolean
  logarithmic: boolean
  withAxis: boolean
  fewPoints: boolean
  syncKey: string
  latest: { current: Latest }
}

function optionsOf(element: HTMLElement, look: Look): Omit<uPlot.Options, 'width' | 'height' | 'hooks'> {
  const { runs, smoothed, logarithmic, withAxis, fewPoints, syncKey, latest } = look
  const [ink, grid, axisLine, background] = ['--ink-3', '--line', '--line-2', '--bg'].map((name) =>
    colour(element, name),
  )
  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  for (let run = 0; run < runs; run++) {
    const stroke = colour(element, runs === 1 ? '--accent' : runColours[run % runColours.length]!)
    const first = run * columnsPerRun
    const hidden: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } }
    series.push(hidden, { ...hidden })
    series.push({
      stroke: smoothed ? withAlpha(stroke, 0.3) : stroke,
      width: smoothed ? 1 : 1.5,
      points: { show: fewPoints && !smoothed, size: 5 },
    })
    series.push({ stroke, width: 1.5, points: { show: false }, show: smoothed })
    bands.push({ series: [first + place.maximum, first + place.minimum], fill: withAlpha(stroke, 0.14) })
  }
  const isMain = (at: number) => at > 0 && (at - 1) % columnsPerRun === (smoothed ? place.smoothed : place.mean) - 1
  return {
    padding: [6, 12, 0, 0],
    legend: { show: false },
    series,
    bands,
    cursor: {
      sync: { key: syncKey, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: {
        size: (_, at) => (isMain(at) ? 8 : 0),
        width: (_, at) => (isMain(at) ? 2 : 0),
        fill: () => background!,
        stroke: (chart, at) => (isMain(at) ? (chart.series[at]!.stroke as () => string)() : 'transparent'),
      },
    },
    scales: {
      x: { time: false, range: () => latest.current.range },
      // a little air, so that the labels at both ends have room
      y: logarithmic ? { distr: 3 } : { range: (_, low, high) => paddedRange(low, high) },
    },
    axes: [
      {
        show: withAxis,
        size: axisHeight,
        gap: 12,
        stroke: ink,
        font: '11px system-ui, sans-serif',
        grid: { show: false },
        ticks: { show: false },
        border: { show: true, stroke: axisLine, width: 1 },
        values: (_, splits) =>
          splits.map((step, at) =>
            Number.isInteger(step) ? `${at === 0 ? 'step ' : ''}${step.toLocaleString('en-US')}` : '',
          ),
      },
      {
        size: labelWidth,
        gap: 8,
        stroke: ink,
        font: '11px system-ui, sans-serif',
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        space: 32,
        values: (_, splits) => formatTicks(splits),
      },
    ],
  }
}

function paddedRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1]
  const air = high > low ? 0.1 * (high - low) : 0.1 * Math.abs(high) || 1
  return [low - air, high + air]
}

/** Dashed lines where attempts began, and where a live run stands now. */
function drawLines(chart: uPlot, element: HTMLElement, { attempts, now }: CurveMarks, labelled: boolean) {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const line = (step: number, stroke: string, dash: number[]) => {
    const x = Math.round(chart.valToPos(step, 'x', true)) + 0.5
    if (x < bbox.left || x > bbox.left + bbox.width + 1) return null
    ctx.strokeStyle = stroke
    ctx.lineWidth = ratio
    ctx.setLineDash(dash.map((length) => length * ratio))
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    return x
  }
  const write = (text: string, x: number, fill: string) => {
    if (!labelled) return
    ctx.font = `${11 * ratio}px system-ui, sans-serif`
    ctx.fillStyle = fill
    ctx.textBaseline = 'bottom'
    const wide = ctx.measureText(text).width
    const right = x + 4 * ratio + wide <= bbox.left + bbox.width
    ctx.textAlign = right ? 'left' : 'right'
    ctx.fillText(text, x + (right ? 4 : -4) * ratio, bbox.top + bbox.height - 2 * ratio)
  }
  ctx.save()
  for (const { step, label } of attempts) {
    const x = line(step, colour(element, '--line-2'), [3, 3])
    if (x !== null) write(label, x, colour(element, '--ink-3'))
  }
  if (now !== null) {
    const accent = colour(element, '--accent')
    const x = line(now, withAlpha(accent, 0.4), [])
    if (x !== null) write(`now, step ${now.toLocaleString('en-US')}`, x, accent)
  }
  ctx.restore()
}

/** Moves each triangle under its step; those outside the range are hidden. */
function placeTriangles(chart: uPlot, holder: HTMLElement | null) {
  const [low, high] = [chart.scales['x']!.min!, chart.scales['x']!.max!]
  for (const triangle of holder?.querySelectorAll<HTMLElement>('[data-step]') ?? []) {
    const step = Number(triangle.dataset['step'])
    triangle.hidden = step < low || step > high
    triangle.style.display = triangle.hidden ? 'none' : 'block'
    triangle.style.transform = `translateX(${chart.valToPos(step, 'x') - 8}px)`
  }
}

/** Writes the value at the crosshair, or the last one, at the right of the title. */
function showValue(chart: uPlot, element: HTMLElement | null, series: SeriesView[]) {
  if (!element) return
  const at = chart.cursor.idx
  const hovering = at !== null && at !== undefined && (chart.cursor.left ?? -1) >= 0
  const parts: { value: string; step: number }[] = []
  for (let run = 0; run < series.length; run++) {
    const value = hovering
      ? (chart.data[run * columnsPerRun + place.mean]?.[at] ?? null)
      : (series[run]!.last?.value ?? null)
    const step = hovering ? chart.data[0][at]! : (series[run]!.last?.step ?? null)
    if (step !== null) parts.push({ value: formatValue(value ?? null), step })
  }
  const note = document.createElement('span')
  note.textContent = parts.length > 0 ? ` at step ${parts[0]!.step.toLocaleString('en-US')}` : ''
  element.replaceChildren(
    parts
      .slice(0, 4)
      .map((part) => part.value)
      .join(' · '),
    note,
  )
}
