/** How far behind the best of many one must be before chance alone does not explain it: the family's error is 5 %. */
import { normalCumulative, normalDensity } from './normal.ts'

const familyError = 0.05
const known = new Map<string, number>()

/**
 * The limit of (leader − candidate) ÷ its standard error beyond which the candidate is not the best. Whoever is truly best is
 * passed by that much by any of the others in at most 5 % of cases, however close they are: the one-sided limit of many
 * comparisons with one (Dunnett, "A multiple comparison procedure for comparing several treatments with a control", 1955),
 * used for the unknown best as Hsu does ("Simultaneous confidence intervals for all distances from the 'best'", 1981). Noise is
 * taken to be alike for all. 1.645 with one comparison, 2.7 with 26, 3.9 with 10,000.
 */
export function limitOfBest(comparisons: number, error = familyError): number {
  if (comparisons < 1) return 0
  const name = `${comparisons} ${error}`
  const before = known.get(name)
  if (before !== undefined) return before
  let [low, high] = [0, 8]
  for (let turn = 0; turn < 30; turn++) {
    const middle = (low + high) / 2
    if (chanceNonePasses(comparisons, middle) < 1 - error) low = middle
    else high = middle
  }
  known.set(name, high)
  return high
}

const step = 0.05
const reach = 8
const places = Float64Array.from({ length: (2 * reach) / step + 1 }, (_, at) => at * step - reach)
const weights = places.map((z) => step * normalDensity(z))

/** The chance that none of so many equals is ahead of one of them by `limit` standard errors of the difference. */
function chanceNonePasses(comparisons: number, limit: number): number {
  let sum = 0
  for (let at = 0; at < places.length; at++)
    sum += weights[at]! * normalCumulative(places[at]! + limit * Math.SQRT2) ** comparisons
  return sum
}
