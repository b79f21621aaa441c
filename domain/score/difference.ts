/** Intervals of differences and ratios of two scores, from the interval of each and how alike their noise is. */

export type Estimate = { value: number; interval: [number, number] }

/**
 * 95 % interval of the first less the second: the distances of each value to its ends are taken as the square roots of
 * variances in that direction (Newcombe's method 10, "Improved confidence intervals for the difference between binomial
 * proportions based on paired data", 1998; for any two estimates Zou, "Toward using confidence intervals to compare
 * correlations", 2007). `correlation`: of their noise; 0 where they had questions of their own.
 */
export function differenceOf(first: Estimate, second: Estimate, correlation = 0): [number, number] {
  const difference = first.value - second.value
  const [below, above] = [first.value - first.interval[0], first.interval[1] - first.value]
  const [belowSecond, aboveSecond] = [second.value - second.interval[0], second.interval[1] - second.value]
  return [
    difference - together(below, aboveSecond, correlation),
    difference + together(above, belowSecond, correlation),
  ]
}

/** The length of the difference of two vectors with this cosine between them. */
function together(first: number, second: number, cosine: number): number {
  return Math.sqrt(Math.max(0, first * first + second * second - 2 * cosine * first * second))
}
