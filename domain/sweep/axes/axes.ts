/** Values of an axis: as written, or made from a range so that they read as a person would have written them. */
import {
  aligned,
  compareDecimals,
  type Decimal,
  decimalKey,
  notationOf,
  parseDecimal,
  roundedRatio,
  roundedToWhole,
  writeDecimal,
} from './decimal.ts'
import { type ContinuousAxis, continuousIssues, continuousOf } from './continuous-axis.ts'
import { type Issue, SweepboardError } from '../../errors.ts'
import type { Axis, Sweep } from '../sweep.ts'

export type ExpandedAxis = { name: string; values: string[]; milestone: boolean }

/** What a milestone axis counts: steps where its name says so (`step`, `train_steps`), else epochs. */
export function milestoneUnit(axisName: string): 'epoch' | 'step' {
  return /step/i.test(axisName) ? 'step' : 'epoch'
}

export function isMilestoneAxis(axis: Axis): boolean {
  return !Array.isArray(axis) && 'milestones' in axis
}

/** Whether a search chooses the axis' values between two ends. */
export function isContinuous(axis: Axis): axis is ContinuousAxis {
  return continuousOf(axis) !== null
}

/** The name of the sweep's milestone axis (the first, where a wrong definition has several), or null. */
export function milestoneAxisName(axes: Sweep['axes']): string | null {
  return Object.entries(axes).find(([, axis]) => isMilestoneAxis(axis))?.[0] ?? null
}

/** How many values the axis has, without making them; 0 where a search chooses them between two ends. */
export function axisSize(axis: Axis): number {
  if (Array.isArray(axis)) return axis.length
  if ('milestones' in axis) return axis.milestones.length
  if (isContinuous(axis)) return 0
  return ('range' in axis ? axis.range : axis.log)[2]
}

/**
 * The values of an axis, each a literal: a list and milestones as written; `range` in equal steps and `log` in equal
 * ratios, the ends exactly as written and what lies between in their notation, rounded to whole numbers where it says so. None
 * where a search chooses them.
 * Throws SweepboardError 'invalid' with the issues of `axisIssues` where the axis is wrong.
 */
export function expandAxis(name: string, axis: Axis): ExpandedAxis {
  const issues = axisIssues(name, axis)
  if (issues.length > 0) throw new SweepboardError('invalid', issues[0]!.message, issues)
  if (Array.isArray(axis)) return { name, values: axis, milestone: false }
  if ('milestones' in axis) return { name, values: axis.milestones, milestone: true }
  if (isContinuous(axis)) return { name, values: [], milestone: false }
  return { name, values: valuesBetween(axis), milestone: false }
}

/** What is wrong with one axis by itself: values twice, ends that are no numbers, milestones that do not rise. */
export function axisIssues(name: string, axis: Axis): Issue[] {
  if (Array.isArray(axis)) return repeatedValues(name, axis)
  if ('milestones' in axis) return milestoneIssues(name, axis.milestones)
  if (isContinuous(axis)) return continuousIssues(name, continuousOf(axis)!)
  const issues = boundsIssues(name, axis)
  return issues.length > 0 || !axis.integer ? issues : wholeIssues(name, axis)
}

/** Ends that are no whole numbers, and more values than there are whole numbers to round them to. */
function wholeIssues(name: string, axis: Between): Issue[] {
  const kind = 'range' in axis ? 'range' : 'log'
  const [low, high, count] = 'range' in axis ? axis.range : axis.log
  const issues = [low, high].flatMap((literal, index): Issue[] => {
    if (parseDecimal(literal)!.exponent >= 0) return []
    const end = index === 0 ? 'low' : 'high'
    const message = `The ${end} end ${literal} of the axis ${name} is not a whole number, and the axis has integer: true; expected e.g. 16.`
    return [{ path: ['axes', name, kind, index], message }]
  })
  if (issues.length > 0) return issues
  const values = valuesBetween(axis)
  const twice = values.find(
    (value, at) => at > 0 && compareDecimals(parseDecimal(value)!, parseDecimal(values[at - 1]!)!) <= 0,
  )
  if (twice === undefined) return []
  const message = `Rounded to whole numbers, ${count} values from ${low} to ${high} hold ${twice} twice on the axis ${name}; expected fewer values.`
  return [{ path: ['axes', name, kind], message }]
}

function repeatedValues(name: string, values: string[]): Issue[] {
  const issues: Issue[] = []
  const seen = new Map<string, string>()
  values.forEach((value, index) => {
    const number = parseDecimal(value)
    // a text and a number never share a key: a number's starts with a digit or a minus, a text's with a quote
    const key = number ? decimalKey(number) : `"${value}`
    const earlier = seen.get(key)
    if (earlier === undefined) {
      seen.set(key, value)
      return
    }
    const message =
      earlier === value
        ? `The value ${value} stands twice on the axis ${name}; expected each value once.`
        : `The values ${earlier} and ${value} of the axis ${name} are the same number: the same thing would be trained twice. Expected one of them.`
    issues.push({ path: ['axes', name, index], message })
  })
  return issues
}

function milestoneIssues(name: string, milestones: string[]): Issue[] {
  const issues: Issue[] = []
  const unit = milestoneUnit(name)
  let highest: { literal: string; number: Decimal } | null = null
  milestones.forEach((literal, index) => {
    const path = ['axes', name, 'milestones', index]
    const number = parseDecimal(literal)
    if (!number || number.mantissa <= 0n) {
      const expected = unit === 'step' ? 'a whole number of steps above 0' : 'a number of epochs above 0'
      issues.push({ path, message: `The milestone ${literal} of the axis ${name} is not ${expected}.` })
    } else if (unit === 'step' && number.exponent < 0) {
      issues.push({
        path,
        message: `The milestone ${literal} of the axis ${name} is not a whole number of steps above 0.`,
      })
    } else if (highest && compareDecimals(number, highest.number) <= 0) {
      issues.push({
        path,
        message: `The milestones of the axis ${name} do not rise: ${literal} stands after ${highest.literal}. Expected each to be higher than the one before.`,
      })
    } else highest = { literal, number }
  })
  return issues
}

type Between = Extract<Axis, { range: unknown } | { log: unknown }>

function boundsIssues(name: string, axis: Between): Issue[] {
  const kind = 'range' in axis ? 'range' : 'log'
  const [low, high] = 'range' in axis ? axis.range : axis.log
  const issues: Issue[] = []
  const ends = [low, high].map((literal, index) => {
    const number = parseDecimal(literal)
    const path = ['axes', name, kind, index]
    if (!number) {
      issues.push({
        path,
        message: `The ${index === 0 ? 'low' : 'high'} end ${literal} of the axis ${name} is not a number; expected ${kind}: [low, high, count], e.g. [1e-5, 1e-3, 3].`,
      })
    } else if (kind === 'log' && number.mantissa <= 0n) {
      issues.push({
        path,
        message: `The ${index === 0 ? 'low' : 'high'} end ${literal} of the axis ${name} is not above 0, and a log axis goes in equal ratios; expected a number above 0.`,
      })
    }
    return number
  })
  if (issues.length === 0 && compareDecimals(ends[0]!, ends[1]!) >= 0) {
    issues.push({
      path: ['axes', name, kind],
      message: `The axis ${name} goes from ${low} to ${high}; expected the first to be lower than the second.`,
    })
  }
  return issues
}

/** Digits that a value which has no short exact form keeps of the distance to its neighbour. */
const keptDigits = 6
/** An exact value is written in full up to this many digits. */
const exactDigits = 12

function valuesBetween(axis: Between): string[] {
  const [low, high, count] = 'range' in axis ? axis.range : axis.log
  const notation = notationOf(low, high)
  const lowest = parseDecimal(low)!
  const highest = parseDecimal(high)!
  const between = 'range' in axis ? linear(lowest, highest, count) : geometric(lowest, highest, count)
  const rounded = axis.integer ? between.map(roundedToWhole) : between
  return [low, ...rounded.map((value) => writeDecimal(value, notation)), high]
}

function digitsOf({ mantissa }: Decimal): number {
  return mantissa.toString().replace('-', '').length
}

function linear(low: Decimal, high: Decimal, count: number): Decimal[] {
  const { a, b, exponent } = aligned(low, high)
  const intervals = BigInt(count - 1)
  // the place of the step's leading digit, within one: a few digits below it keep all values apart and in order
  const stepPlace = exponent + (b - a).toString().length - 1 - intervals.toString().length
  const values: Decimal[] = []
  for (let index = 1n; index < intervals; index++) {
    const numerator = a * (intervals - index) + b * index
    const full = roundedRatio(numerator, intervals, exponent, stepPlace - exactDigits)
    if (full.exact && digitsOf(full.value) <= exactDigits) values.push(full.value)
    else values.push(roundedRatio(numerator, intervals, exponent, stepPlace - keptDigits + 1).value)
  }
  return values
}

function geometric(low: Decimal, high: Decimal, count: number): Decimal[] {
  const lowLogarithm = logarithm(low)
  const step = (logarithm(high) - lowLogarithm) / (count - 1)
  // neighbours differ by the factor e^step: a small one needs more digits to keep them apart
  const digits = Math.min(15, keptDigits + Math.max(0, Math.ceil(-Math.log10(Math.expm1(Math.min(step, 1))))))
  const values: Decimal[] = []
  for (let index = 1; index < count - 1; index++) {
    const value = between(low, high, index / (count - 1))
    const full = parseDecimal(value.toExponential(13))!
    // 14 digits of a double that was computed in three roundings are right; a short number among them is the exact one
    if (digitsOf(full) <= 10) values.push(full)
    else values.push(parseDecimal(value.toExponential(digits - 1))!)
  }
  return values
}

function logarithm({ mantissa, exponent }: Decimal): number {
  return Math.log(Number(mantissa)) + exponent * Math.LN10
}

function between(low: Decimal, high: Decimal, share: number): number {
  const lowNumber = Number(decimalKey(low))
  const highNumber = Number(decimalKey(high))
  const ratio = highNumber / lowNumber
  return Number.isFinite(ratio) ? lowNumber * ratio ** share : lowNumber ** (1 - share) * highNumber ** share
}
