/** The normal distribution, to double precision. */

/** z of the 97.5th percentile: ends of 95 % intervals stand so many standard deviations from the middle. */
export const z95 = 1.959963984540054

const rootOfTwoPi = Math.sqrt(2 * Math.PI)

export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / rootOfTwoPi

/** erfc(x) for x >= 0: its series below 2, above its continued fraction (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function complementaryError(x: number): number {
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  let fraction = x
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction)
}

/** Φ(z): the chance of a value below z; far below 0 too, where it keeps its relative precision. */
export function normalCumulative(z: number): number {
  const tail = complementaryError(Math.abs(z) / Math.SQRT2) / 2
  return z > 0 ? 1 - tail : tail
}

/** z that a value stays below with this chance, between 0 and 1: by halving, as it is asked for seldom. */
export function normalQuantile(chance: number): number {
  let [low, high] = [-40, 40]
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2
    if (normalCumulative(middle) < chance) low = middle
    else high = middle
  }
  return (low + high) / 2
}
