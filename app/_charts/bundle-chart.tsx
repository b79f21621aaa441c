'use client'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { SeriesView } from '../../contract/api/runs.ts'
import { axisNames, type CurveAxis } from './curve-axis.ts'
import { formatValue } from './curve-data.ts'
import { axisHeight, chartAxes, colour, curveRange, withAlpha } from './curve-drawing.ts'
import styles from './curves.module.css'
import { useWidth } from './frame.tsx'
import { bundleColumns, columnsPerLine, type Line } from './line-bundle.ts'
import { plural } from '../_words/format.ts'
import { isDark, onThemeChange } from '../_shell/theme.ts'

type Props = {
  metric: string
  series: SeriesView[]
  lines: readonly Line[]
  axis: CurveAxis
  range: [number, number]
  /** What the smoothing goes over, on the axis; 0: none. */
  window: number
  logarithmic: boolean
  /** The line that stands out; the others are faint. */
  pointed: string | null
  onPoint: (key: string | null) => void
  onOpen: (line: Line) => void
  onZoom: (range: [number, number] | null) => void
  syncKey: string
}

const plotHeight = 200
/** A line is pointed at from so many pixels. */
const reach = 24

/** One metric of many runs, a line each or a mean with its band; the line that is pointed at stands out in every chart. */
export function BundleChart(props: Props) {
  const { metric, series, lines, axis, range, window, logarithmic, pointed, onPoint, onOpen, onZoom, syncKey } = props
  const [root, width] = useWidth<HTMLDivElement>()
  const plot = useRef<uPlot | null>(null)
  /** Whether the pointer is over this chart. */
  const inside = useRef(false)
  /** Which of the chart's places the crosshair stands on. */
  const [crosshair, setCrosshair] = useState<number | null>(null)
  const dark = useSyncExternalStore(onThemeChange, isDark, () => false)
  const look = { window, logarithmicX: axis.logarithmic, logarithmicY: logarithmic }
  const latest = useRef({ series, lines, axis, range, look, pointed, onPoint, onOpen, onZoom })
  latest.current = { series, lines, axis, range, look, pointed, onPoint, onOpen, onZoom }
  const shown = series.filter(({ mean }) => mean.some((value) => value !== null)).length
  // of NaN and infinities there is nothing to draw
  const empty = shown === 0
  const [from, to] = range
  // as a text: the same lines in a new list are no reason to build the chart anew
  const palette = lines.map(({ key, colour: one }) => `${key}\n${one}`).join('\n')

  useEffect(() => {
    const element = root.current!
    if (width === 0 || empty) return
    const now = latest.current
    const colours = now.lines.map((line) => colour(element, line.colour))
    const alpha = now.lines.length > 30 ? 0.7 : 0.9
    const hidden: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } }
    const chart = new uPlot(
      {
        width,
        height: plotHeight + axisHeight,
        padding: [6, 20, 0, 0],
        legend: { show: false },
        series: [
          {},
          ...colours.flatMap((stroke): uPlot.Series[] => [
            hidden,
            { ...hidden },
            {
              stroke: withAlpha(stroke, alpha),
              width: now.lines.length > 30 ? 1 : 1.5,
              points: { show: false },
              spanGaps: true,
            },
          ]),
        ],
        bands: colours.map((stroke, at) => ({
          series: [at * columnsPerLine + 2, at * columnsPerLine + 1],
          fill: withAlpha(stroke, 0.14),
        })),
        cursor: {
          // each chart has a scale of its own
          sync: { key: syncKey, setSeries: false, scales: ['x', null] },
          drag: { x: true, y: false, setScale: false },
          points: { show: false },
        },
        scales: {
          x: { time: false, distr: axis.logarithmic ? 3 : 1, range: () => latest.current.range },
          y: logarithmic ? { distr: 3 } : { range: (_, low, high) => curveRange(low, high) },
        },
        axes: chartAxes(element, { kind: axis.kind, logarithmicX: axis.logarithmic, axis: () => latest.current.axis }),
        hooks: {
          setCursor: [
            (own) => {
              const at = (own.cursor.left ?? -1) < 0 ? null : (own.cursor.idx ?? null)
              setCrosshair(at)
              // the other charts have the crosshair only
              if (inside.current) latest.current.onPoint(latest.current.lines[nearestLine(own, at)]?.key ?? null)
            },
          ],
          setSelect: [
            (own) => {
              const { left, width: selected } = own.select
              if (selected < 4) return
              own.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
              latest.current.onZoom([own.posToVal(left, 'x'), own.posToVal(left + selected, 'x')])
            },
          ],
        },
      },
      bundleColumns(now.lines, now.series, now.look) as uPlot.AlignedData,
      element,
    )
    plot.current = chart
    return () => {
      chart.destroy()
      plot.current = null
    }
    // data, range and the line pointed at are put into the chart below, without building it anew
  }, [root, width, empty, palette, logarithmic, axis.kind, axis.logarithmic, syncKey, dark])

  useEffect(() => {
    const { lines: now, series: own, look: how } = latest.current
    plot.current?.setData(bundleColumns(now, own, how) as uPlot.AlignedData)
  }, [series, axis, from, to, window, palette])

  useEffect(() => {
    const { lines: now } = latest.current
    const at = now.findIndex(({ key }) => key === pointed)
    const chart = plot.current
    if (chart) for (let line = 0; line < now.length; line++) setFaint(chart, line, at !== -1 && at !== line)
    chart?.redraw(false)
  }, [pointed, palette, empty, width])

  const line = lines.find(({ key }) => key === pointed)
  const readout = crosshair === null ? null : valueAt(plot.current, lines.indexOf(line!), crosshair)
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.head}>
        <span className={styles.name}>{metric}</span>
        {shown < lines.flatMap(({ runs }) => runs).length && (
          <span className={styles.note}>{plural(shown, 'run')} of it</span>
        )}
        {line && (
          <span className={styles.value}>
            {line.title} {readout && `${formatValue(readout.value)} `}
            {readout && <span>{axis.words(readout.place)}</span>}
          </span>
        )}
      </figcaption>
      <div
        ref={root}
        className={styles.plot}
        style={{ height: plotHeight + axisHeight }}
        role="img"
        aria-label={`${metric} of ${plural(shown, 'run')} by ${axisNames[axis.kind]}`}
        onPointerEnter={() => (inside.current = true)}
        onPointerLeave={() => {
          inside.current = false
          onPoint(null)
        }}
        onDoubleClick={() => onZoom(null)}
        onClick={() => {
          // a drag ends with a click, too
          if (line && (plot.current?.select.width ?? 0) < 4) onOpen(line)
        }}
      >
        {empty && (
          <div className={styles.empty} style={{ height: plotHeight }}>
            No values here
          </div>
        )}
        {!empty && (
          <span className={styles.unit} aria-hidden="true">
            {axis.unit}
          </span>
        )}
      </div>
    </figure>
  )
}

function setFaint(chart: uPlot, line: number, faint: boolean): void {
  for (let column = 1; column <= columnsPerLine; column++)
    chart.series[line * columnsPerLine + column]!.alpha = faint ? 0.15 : 1
}

/** The line that passes closest by the pointer at one of the chart's places; -1 where none is near. */
function nearestLine(chart: uPlot, at: number | null): number {
  const top = chart.cursor.top ?? -1
  if (at === null || top < 0) return -1
  let [found, closest] = [-1, reach]
  for (let line = 0; (line + 1) * columnsPerLine < chart.data.length; line++) {
    const value = chart.data[(line + 1) * columnsPerLine]![at] ?? null
    if (value === null) continue
    const distance = Math.abs(chart.valToPos(value, 'y') - top)
    if (distance < closest) [found, closest] = [line, distance]
  }
  return found
}

/** The value of a line at one of the chart's places; null where there is none. */
function valueAt(chart: uPlot | null, line: number, at: number): { value: number; place: number } | null {
  const value = chart?.data[(line + 1) * columnsPerLine]?.[at] ?? null
  return chart === null || value === null ? null : { value, place: chart.data[0][at]! }
}
