/** What curves are made of before they are drawn: smoothing, rounding, and the columns of a chart. */
import type { SeriesView } from '../../contract/api/runs.ts'

export type Smoothing = 'none' | 'light' | 'medium' | 'strong'

/** What smoothing goes over, as a share of what is shown. */
export const shareOfRange: Record<Exclude<Smoothing, 'none'>, number> = { light: 0.02, medium: 0.06, strong: 0.2 }

/** A window over a range, as a round number (1, 2 or 5 times a power of ten), at least `least`: 2 steps; 0: none. */
export function smoothingWindow(smoothing: Smoothing, range: number, least = 2): number {
  if (smoothing === 'none' || !(range > 0)) return 0
  const wanted = Math.max(least, shareOfRange[smoothing] * range)
  const power = 10 ** Math.floor(Math.log10(wanted))
  return power * (wanted / power >= 5 ? 5 : wanted / power >= 2 ? 2 : 1)
}

/**
 * The mean of all values within half a window before and after each step; steps may be apart by any distance. Where there is none
 * (null, NaN) there is none after it, and it counts for nothing. One pass: values are added as the window reaches them and taken out as it leaves.
 */
export function smooth(steps: ArrayLike<number>, values: ArrayLike<number | null>, window: number): (number | null)[] {
  const valueAt = (at: number): number | null => {
    const value = values[at] ?? null
    return value === null || Number.isNaN(value) ? null : value
  }
  const half = window / 2
  const smoothed: (number | null)[] = []
  let first = 0
  let next = 0
  let sum = 0
  let count = 0
  for (let at = 0; at < steps.length; at++) {
    while (next < steps.length && steps[next]! <= steps[at]! + half) {
      const value = valueAt(next++)
      if (value !== null) [sum, count] = [sum + value, count + 1]
    }
    while (steps[first]! < steps[at]! - half) {
      const value = valueAt(first++)
      if (value !== null) [sum, count] = [sum - value, count - 1]
    }
    smoothed.push(valueAt(at) === null || count === 0 ? null : sum / count)
  }
  return smoothed
}

/** A value in a chart's title: three digits, or two decimals and a power where it is very small or large. */
export function formatValue(value: number | null): string {
  if (value === null) return '–'
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2)
  if (Number.isInteger(value)) return value.toLocaleString('en-US')
  return value.toFixed(Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(size)))))
}

/** Labels of an axis: the same decimals for all, powers where the numbers are very small or large. */
export function formatTicks(ticks: readonly (number | null)[]): string[] {
  const numbers = ticks.filter((tick) => tick !== null)
  const largest = Math.max(...numbers.map(Math.abs), 0)
  if (largest !== 0 && (largest < 1e-3 || largest >= 1e6)) {
    return ticks.map((tick) => (tick === null ? '' : tick === 0 ? '0' : shortExponential(tick)))
  }
  let decimals = 0
  const isExact = (tick: number) => Math.abs(tick - Number(tick.toFixed(decimals))) < 1e-9 * largest
  while (decimals < 6 && !numbers.every(isExact)) decimals++
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  return ticks.map((tick) => (tick === null ? '' : tick.toLocaleString('en-US', options)))
}

function shortExponential(value: number): string {
  return value
    .toExponential(2)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e')
}

/** One run's columns on its own steps, or their places on another axis: lowest, highest, mean, and the smoothed mean. */
export type Columns = [
  places: number[],
  minimum: (number | null)[],
  maximum: (number | null)[],
  mean: (number | null)[],
  smoothed: (number | null)[],
]

/** The columns of a series; on a logarithmic axis what is not above 0 has no place, on either. */
export function columnsOf(
  whole: SeriesView,
  window: number,
  { x: logarithmicX, y: logarithmic }: { x: boolean; y: boolean },
): Columns {
  const series = logarithmicX ? abovePlaceZero(whole) : whole
  const places = series.places ?? series.steps
  const keep = logarithmic
    ? (value: number | null) => (value !== null && value > 0 ? value : null)
    : (value: number | null) => value
  const mean = series.mean.map(keep)
  return [
    places,
    series.minimum.map(keep),
    series.maximum.map(keep),
    mean,
    window > 0 ? smooth(places, mean, window) : mean,
  ]
}

function abovePlaceZero(series: SeriesView): SeriesView {
  const { places, steps, minimum, maximum, mean } = series
  const from = (places ?? steps).findIndex((place) => place > 0)
  if (from === 0) return series
  const cut = <Value>(values: Value[]) => (from === -1 ? [] : values.slice(from))
  return {
    ...series,
    steps: cut(steps),
    places: places && cut(places),
    minimum: cut(minimum),
    maximum: cut(maximum),
    mean: cut(mean),
  }
}

/** How many of the drawn values a logarithmic axis leaves out. */
export function leftOutByLogarithm(series: readonly SeriesView[]): number {
  return series.reduce((count, { mean }) => count + mean.filter((value) => value !== null && value <= 0).length, 0)
}
