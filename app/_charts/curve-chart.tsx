'use client'
import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { SeriesView } from '../../contract/api/runs.ts'
import { axisNames, type CurveAxis } from './curve-axis.ts'
import { formatValue, leftOutByLogarithm } from './curve-data.ts'
import {
  axisHeight,
  columnsPerRun,
  type CurveMarks,
  curveData,
  drawLines,
  labelWidth,
  optionsOf,
  place,
  placeTriangles,
} from './curve-drawing.ts'
import styles from './curves.module.css'
import { formatCount } from '../_words/format.ts'
import { isDark, onThemeChange } from '../_shell/theme.ts'

type Props = {
  metric: string
  /** What stands over it where that is not the metric's name. */
  title?: string
  /** One for each run, in the runs' order. */
  series: SeriesView[]
  axis: CurveAxis
  range: [number, number]
  /** What the smoothing goes over, on the axis; 0: none. */
  window: number
  logarithmic: boolean
  withAxis: boolean
  marks: CurveMarks
  /** A CSS colour for each run; without these, those of the page. */
  colours?: string[] | undefined
  /** Charts with the same key share their crosshair. */
  syncKey: string
  onZoom: (range: [number, number] | null) => void
}

const plotHeight = 116

/** One metric of one or several runs: the mean with its envelope, the value at the crosshair in its title. */
export function CurveChart(props: Props) {
  const { metric, series, axis, range, window, logarithmic, withAxis, marks, colours, syncKey, onZoom } = props
  const root = useRef<HTMLDivElement>(null)
  const readout = useRef<HTMLSpanElement>(null)
  const triangles = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const dark = useSyncExternalStore(onThemeChange, isDark, () => false)
  const [width, setWidth] = useState(0)
  const latest = useRef({ series, axis, range, marks, onZoom, window, logarithmic })
  latest.current = { series, axis, range, marks, onZoom, window, logarithmic }
  const { kind, logarithmic: logarithmicX } = axis
  const runs = series.length
  const points = series.reduce((count, { steps }) => Math.max(count, steps.length), 0)
  // of NaN and infinities there is nothing to draw
  const empty = !series.some(({ mean }) => mean.some((value) => value !== null))
  const smoothed = window > 0
  const fewPoints = points <= 40
  const [from, to] = range
  // as a text: the same colours in a new list are no reason to draw anew
  const palette = (colours ?? []).join('|')

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
          smoothed,
          logarithmic,
          withAxis,
          kind,
          logarithmicX,
          fewPoints,
          colours: palette === '' ? [] : palette.split('|'),
          syncKey,
          latest,
        }),
        hooks: {
          setCursor: [(chart) => showValue(chart, readout.current, latest.current)],
          setSelect: [
            (chart) => {
              const { left, width: selected } = chart.select
              if (selected < 4) return
              chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
              latest.current.onZoom([chart.posToVal(left, 'x'), chart.posToVal(left + selected, 'x')])
            },
          ],
          drawAxes: [(chart) => drawLines(chart, element, latest.current.marks, latest.current.axis, withAxis)],
          draw: [(chart) => placeTriangles(chart, triangles.current, latest.current.axis)],
        },
      },
      curveData(latest.current),
      element,
    )
    plot.current = chart
    showValue(chart, readout.current, latest.current)
    return () => {
      chart.destroy()
      plot.current = null
    }
    // data, range and marks are put into the chart below, without building it anew
  }, [width, empty, runs, smoothed, logarithmic, withAxis, kind, logarithmicX, fewPoints, palette, syncKey, dark])

  useEffect(() => {
    const chart = plot.current
    if (!chart) return
    chart.setData(curveData(latest.current))
    showValue(chart, readout.current, latest.current)
  }, [series, axis, from, to, window, logarithmic, marks])

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
        <span className={styles.name} title={props.title === undefined ? undefined : metric}>
          {props.title ?? metric}
        </span>
        {leftOut > 0 && <span className={styles.note}>{leftOut} not above 0, left out</span>}
        {empty && last ? (
          <span key="last" className={styles.value}>
            {formatValue(last.value)} <span>{wordsOfLast(axis, last.step)}</span>
          </span>
        ) : (
          <span key="readout" className={styles.value} ref={readout} />
        )}
      </figcaption>
      <div
        ref={root}
        className={styles.plot}
        style={{ height: plotHeight + (withAxis ? axisHeight : 0) }}
        tabIndex={empty ? undefined : 0}
        role="group"
        aria-label={`${props.title ?? metric} by ${axisNames[kind]}${last ? `, ${formatValue(last.value)} ${axis.wordsOfLast?.(last.step) ?? `at step ${last.step}`}` : ''}. Arrow keys move the crosshair.`}
        onKeyDown={onKeyDown}
        onDoubleClick={() => onZoom(null)}
      >
        {empty && (
          <div className={styles.empty} style={{ height: plotHeight }}>
            {points === 0 ? 'No values here' : 'No finite values here'}
          </div>
        )}
        {withAxis && !empty && (
          <span className={styles.unit} aria-hidden="true">
            {axis.unit}
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

function wordsOfLast(axis: CurveAxis, step: number): string {
  return axis.wordsOfLast?.(step) ?? `at step ${formatCount(step)}`
}

/** Writes the value at the crosshair, or the last one, at the right of the title. */
function showValue(
  chart: uPlot,
  element: HTMLElement | null,
  { series, axis }: { series: SeriesView[]; axis: CurveAxis },
) {
  if (!element) return
  const at = chart.cursor.idx
  // after a zoom the crosshair's place may lie beyond what is drawn now
  const hovering = at != null && at < chart.data[0].length && (chart.cursor.left ?? -1) >= 0
  const parts: { value: string; where: string }[] = []
  for (let run = 0; run < series.length; run++) {
    const value = hovering
      ? (chart.data[run * columnsPerRun + place.mean]?.[at] ?? null)
      : (series[run]!.last?.value ?? null)
    const last = series[run]!.last?.step
    const where = hovering ? axis.words(chart.data[0][at]!) : last === undefined ? null : wordsOfLast(axis, last)
    if (where !== null) parts.push({ value: formatValue(value ?? null), where })
  }
  // with several runs there is room for their values only
  const smoothed = hovering && series.length === 1 ? (chart.data[place.smoothed]?.[at] ?? null) : null
  const between = smoothed !== null && chart.series[place.smoothed]!.show ? `, smoothed ${formatValue(smoothed)},` : ''
  const note = document.createElement('span')
  note.textContent = parts.length > 0 ? `${between} ${parts[0]!.where}` : ''
  const values = parts.slice(0, 4).map((part) => part.value)
  element.replaceChildren(values.join(' · '), note)
}
