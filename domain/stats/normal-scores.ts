import { normalQuantile } from './normal.ts'

/** From values to where they lie in their order, and back; both rise. */
export type NormalScores = {
  scoreOf(value: number): number
  valueOf(score: number): number
}

/**
 * Normal scores: of the r-th of n values what a standard normal variable stays below with the chance (r − ½) ÷ n (van der Waerden, "Order
 * tests for the two-sample problem and their power", 1952), equal values sharing the mean of their ranks; between values by straight lines,
 * beyond them as steeply as on average from the middle to that end. `sorted`: at least one, the least first.
 */
export function normalScores(sorted: readonly number[]): NormalScores {
  const count = sorted.length
  const values: number[] = []
  const scores: number[] = []
  for (let first = 0; first < count;) {
    let last = first
    while (last + 1 < count && sorted[last + 1] === sorted[first]) last++
    values.push(sorted[first]!)
    scores.push(normalQuantile(((first + last) / 2 + 0.5) / count))
    first = last + 1
  }
  if (values.length === 1) return { scoreOf: () => 0, valueOf: () => values[0]! }
  return { scoreOf: throughPoints(values, scores), valueOf: throughPoints(scores, values) }
}

/** A line from point to point; `xs` rise. */
function throughPoints(xs: readonly number[], ys: readonly number[]): (x: number) => number {
  const last = xs.length - 1
  const middle = xs.length >> 1
  const slope = (from: number, to: number) => (ys[to]! - ys[from]!) / (xs[to]! - xs[from]!)
  const lower = slope(0, middle)
  const upper = slope(Math.min(middle, last - 1), last)
  return (x) => {
    if (x <= xs[0]!) return ys[0]! + lower * (x - xs[0]!)
    if (x >= xs[last]!) return ys[last]! + upper * (x - xs[last]!)
    let [low, high] = [0, last]
    while (high - low > 1) {
      const between = (low + high) >> 1
      if (xs[between]! <= x) low = between
      else high = between
    }
    return ys[low]! + slope(low, high) * (x - xs[low]!)
  }
}
