/** How the values of an axis lie: as names, or as numbers on a linear or a logarithmic scale. */
import { parseDecimal } from './decimal.ts'

export type AxisScale = 'names' | 'linear' | 'log'

/** Stands among an axis' values, as lists and pictures have them, for points at which it does not exist. */
export const notThere = '–'

/** A lone ratio at which two numbers are taken for a logarithmic axis. */
const widestLinearRatio = 10

/**
 * Names where any value is not a number. Numbers are logarithmic where all are above 0 and lie more evenly by their
 * ratios than by their differences.
 */
export function axisScale(values: readonly string[]): AxisScale {
  const there = values.filter((value) => value !== notThere)
  if (!there.every((value) => parseDecimal(value) !== null)) return 'names'
  const numbers = there.map(Number).toSorted((a, b) => a - b)
  if (!(numbers[0]! > 0) || numbers.length < 2) return 'linear'
  if (numbers.length === 2) return numbers[1]! / numbers[0]! >= widestLinearRatio ? 'log' : 'linear'
  return unevenness(numbers.map(Math.log)) < unevenness(numbers) ? 'log' : 'linear'
}

/** Standard deviation of the gaps between neighbours, as a share of the mean gap. */
function unevenness(sorted: number[]): number {
  const gaps = sorted.slice(1).map((value, at) => value - sorted[at]!)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  return Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length) / mean
}

/** The values' places when sorted as numbers; as they were written where they are names. Where the axis is not there stands last. */
export function sortedPlaces(values: readonly string[]): number[] {
  const places = values.map((_, at) => at)
  if (axisScale(values) === 'names') return places
  const numberAt = (place: number) => (values[place] === notThere ? Number.MAX_VALUE : Number(values[place]))
  return places.toSorted((a, b) => numberAt(a) - numberAt(b))
}

/** By value: its place among the sorted ones. */
export function ranksOfValues(values: readonly string[]): Uint32Array {
  const ranks = new Uint32Array(values.length)
  sortedPlaces(values).forEach((place, rank) => (ranks[place] = rank))
  return ranks
}
