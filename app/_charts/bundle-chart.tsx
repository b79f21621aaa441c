'use client'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { axisNames, type CurveAxis } from './curve-axis.ts'
import { formatValue } from './curve-data.ts'
import { linesPainter } from './bundle-drawing.ts'
import { axisHeight, chartAxes, coloursNow, curveRange } from './curve-drawing.ts'
import styles from './curves.module.css'
import { drawInTurn, drawNoMore } from './draw-in-turn.ts'
import { useWidth } from './frame.tsx'
import { type Bundle, bundleOf, type Line } from './line-bundle.ts'
import type { LineLook, RunLine } from './run-lines.ts'
import { plural } from '../_words/format.ts'
import { isDark, onThemeChange } from '../_shell/theme.ts'

type Props = {
  metric: string
  /** What was read of the runs; undefined: nothing yet. */
  read: readonly RunLine[] | undefined
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

const nothing: readonly RunLine[] = []

/** A chart as it stands: what it draws, and in which colours. */
type Drawn = { chart: uPlot; bundle: Bundle; colours: readonly string[] }

/** One metric of many runs, a line each or a mean with its band; the line that is pointed at stands out in every chart. */
export function BundleChart(props: Props) {
  const {
    metric,
    read = nothing,
    lines,
    axis,
    range,
    window,
    logarithmic,
    pointed,
    onPoint,
    onOpen,
    onZoom,
    syncKey,
  } = props
  const [root, width] = useWidth<HTMLDivElement>()
  const drawn = useRef<Drawn | null>(null)
  /** Whether the pointer is over this chart. */
  const inside = useRef(false)
  /** Which of the chart's places the crosshair stands on. */
  const [crosshair, setCrosshair] = useState<number | null>(null)
  const dark = useSyncExternalStore(onThemeChange, isDark, () => false)
  const look = { window, logarithmicX: axis.logarithmic, logarithmicY: logarithmic }
  const latest = useRef({ read, lines, axis, range, look, pointed, onPoint, onOpen, onZoom })
  latest.current = { read, lines, axis, range, look, pointed, onPoint, onOpen, onZoom }
  const shown = read.filter(({ values }) => values.some((value) => !Number.isNaN(value))).length
  // of NaN and infinities there is nothing to draw
  const empty = shown === 0
  const [from, to] = range
  // as a text: the same lines in a new list are no reason to build the chart anew
  const palette = lines.map(({ key, colour: one }) => `${key}\n${one}`).join('\n')

  useEffect(() => {
    const element = root.current!
    if (width === 0 || empty) return
    const paint = linesPainter()
    const hidden: uPlot.Series = { paths: () => null, points: { show: false } }
    const chart = new uPlot(
      {
        width,
        height: plotHeight + axisHeight,
        padding: [6, 20, 0, 0],
        legend: { show: false },
        // the least and the greatest of all lines, for the axis; the lines are drawn over it
        series: [{}, hidden, { ...hidden }],
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
          draw: [
            (own) => {
              if (drawn.current === null) return
              const { bundle, colours } = drawn.current
              paint(own, bundle, { colours, pointed: placeOf(latest.current) })
            },
          ],
          setCursor: [
            (own) => {
              const at = (own.cursor.left ?? -1) < 0 ? null : (own.cursor.idx ?? null)
              setCrosshair(at)
              // the other charts have the crosshair only
              if (inside.current)
                latest.current.onPoint(latest.current.lines[nearestLine(drawn.current, at)]?.key ?? null)
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
      [[], [], []],
      element,
    )
    const colours = coloursNow(
      element,
      latest.current.lines.map((line) => line.colour),
    )
    drawn.current = { chart, colours, bundle: { places: new Float64Array(0), lines: [], least: [], greatest: [] } }
    return () => {
      drawn.current = null
      drawNoMore(latest)
      chart.destroy()
    }
    // data, range and the line pointed at are put into the chart below, without building it anew
  }, [root, width, empty, palette, logarithmic, axis.kind, axis.logarithmic, syncKey, dark])

  const asked = useRef({ data: false })
  const drawing = useRef({
    draw: () => draw(drawn.current, latest.current, asked.current),
    isEmpty: () => drawn.current?.bundle.lines.length === 0,
  })
  useEffect(() => {
    // charts that are built anew begin with nothing
    asked.current.data = true
    drawInTurn(latest, drawing.current)
  }, [read, axis, from, to, window, width, empty, palette, logarithmic, syncKey, dark])
  useEffect(() => {
    drawInTurn(latest, drawing.current)
  }, [pointed])

  const line = lines.find(({ key }) => key === pointed)
  const readout = crosshair === null ? null : valueAt(drawn.current, lines.indexOf(line!), crosshair)
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.head}>
        <span className={styles.name}>{metric}</span>
        {props.read && shown < lines.flatMap(({ runs }) => runs).length && (
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
          if (line && (drawn.current?.chart.select.width ?? 0) < 4) onOpen(line)
        }}
      >
        {empty && props.read && (
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

/** Which of the lines is pointed at; -1: none. */
function placeOf({ lines, pointed }: { lines: readonly Line[]; pointed: string | null }): number {
  return pointed === null ? -1 : lines.findIndex(({ key }) => key === pointed)
}

type Latest = { read: readonly RunLine[]; lines: readonly Line[]; look: LineLook; range: [number, number] }

/** Draws the chart; what it draws is put together anew where that was asked for. */
function draw(drawn: Drawn | null, { read, lines, look }: Latest, asked: { data: boolean }): void {
  if (drawn === null) return
  const { chart } = drawn
  if (!asked.data) {
    chart.redraw(false)
    return
  }
  asked.data = false
  const bundle = bundleOf(lines, read, look)
  drawn.bundle = bundle
  // at once: what it takes counts for the frame
  chart.batch(() => chart.setData([bundle.places, bundle.least, bundle.greatest]))
}

/** The line that passes closest by the pointer at one of the chart's places; -1 where none is near. */
function nearestLine(drawn: Drawn | null, at: number | null): number {
  const top = drawn?.chart.cursor.top ?? -1
  if (drawn === null || at === null || top < 0) return -1
  let [found, closest] = [-1, reach]
  for (const [line, { mean }] of drawn.bundle.lines.entries()) {
    const value = mean[at] ?? NaN
    if (Number.isNaN(value)) continue
    const distance = Math.abs(drawn.chart.valToPos(value, 'y') - top)
    if (distance < closest) [found, closest] = [line, distance]
  }
  return found
}

/** The value of a line at one of the chart's places; null where there is none. */
function valueAt(drawn: Drawn | null, line: number, at: number): { value: number; place: number } | null {
  const value = drawn?.bundle.lines[line]?.mean[at] ?? NaN
  return drawn === null || Number.isNaN(value) ? null : { value, place: drawn.bundle.places[at]! }
}
