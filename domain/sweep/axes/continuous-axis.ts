/** An axis between two ends that a search chooses values of: which literals there are, and where each lies. */
import { type Decimal, compareDecimals, notationOf, parseDecimal, writeDecimal } from './decimal.ts'
import type { Issue } from '../../errors.ts'
import type { Axis } from '../sweep.ts'

export const continuousKinds = ['uniform', 'log_uniform', 'integer'] as const
export type ContinuousKind = (typeof continuousKinds)[number]

/** As the file writes it. */
export type ContinuousAxis =
  | { uniform: [string, string] }
  | { log_uniform: [string, string] }
  | { integer: [string, string] }

export type Continuous = { kind: ContinuousKind; low: string; high: string }

/** The ends of a continuous axis; null where the axis has values of its own. */
export function continuousOf(axis: Axis): Continuous | null {
  if (Array.isArray(axis)) return null
  for (const kind of continuousKinds) {
    const ends = (axis as Partial<Record<ContinuousKind, [string, string]>>)[kind]
    // `integer: true` beside a range rounds its values
    if (Array.isArray(ends)) return { kind, low: ends[0], high: ends[1] }
  }
  return null
}

/** Ends that are no numbers, or not in order; where the axis is logarithmic, not above 0; of whole numbers, not whole. */
export function continuousIssues(name: string, { kind, low, high }: Continuous): Issue[] {
  const issues: Issue[] = []
  const ends = [low, high].map((literal, index) => {
    const number = parseDecimal(literal)
    const end = index === 0 ? 'low' : 'high'
    const wrong =
      number === null
        ? `is not a number; expected ${kind}: [low, high], e.g. ${kind === 'integer' ? '[1, 8]' : '[1e-5, 1e-3]'}`
        : kind === 'log_uniform' && number.mantissa <= 0n
          ? 'is not above 0, and log_uniform goes in equal ratios; expected a number above 0'
          : kind === 'integer' && number.exponent < 0
            ? 'is not a whole number; expected e.g. 16'
            : kind === 'integer' && Math.abs(Number(literal)) > Number.MAX_SAFE_INTEGER
              ? `is beyond ${Number.MAX_SAFE_INTEGER}, up to which whole numbers are exact`
              : null
    if (wrong !== null)
      issues.push({
        path: ['axes', name, kind, index],
        message: `The ${end} end ${literal} of the axis ${name} ${wrong}.`,
      })
    return number
  })
  if (issues.length === 0 && compareDecimals(ends[0]!, ends[1]!) >= 0)
    issues.push({
      path: ['axes', name, kind],
      message: `The axis ${name} goes from ${low} to ${high}; expected the first to be lower than the second.`,
    })
  return issues
}

/** The literals that a search may choose, in rising order, and where numbers lie between the ends. */
export type Lattice = {
  count: number
  /** The literal at a place from 0. */
  literalAt(place: number): string
  /** The place of the literal nearest to a share of the way from the low end to the high one. */
  placeNear(share: number): number
  /** Which share of the way a number lies at; on a logarithmic axis of its logarithm. Within 0 to 1. */
  shareOf(literal: string): number
}

/** A value of a linear axis is a multiple of a ten-thousandth of its length or less, one of a logarithmic axis has three digits. */
const linearDigits = 4
const ratioDigits = 3
/** So many literals at least lie between the ends of a logarithmic axis, however near they are. */
const leastOfRatio = 300

/** Values are few-digit numbers in the notation of the ends: what is proposed is what a person would have written. */
export function latticeOf(axis: Continuous): Lattice {
  const low = Number(axis.low)
  const high = Number(axis.high)
  const notation = notationOf(axis.low, axis.high)
  const within = (share: number) => Math.min(1, Math.max(0, share))
  if (axis.kind === 'log_uniform') {
    const ratio = Math.log(high) - Math.log(low)
    const digits = Math.min(12, Math.max(ratioDigits, Math.ceil(Math.log10(leastOfRatio / ratio)) + 1))
    const each = 9 * 10 ** (digits - 1)
    // the place of a number among all of so many digits: its decade, then its digits
    const indexOf = (value: number) => {
      const [mantissa, exponent] = value.toExponential(digits - 1).split('e')
      return Number(exponent) * each + Math.round(Number(mantissa) * 10 ** (digits - 1)) - 10 ** (digits - 1)
    }
    const decimalAt = (index: number): Decimal => {
      const decade = Math.floor(index / each)
      return parseDecimal(`${10 ** (digits - 1) + index - decade * each}e${decade - digits + 1}`)!
    }
    let first = indexOf(low)
    if (compareDecimals(decimalAt(first), parseDecimal(axis.low)!) < 0) first++
    let last = indexOf(high)
    if (compareDecimals(decimalAt(last), parseDecimal(axis.high)!) > 0) last--
    const count = Math.max(1, last - first + 1)
    return {
      count,
      literalAt: (place) => writeDecimal(decimalAt(first + place), notation),
      placeNear: (share) =>
        Math.min(count - 1, Math.max(0, indexOf(Math.exp(Math.log(low) + within(share) * ratio)) - first)),
      shareOf: (literal) => within((Math.log(Number(literal)) - Math.log(low)) / ratio),
    }
  }
  const place = axis.kind === 'integer' ? 0 : Math.floor(Math.log10(high - low)) - linearDigits + 1
  // 10^-5 is no double, 10^5 is
  const scaled = (value: number) => (place < 0 ? value * 10 ** -place : value / 10 ** place)
  const first = Math.ceil(scaled(low) - 1e-9)
  const count = Math.max(1, Math.floor(scaled(high) + 1e-9) - first + 1)
  return {
    count,
    literalAt(index) {
      const multiple = parseDecimal(`${first + index}e${place}`) ?? { mantissa: 0n, exponent: 0 }
      return writeDecimal(multiple, notation)
    },
    placeNear: (share) =>
      Math.min(count - 1, Math.max(0, Math.round(scaled(low + within(share) * (high - low))) - first)),
    shareOf: (literal) => within((Number(literal) - low) / (high - low)),
  }
}

/** The lowest, a middle and the highest value that may be chosen: they show what can be wrong with any. */
export function tellingValues(axis: Continuous): [string, ...string[]] {
  const { literalAt, placeNear, count } = latticeOf(axis)
  const places = new Set([0, placeNear(0.5), count - 1])
  return [...places].map(literalAt) as [string, ...string[]]
}

/** A value in the middle, which stands for the axis where one is to be shown. */
export function middleOf(axis: Continuous): string {
  const { literalAt, placeNear } = latticeOf(axis)
  return literalAt(placeNear(0.5))
}
