/** Posterior of a score without draws, by the delta method: for sweeps with more points than draws are affordable for. */
import type { Aggregate } from './sweep.ts'

/**
 * A normal distribution of the score's root: the score itself where `power` is 1, its cube root where it is 3. The cube
 * root of a rate of few successes is nearly normal (Wilson & Hilferty, 1931); its logarithm has far too long a tail.
 */
export type Normal = { mean: number; deviation: number; power: 1 | 3 }

/** ln Γ(x) for x > 0: recurrence up to 8, then Stirling's series (Abramowitz & Stegun 6.1.41). */
export function logGamma(x: number): number {
  let product = 1
  for (; x < 8; x += 1) product *= x
  const square = 1 / (x * x)
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - (product === 1 ? 0 : Math.log(product))
}

/** The mean of a Beta variable to a power above 0. */
function betaMoment(alpha: number, beta: number, power: number): number {
  const total = alpha + beta
  return Math.exp(logGamma(alpha + power) - logGamma(alpha) + logGamma(total) - logGamma(total + power))
}

const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)

/** Φ(z), to 1e-7: Abramowitz & Stegun 26.2.17. */
export function normalCumulative(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = density(z) * polynomial
  return z >= 0 ? 1 - tail : tail
}

/**
 * The score's posterior from Beta posteriors of the accuracies, `alpha` and `beta` by benchmark: exact moments for the
 * arithmetic and the geometric mean, the delta method to second order for the harmonic mean, and for a minimum Clark's
 * moments of the lesser of two normals ("The greatest of a finite set of random variables", 1961), one benchmark after
 * another.
 */
export function approximateScore(
  aggregate: Aggregate,
  alpha: ArrayLike<number>,
  beta: ArrayLike<number>,
  baseline: ArrayLike<number>,
): Normal {
  const count = alpha.length
  if (aggregate === 'arithmetic-mean') {
    let mean = 0
    let variance = 0
    for (let index = 0; index < count; index++) {
      const total = alpha[index]! + beta[index]!
      const rate = alpha[index]! / total
      mean += rate / baseline[index]! / count
      variance += (rate * (1 - rate)) / (total + 1) / (baseline[index]! * count) ** 2
    }
    return { mean, deviation: Math.sqrt(variance), power: 1 }
  }
  const moments = (power: number) =>
    Array.from(
      { length: count },
      (_, index) => betaMoment(alpha[index]!, beta[index]!, power) / baseline[index]! ** power,
    )
  if (aggregate === 'geometric-mean') {
    const product = (power: number) => moments(power / count).reduce((whole, moment) => whole * moment, 1)
    const mean = product(1 / 3)
    return { mean, deviation: Math.sqrt(Math.max(0, product(2 / 3) - mean * mean)), power: 3 }
  }
  const means = moments(1 / 3)
  const squares = moments(2 / 3)
  const variances = means.map((mean, index) => Math.max(0, squares[index]! - mean * mean))
  if (aggregate === 'minimum') return lesserOfNormals(means, variances)
  // with x the ratios' cube roots, the mean's is (n ÷ Σ x⁻³)^⅓; its slopes are the terms' shares of the sum
  const terms = means.map((mean) => mean ** -3)
  const sum = terms.reduce((total, term) => total + term, 0)
  const root = Math.cbrt(count / sum)
  let variance = 0
  let curvature = 0
  terms.forEach((term, index) => {
    const share = term / sum
    const relative = variances[index]! / means[index]! ** 2
    variance += share * share * relative
    curvature += share * (1 - share) * relative
  })
  return { mean: root * Math.max(0.1, 1 - 2 * curvature), deviation: root * Math.sqrt(variance), power: 3 }
}

function lesserOfNormals(means: number[], variances: number[]): Normal {
  let mean = means[0]!
  let variance = variances[0]!
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
  }
  return { mean, deviation: Math.sqrt(variance), power: 3 }
}

/** The chance of each of independent normals to be the highest, by integration over the values that the highest may take. */
export function chancesOfHighest(normals: readonly Normal[]): number[] {
  if (normals.length === 0) return []
  const reach = 7
  const floor = Math.max(...normals.map(({ mean, deviation }) => mean - reach * deviation))
  const contenders = normals.filter(({ mean, deviation }) => mean + reach * deviation >= floor)
  const ceiling = Math.max(...contenders.map(({ mean, deviation }) => mean + reach * deviation))
  const narrowest = Math.min(...contenders.map(({ deviation }) => deviation))
  if (!(narrowest > 0)) throw new Error('a normal distribution needs a deviation above 0')
  const steps = Math.min(4000, Math.max(200, Math.ceil(((ceiling - floor) / narrowest) * 3)))
  const width = (ceiling - floor) / steps
  const logCumulative = new Float64Array(steps)
  const valueAt = (step: number) => floor + (step + 0.5) * width
  for (const { mean, deviation } of contenders) {
    for (let step = 0; step < steps; step++) {
      const z = (valueAt(step) - mean) / deviation
      if (z < reach) logCumulative[step]! += Math.log(Math.max(1e-300, normalCumulative(z)))
    }
  }
  const chances = normals.map(({ mean, deviation }) => {
    if (mean + reach * deviation < floor) return 0
    let chance = 0
    for (let step = 0; step < steps; step++) {
      const z = (valueAt(step) - mean) / deviation
      if (z > reach || z < -reach) continue
      chance += (density(z) / Math.max(1e-300, normalCumulative(z))) * Math.exp(logCumulative[step]!)
    }
    return chance / deviation
  })
  const sum = chances.reduce((total, chance) => total + chance, 0)
  return chances.map((chance) => chance / sum)
}
