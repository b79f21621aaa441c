'use client'
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import type { ParallelView } from '../../../../contract/api/parameters.ts'
import { linearScale, type Scale, useWidth } from '../../../_charts/frame.tsx'
import { heatColor } from '../../../_charts/heat-scale.ts'
import { isDark, onThemeChange } from '../../../_shell/theme.ts'
import { type Column, placeOn, type Ranges } from './parallel-columns.ts'
import type { Goal } from '../../../../domain/sweep/stop-early.ts'
import styles from './parameters.module.css'

const height = 340
const frame = { left: 48, right: 56, top: 32, bottom: 12 }
const narrowest = 96
/** A column is taken hold of so many pixels to either side of it. */
const reach = 14
const nearest = 6

type Props = {
  columns: Column[]
  points: ParallelView
  /** Which way the score, or the metric in its place, is better. */
  goal: Goal
  /** Places of the points within the ranges; best first. */
  passing: number[]
  ranges: Ranges
  pointed: number | null
  onPoint: (place: number | null) => void
  onRange: (column: Column, range: [number, number]) => void
}

/** Lines on a canvas, as thousands of them would be slow as elements; columns, ranges and the line pointed at above it. */
export function ParallelChart({ columns, points, goal, passing, ranges, pointed, onPoint, onRange }: Props) {
  const [place, room] = useWidth<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [theme, setTheme] = useState(0)
  const [drag, setDrag] = useState<{ column: Column; from: number } | null>(null)
  const width = Math.max(room, frame.left + frame.right + narrowest * (columns.length - 1))
  const [x, y] = scalesOf(columns.length, width)

  useEffect(() => onThemeChange(() => setTheme((times) => times + 1)), [])

  useEffect(() => {
    const drawing = canvas.current!
    const ratio = window.devicePixelRatio || 1
    drawing.width = width * ratio
    drawing.height = height * ratio
    const pen = drawing.getContext('2d')!
    pen.scale(ratio, ratio)
    pen.clearRect(0, 0, width, height)
    const kept = new Set(passing)
    const faint = getComputedStyle(drawing).getPropertyValue('color')
    const scores = columns.find(({ key }) => key === 'score')
    const [across, down] = scalesOf(columns.length, width)
    const draw = (point: number) => {
      pen.beginPath()
      let lifted = true
      columns.forEach((column, at) => {
        const value = column.values[point] ?? null
        // a line is broken where a benchmark was not measured
        if (value === null) lifted = true
        else {
          const to: [number, number] = [across(at), down(placeOn(column, value))]
          if (lifted) pen.moveTo(...to)
          else pen.lineTo(...to)
          lifted = false
        }
      })
      pen.stroke()
    }
    pen.lineWidth = 1
    pen.strokeStyle = faint
    pen.globalAlpha = 0.35
    if (kept.size < points.ids.length)
      for (let point = 0; point < points.ids.length; point++) if (!kept.has(point)) draw(point)
    pen.globalAlpha = passing.length > 500 ? 0.4 : passing.length > 60 ? 0.7 : 1
    pen.lineWidth = passing.length > 200 ? 1 : 1.5
    // the ends of the scale would be lost on a background as dark, or as light
    const [low, high] = isDark() ? [0.18, 1] : [0, 0.92]
    // the best last, on top
    for (const point of passing.toReversed()) {
      const place = scores ? placeOn(scores, points.scores[point]!) : 0.5
      pen.strokeStyle = heatColor(low + (high - low) * (goal === 'minimize' ? 1 - place : place))
      draw(point)
    }
  }, [columns, points, goal, passing, width, theme])

  const placeOf = (event: PointerEvent<SVGSVGElement>) => {
    const { left, top, width: drawn } = event.currentTarget.getBoundingClientRect()
    const scale = width / drawn
    return { atX: (event.clientX - left) * scale, atY: (event.clientY - top) * scale }
  }
  const valueAt = (column: Column, atY: number) => {
    const share = Math.min(1, Math.max(0, (y(0) - atY) / (y(0) - y(1))))
    return column.low + share * (column.high - column.low)
  }
  const rangeOf = (column: Column, from: number, to: number): [number, number] => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)]
    // of an axis a range holds the values that it touches
    return column.key.startsWith('axis:') ? [Math.ceil(low - 0.35), Math.floor(high + 0.35)] : [low, high]
  }
  const onDown = (event: PointerEvent<SVGSVGElement>) => {
    const { atX, atY } = placeOf(event)
    const column = columns.find((_, at) => Math.abs(x(at) - atX) <= reach)
    if (!column || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ column, from: valueAt(column, atY) })
  }
  const onMove = (event: PointerEvent<SVGSVGElement>) => {
    const { atX, atY } = placeOf(event)
    if (drag) {
      const [low, high] = rangeOf(drag.column, drag.from, valueAt(drag.column, atY))
      if (low <= high) onRange(drag.column, [low, high])
      return
    }
    onPoint(nearestLine(columns, passing, atX, atY, { x, y }))
  }
  const onUp = (event: PointerEvent<SVGSVGElement>) => {
    if (!drag) return
    const to = valueAt(drag.column, placeOf(event).atY)
    // a press without a move takes the range back
    if (Math.abs(to - drag.from) < (drag.column.high - drag.column.low) / 100)
      onRange(drag.column, [drag.column.low, drag.column.high])
    setDrag(null)
  }
  return (
    <div ref={place} className={styles.scroll} tabIndex={0} role="group" aria-label="Parallel coordinates">
      <div className={styles.parallel} style={{ width, height }}>
        <canvas ref={canvas} style={{ width, height }} />
        <svg
          className="chart"
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`${passing.length} points as lines over ${columns.map(({ title }) => title).join(', ')}`}
          onPointerDown={onDown}
          onPointerMove={onMove}
          onPointerUp={onUp}
          onPointerCancel={() => setDrag(null)}
          onPointerLeave={() => onPoint(null)}
        >
          {pointed !== null && (
            <path d={lineOf(columns, pointed, { x, y })} fill="none" stroke="var(--ink)" strokeWidth={2.5} />
          )}
          {columns.map((column, at) => {
            const range = ranges[column.key]
            return (
              <g key={column.key}>
                <path className="axis" d={`M${x(at)} ${frame.top}V${height - frame.bottom}`} stroke="var(--line-2)" />
                {range && (
                  <path
                    d={`M${x(at)} ${y(placeOn(column, range[0])) + 2}V${y(placeOn(column, range[1])) - 2}`}
                    stroke="var(--accent)"
                    strokeWidth={8}
                    opacity={0.55}
                  />
                )}
                <text
                  className="ink"
                  x={at === 0 ? 0 : at === columns.length - 1 ? width : x(at)}
                  y={14}
                  textAnchor={at === 0 ? 'start' : at === columns.length - 1 ? 'end' : 'middle'}
                >
                  {fitted(column.title, Math.max(15, Math.floor((x(1) - x(0)) / 8)))}
                  <title>{column.title}</title>
                </text>
                {column.ticks.map((tick) => (
                  <text key={tick.at} className={styles.tick} x={x(at) + 6} y={y(placeOn(column, tick.at)) + 4}>
                    {fitted(tick.label, 13)}
                  </text>
                ))}
                <rect className={styles.grip} x={x(at) - reach} y={0} width={2 * reach} height={height} />
              </g>
            )
          })}
        </svg>
      </div>
    </div>
  )
}

/** Where the columns stand, by their place, and a share of a column's length; one column alone stands in the middle. */
function scalesOf(columns: number, width: number): [x: Scale, y: Scale] {
  const [left, right] = [frame.left, width - frame.right]
  const x = columns > 1 ? linearScale([0, columns - 1], [left, right]) : () => (left + right) / 2
  return [x, linearScale([0, 1], [height - frame.bottom, frame.top])]
}

type Places = { x: Scale; y: Scale }

function lineOf(columns: Column[], point: number, { x, y }: Places): string {
  let pen = 'M'
  return columns
    .map((column, at) => {
      const value = column.values[point] ?? null
      if (value === null) {
        pen = 'M'
        return ''
      }
      const part = `${pen}${x(at).toFixed(1)} ${y(placeOn(column, value)).toFixed(1)}`
      pen = 'L'
      return part
    })
    .join('')
}

/** The line that passes closest by, or null where none is near. */
function nearestLine(columns: Column[], passing: number[], atX: number, atY: number, { x, y }: Places): number | null {
  const right = columns.findIndex((_, at) => x(at) >= atX)
  if (right < 1) return null
  const share = (atX - x(right - 1)) / (x(right) - x(right - 1))
  let [found, closest] = [null as number | null, nearest]
  for (const point of passing) {
    const [from, to] = [columns[right - 1]!.values[point] ?? null, columns[right]!.values[point] ?? null]
    if (from === null || to === null) continue
    const [a, b] = [y(placeOn(columns[right - 1]!, from)), y(placeOn(columns[right]!, to))]
    const distance = Math.abs(a + share * (b - a) - atY)
    if (distance < closest) [found, closest] = [point, distance]
  }
  return found
}

function fitted(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
