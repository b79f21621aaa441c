/** Posterior of a score without draws, by the delta method: for sweeps with more points than draws are affordable for. */
import { normalCumulative, normalDensity as density } from '../stats/normal.ts'
import { logGamma } from '../stats/gamma.ts'
import type { Aggregate } from '../sweep/sweep.ts'

/**
 * A normal distribution of the score's root: the score itself where `power` is 1, its cube root where it is 3. The cube
 * root of a rate of few successes is nearly normal (Wilson & Hilferty, 1931); its logarithm has far too long a tail.
 */
export type Normal = { mean: number; deviation: number; power: 1 | 3 }

/** The mean of a Beta variable to a power above 0. */
export type BetaMoment = (alpha: number, beta: number, power: number) => number

function betaMoment(alpha: number, beta: number, power: number): number {
  const total = alpha + beta
  return Math.exp(logGamma(alpha + power) - logGamma(alpha) + logGamma(total) - logGamma(total + power))
}

/** As `betaMoment`, each computed once: a benchmark of n questions has n + 1 results, however many points were measured. */
export function rememberedMoments(): BetaMoment {
  const known = new Map<number, Map<number, Float64Array>>()
  return (alpha, beta, power) => {
    const total = alpha + beta
    const correct = alpha - 0.5
    // what is no count under Jeffreys' prior would never be asked for again
    if (!Number.isInteger(correct) || !Number.isInteger(total) || total > mostRemembered)
      return betaMoment(alpha, beta, power)
    let ofPower = known.get(power)
    if (ofPower === undefined) known.set(power, (ofPower = new Map()))
    let ofTotal = ofPower.get(total)
    if (ofTotal === undefined) ofPower.set(total, (ofTotal = new Float64Array(total).fill(NaN)))
    const found = ofTotal[correct]!
    return Number.isNaN(found) ? (ofTotal[correct] = betaMoment(alpha, beta, power)) : found
  }
}

/** Questions of a benchmark whose moments are kept. */
const mostRemembered = 100_000

/**
 * The score's posterior from Beta posteriors of the accuracies, `alpha` and `beta` by benchmark: exact moments for the
 * arithmetic and the geometric mean, the delta method to second order for the harmonic mean, and for a minimum Clark's
 * moments of the lesser of two normals ("The greatest of a finite set of random variables", 1961), one benchmark after
 * another. `parts` is filled with what each benchmark adds to the deviation: their squares sum to its square.
 */
export function approximateScore(
  aggregate: Aggregate,
  alpha: ArrayLike<number>,
  beta: ArrayLike<number>,
  baseline: ArrayLike<number>,
  moment: BetaMoment = betaMoment,
  parts?: Float64Array,
): Normal {
  const count = alpha.length
  if (aggregate === 'arithmetic-mean') {
    let mean = 0
    let variance = 0
    for (let index = 0; index < count; index++) {
      const total = alpha[index]! + beta[index]!
      const rate = alpha[index]! / total
      const part = Math.sqrt((rate * (1 - rate)) / (total + 1)) / (baseline[index]! * count)
      mean += rate / baseline[index]! / count
      variance += part * part
      if (parts) parts[index] = part
    }
    return { mean, deviation: Math.sqrt(variance), power: 1 }
  }
  const moments = (power: number) => {
    const found = new Float64Array(count)
    for (let index = 0; index < count; index++)
      found[index] = moment(alpha[index]!, beta[index]!, power) / baseline[index]! ** power
    return found
  }
  if (aggregate === 'geometric-mean') {
    const [roots, squares] = [moments(1 / 3 / count), moments(2 / 3 / count)]
    const mean = roots.reduce((whole, one) => whole * one, 1)
    const square = squares.reduce((whole, one) => whole * one, 1)
    const normal: Normal = { mean, deviation: Math.sqrt(Math.max(0, square - mean * mean)), power: 3 }
    if (parts) setParts(parts, normal, (index) => Math.sqrt(Math.max(0, squares[index]! / roots[index]! ** 2 - 1)))
    return normal
  }
  const means = moments(1 / 3)
  const squares = moments(2 / 3)
  const variances = means.map((mean, index) => Math.max(0, squares[index]! - mean * mean))
  if (aggregate === 'minimum') {
    const { normal, least } = leastOfNormals(means, variances)
    if (parts) setParts(parts, normal, (index) => least[index]! * Math.sqrt(variances[index]!))
    return normal
  }
  // with x the ratios' cube roots, the mean's is (n ÷ Σ x⁻³)^⅓; its slopes are the terms' shares of the sum
  let sum = 0
  for (let index = 0; index < count; index++) sum += means[index]! ** -3
  const root = Math.cbrt(count / sum)
  let variance = 0
  let curvature = 0
  for (let index = 0; index < count; index++) {
    const share = means[index]! ** -3 / sum
    const relative = variances[index]! / means[index]! ** 2
    variance += share * share * relative
    curvature += share * (1 - share) * relative
    if (parts) parts[index] = root * share * Math.sqrt(relative)
  }
  return { mean: root * Math.max(0.1, 1 - 2 * curvature), deviation: root * Math.sqrt(variance), power: 3 }
}

/** The chance of each benchmark to be the one with the least ratio. */
export function chancesOfLeast(
  alpha: ArrayLike<number>,
  beta: ArrayLike<number>,
  baseline: ArrayLike<number>,
): Float64Array {
  const moments = (power: number) =>
    Float64Array.from(
      { length: alpha.length },
      (_, at) => betaMoment(alpha[at]!, beta[at]!, power) / baseline[at]! ** power,
    )
  const [means, squares] = [moments(1 / 3), moments(2 / 3)]
  return leastOfNormals(
    means,
    means.map((mean, at) => Math.max(0, squares[at]! - mean * mean)),
  ).least
}

/** Writes parts in the given proportions, so that their squares sum to the deviation's. */
function setParts(parts: Float64Array, { deviation }: Normal, proportionOf: (index: number) => number): void {
  for (let index = 0; index < parts.length; index++) parts[index] = proportionOf(index)
  const length = Math.hypot(...parts)
  for (let index = 0; index < parts.length; index++) parts[index]! *= length > 0 ? deviation / length : 0
}

function leastOfNormals(means: Float64Array, variances: Float64Array): { normal: Normal; least: Float64Array } {
  let mean = means[0]!
  let variance = variances[0]!
  /** Chance of each benchmark to be the least of those so far. */
  const least = new Float64Array(means.length).fill(1)
  for (let index = 1; index < means.length; index++) {
    const spread = Math.sqrt(variance + variances[index]!)
    const z = (means[index]! - mean) / spread
    const first = normalCumulative(z) // chance that the lesser so far stays the lesser
    const lesser = mean * first + means[index]! * (1 - first) - spread * density(z)
    const square =
      (mean ** 2 + variance) * first +
      (means[index]! ** 2 + variances[index]!) * (1 - first) -
      (mean + means[index]!) * spread * density(z)
    mean = lesser
    variance = Math.max(0, square - lesser ** 2)
    for (let before = 0; before < index; before++) least[before]! *= first
    least[index] = 1 - first
  }
  return { normal: { mean, deviation: Math.sqrt(variance), power: 3 }, least }
}

/** Below this chance to be the highest nobody looks. */
const negligible = 1e-8
/** z beyond which a normal holds less than that. */
const reach = 5.7
/** The highest of ten thousand varies four times less than one of them. */
const stepsADeviation = 8

/**
 * The chance of each of independent normals, by their means and deviations, to be the highest, by integration over the values that
 * the highest may take. Tens of thousands take some ten milliseconds: those that stand too far below the best few take no part.
 */
export function chancesOfHighest(means: ArrayLike<number>, deviations: ArrayLike<number>): Float64Array {
  const count = means.length
  const chances = new Float64Array(count)
  if (count === 0) return chances
  const floor = leastHighest(means, deviations)
  const contenders: number[] = []
  let [ceiling, narrowest] = [-Infinity, Infinity]
  for (let at = 0; at < count; at++) {
    const top = means[at]! + reach * deviations[at]!
    if (top < floor) continue
    contenders.push(at)
    if (top > ceiling) ceiling = top
    if (deviations[at]! < narrowest) narrowest = deviations[at]!
  }
  if (!(narrowest > 0)) throw new Error('a normal distribution needs a deviation above 0')
  const steps = Math.min(4000, Math.max(64, Math.ceil(((ceiling - floor) / narrowest) * stepsADeviation)))
  const width = (ceiling - floor) / steps
  const logCumulative = new Float64Array(steps)
  for (const at of contenders) {
    const first = (floor + 0.5 * width - means[at]!) / deviations[at]!
    const stride = width / deviations[at]!
    const last = Math.min(steps, Math.ceil((reach - first) / stride))
    for (let step = 0; step < last; step++) logCumulative[step]! += tabled(logCumulatives, first + step * stride)
  }
  const highest = logCumulative.map(Math.exp)
  let sum = 0
  for (const at of contenders) {
    const first = (floor + 0.5 * width - means[at]!) / deviations[at]!
    const stride = width / deviations[at]!
    const last = Math.min(steps, Math.ceil((reach - first) / stride))
    let chance = 0
    for (let step = Math.max(0, Math.floor((-reach - first) / stride)); step < last; step++)
      chance += tabled(hazards, first + step * stride) * highest[step]!
    chances[at] = chance / deviations[at]!
    sum += chances[at]
  }
  for (const at of contenders) chances[at]! /= sum
  return chances
}

/** A value that the highest is all but surely above: of the best few alone, as the others only raise it. */
function leastHighest(means: ArrayLike<number>, deviations: ArrayLike<number>): number {
  const few = highestFew(means, 64)
  let [low, high] = [-Infinity, -Infinity]
  for (const at of few) {
    low = Math.max(low, means[at]! - 7 * deviations[at]!)
    high = Math.max(high, means[at]! + 7 * deviations[at]!)
  }
  for (let turn = 0; turn < 40; turn++) {
    const middle = (low + high) / 2
    let chance = 0
    for (const at of few) chance += tabled(logCumulatives, (middle - means[at]!) / deviations[at]!)
    if (chance < Math.log(negligible)) low = middle
    else high = middle
  }
  return low
}

/** Places of the few of highest mean, highest first. */
export function highestFew(means: ArrayLike<number>, most: number): number[] {
  const least = means.length <= most ? -Infinity : Float64Array.from(means).sort().at(-most)!
  const places: number[] = []
  for (let at = 0; at < means.length; at++) if (means[at]! >= least) places.push(at)
  return places.toSorted((a, b) => means[b]! - means[a]!).slice(0, most)
}

const tableReach = 8
const tableSteps = 256
const tableOf = (valueAt: (z: number) => number) =>
  Float64Array.from({ length: 2 * tableReach * tableSteps + 2 }, (_, at) => valueAt(at / tableSteps - tableReach))
const logCumulatives = tableOf((z) => Math.log(normalCumulative(z)))
/** Density ÷ cumulative. */
const hazards = tableOf((z) => density(z) / normalCumulative(z))

function tabled(table: Float64Array, z: number): number {
  if (z >= tableReach) return 0
  const at = (Math.max(z, -tableReach) + tableReach) * tableSteps
  const below = Math.floor(at)
  return table[below]! + (at - below) * (table[below + 1]! - table[below]!)
}
