'use client'
/** What every chart drawn by hand stands in: its scales, the lines across with their labels, and the room it has. */
import { type RefObject, useEffect, useRef, useState } from 'react'
import { roundTicks, tickLabel } from './ticks.ts'

/** From a value to a place in the drawing, in its own units, to a tenth. */
export type Scale = (value: number) => number

/** A straight scale: the two ends of `values` fall on the two of `places`. Ends that are one stand at the first place. */
export function linearScale(values: [number, number], places: [number, number]): Scale {
  const [low, high] = values
  const [from, to] = places
  const span = high - low || 1
  return (value) => Math.round(10 * (from + ((to - from) * (value - low)) / span)) / 10
}

/**
 * From the lowest to the highest of the values, with `air` of that distance at both ends; `least` where all are one.
 * Without values: from -least to least.
 */
export function airyDomain(values: Iterable<number>, { air, least }: { air: number; least: number }): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return [-least, least]
  // what differs in the last digits alone is one: no ticks fit between
  const isFlat = high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))
  const more = isFlat ? least : air * (high - low)
  return [low - more, high + more]
}

type Across = {
  domain: [number, number]
  y: Scale
  /** Where the lines begin and end; the labels stand left of `from`. */
  from: number
  to: number
  /** About how many lines. */
  count: number
  /** How a value is written; with as few decimals as its neighbours need where that is not said. */
  label?: (value: number) => string
}

/** Lines across a chart at round values, each with its label; two at least, as one alone says nothing of the scale. */
export function LinesAcross({ domain, y, from, to, count, label }: Across) {
  const ticks = [0, 1, 2, 3].map((more) => roundTicks(...domain, count + more)).find((found) => found.length > 1) ?? []
  return ticks.map((tick) => (
    <g key={tick}>
      <path className="grid" d={`M${from} ${y(tick)}H${to}`} />
      <text x={from - 8} y={y(tick) + 4} textAnchor="end">
        {label ? label(tick) : tickLabel(tick, ticks)}
      </text>
    </g>
  ))
}

/** The line at 1.0, the baseline, where it lies inside of the domain. */
export function BaselineAcross({ domain: [low, high], y, from, to }: Omit<Across, 'count' | 'label'>) {
  return low <= 1 && high >= 1 && <path className="one" d={`M${from} ${y(1)}H${to}`} />
}

/** An interval upright at `x`, or across at `y`, with caps of `cap` to both sides (0: none), as a path's `d`. */
export function whiskerPath(place: { x: number } | { y: number }, [low, high]: [number, number], cap: number): string {
  if ('x' in place) {
    const { x } = place
    const caps = cap > 0 ? `M${x - cap} ${low}h${2 * cap}M${x - cap} ${high}h${2 * cap}` : ''
    return `M${x} ${low}V${high}${caps}`
  }
  const { y } = place
  const caps = cap > 0 ? `M${low} ${y - cap}v${2 * cap}M${high} ${y - cap}v${2 * cap}` : ''
  return `M${low} ${y}H${high}${caps}`
}

/** The width that an element has, in whole pixels, 0 before it is known; the first of the two goes on the element. */
export function useWidth<Element extends HTMLElement>(): [RefObject<Element | null>, number] {
  const holder = useRef<Element>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(holder.current!)
    return () => observer.disconnect()
  }, [])
  return [holder, width]
}
