/** How often chance alone reaches a figure: upper tails of the χ² and the F distribution, and Student's t. */
import { logGamma } from './gamma.ts'
import { z95 } from './normal.ts'

const precision = 1e-14
const mostTerms = 100_000
const mostTurns = 60
const tiny = 1e-300

/** The chance that a χ² variable of so many degrees of freedom is `value` or more. */
export function chiSquareTail(value: number, degreesOfFreedom: number): number {
  const [a, x] = [degreesOfFreedom / 2, value / 2]
  if (!(x > 0)) return 1
  if (x === Infinity) return 0
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    // the lower area as a series (DLMF 8.7.1)
    let term = 1 / a
    let sum = term
    for (let n = 1; n < mostTerms && term > sum * precision; n++) sum += term *= x / (a + n)
    return Math.max(0, 1 - factor * sum)
  }
  return Math.min(
    1,
    factor *
      continuedFraction(
        (n) => (n === 1 ? 1 : (n - 1) * (a - n + 1)),
        (n) => x - a + 2 * n - 1,
      ),
  )
}

/** The chance that an F variable is `value` or more. */
export function fisherTail(value: number, numeratorDegrees: number, denominatorDegrees: number): number {
  if (!(value > 0)) return 1
  if (value === Infinity) return 0
  const x = denominatorDegrees / (denominatorDegrees + numeratorDegrees * value)
  return betaArea(x, denominatorDegrees / 2, numeratorDegrees / 2)
}

/** Student's t that is passed on either side in 5 % of cases: 12.706 with one degree of freedom, towards 1.96 with many. */
export function studentLimit(degreesOfFreedom: number): number {
  const half = (degreesOfFreedom + 1) / 2
  const logScale = logGamma(half) - logGamma(degreesOfFreedom / 2) - 0.5 * Math.log(degreesOfFreedom * Math.PI)
  // by Newton's method from below: the chance falls ever slower, so no step goes past the limit
  let limit = z95
  for (let turn = 0; turn < mostTurns; turn++) {
    const density = Math.exp(logScale - half * Math.log1p((limit * limit) / degreesOfFreedom))
    const step = (fisherTail(limit * limit, 1, degreesOfFreedom) - 0.05) / (2 * density)
    limit += step
    if (Math.abs(step) < 1e-12 * limit) break
  }
  return limit
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22). */
function betaArea(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1
  // it converges quickly below the mean only
  if (x > (a + 1) / (a + b + 2)) return 1 - betaArea(1 - x, b, a)
  const factor = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  const fraction = continuedFraction(
    (n) => {
      if (n === 1) return 1
      const m = Math.floor((n - 1) / 2)
      return n % 2 === 1
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    },
    () => 1,
  )
  return factor * fraction
}

/** a₁ ÷ (b₁ + a₂ ÷ (b₂ + …)), by the modified method of Lentz (Thompson & Barnett, 1986). */
function continuedFraction(numerator: (n: number) => number, denominator: (n: number) => number): number {
  let fraction = tiny
  let c = fraction
  let d = 0
  for (let n = 1; n < mostTerms; n++) {
    const [a, b] = [numerator(n), denominator(n)]
    d = 1 / (b + a * d || tiny)
    c = b + a / c || tiny
    const change = c * d
    fraction *= change
    if (Math.abs(change - 1) < precision) break
  }
  return fraction
}
