/** The axis that curves stand on: its name, its labels, and where a step stands on it. */
import { type AxisKind, placeOfStep } from '../../domain/asking/step-places.ts'
import type { AxisChoice } from '../../contract/api/runs.ts'
import { shareOfRange, type Smoothing, smoothingWindow } from './curve-data.ts'
import { formatCount, formatDuration } from '../_words/format.ts'

export type CurveAxis = {
  kind: AxisKind
  logarithmic: boolean
  /** What stands before its labels. */
  unit: string
  /** Where a step of the first run stands; null where it has no place, as 0 on a logarithmic axis. */
  placeOf: (step: number) => number | null
  /** Where the last value stands, in words; absent: at its step. */
  wordsOfLast?: (step: number) => string
  /** A place as a crosshair says it: `at step 40`, `at 12 min`. */
  words: (place: number) => string
  /** Labels at these places, which are evenly apart. */
  labels: (places: readonly number[]) => string[]
}

export const axisNames: Record<AxisKind, string> = {
  step: 'step',
  relative: 'time',
  wall: 'clock',
  epoch: 'epoch',
  tokens: 'tokens',
}

export const axisTitles: Record<AxisKind, string> = {
  step: 'By step, as the trainer counts them',
  relative: 'By time of training; the time between attempts is left out',
  wall: 'By date and time of day',
  epoch: 'By epoch',
  tokens: 'By the tokens that were trained on',
}

/** Distances between the labels of a time axis, in seconds. */
export const timeIncrements = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600,
  43_200, 86_400, 172_800, 432_000, 864_000, 2_592_000, 7_776_000, 31_536_000,
]

/** Round times from low to high, at most about `count` of them. */
export function timeTicks(low: number, high: number, count: number): number[] {
  const apart = timeIncrements.find((seconds) => (high - low) / seconds <= count) ?? high - low
  const ticks: number[] = []
  for (let at = Math.ceil(low / apart); at * apart <= high; at++) ticks.push(at * apart)
  return ticks
}

export function isTime(kind: AxisKind): boolean {
  return kind === 'relative' || kind === 'wall'
}

/** The axis of these runs; `choice` is needed for every kind but steps. */
export function curveAxis(kind: AxisKind, choice: AxisChoice | undefined, logarithmic: boolean): CurveAxis {
  const places = choice?.runs[0]
  const on = (step: number) => (kind === 'step' || !places ? step : placeOfStep(places, step))
  return {
    kind,
    logarithmic,
    unit: kind === 'relative' || kind === 'wall' ? '' : axisNames[kind],
    placeOf: (step) => {
      const place = on(step)
      return logarithmic && place <= 0 ? null : place
    },
    words: (place) => placeWords(kind, place),
    labels: (shown) => shown.map((place) => placeLabel(kind, place, shown)),
  }
}

function placeWords(kind: AxisKind, place: number): string {
  if (kind === 'step') return `at step ${formatCount(Math.round(place))}`
  if (kind === 'relative') return `after ${durationWords(place, 0)}`
  if (kind === 'wall')
    return `on ${new Date(1000 * place).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })}`
  if (kind === 'epoch') return `at epoch ${Number(place.toFixed(3))}`
  return `at ${formatCount(Math.round(place))} tokens`
}

function placeLabel(kind: AxisKind, place: number, shown: readonly number[]): string {
  const apart = shown.length > 1 ? Math.abs(shown[1]! - shown[0]!) : Infinity
  if (kind === 'relative') return durationWords(place, apart)
  if (kind === 'wall') return clockLabel(place, apart)
  if (kind === 'epoch') return String(Number(place.toPrecision(6)))
  if (kind === 'tokens') return place >= 1e4 ? compact.format(place) : formatCount(place)
  return Number.isInteger(place) ? formatCount(place) : ''
}

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 })

/** `0.25 s`, `40 s`, `3 min 20 s`, `2 h 05 min`. `apart`: how far labels are from each other; 0 for one alone. */
function durationWords(seconds: number, apart: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(apart >= 1 ? 0 : 2))} s`
  const rest = Math.floor(seconds % 60)
  if (seconds < 3600 && rest > 0 && apart < 60)
    return `${Math.floor(seconds / 60)} min ${String(rest).padStart(2, '0')} s`
  return formatDuration(seconds)
}

function clockLabel(place: number, apart: number): string {
  const date = new Date(1000 * place)
  if (apart >= 86_400) return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  const seconds = apart < 60 ? ({ second: '2-digit' } as const) : {}
  const clock = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...seconds })
  return apart < 3600 ? clock : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`
}

/** What smoothing goes over on this axis, and that in words: `20 steps`, `2 min`, `0.5 epochs`. */
export function smoothingOn(kind: AxisKind, smoothing: Smoothing, range: number): { window: number; words: string } {
  if (kind === 'step') {
    const window = smoothingWindow(smoothing, range)
    return { window, words: `${formatCount(window)} steps` }
  }
  if (smoothing === 'none') return { window: 0, words: '' }
  if (!isTime(kind)) {
    const window = Number(smoothingWindow(smoothing, range, 0).toPrecision(3))
    return {
      window,
      words: kind === 'epoch' ? `${window} ${window === 1 ? 'epoch' : 'epochs'}` : `${formatCount(window)} tokens`,
    }
  }
  const wanted = shareOfRange[smoothing] * range
  const window = timeIncrements.findLast((seconds) => seconds <= wanted) ?? wanted
  return { window, words: window < 1 ? `${Number(window.toPrecision(2))} s` : formatDuration(window) }
}
