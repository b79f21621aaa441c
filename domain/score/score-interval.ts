/** The 95 % interval of a score from the counts behind it, by profile likelihood. */
import { normalCumulative, normalQuantile, z95 } from '../stats/normal.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import { chancesOfLeast } from './normal-approximation.ts'

/**
 * So many right and as many wrong answers are added to each benchmark: without any, a benchmark that came out at none right
 * would never be taken to be better (coverage 77 % with four times 40 questions at 2 %), with half of one (Jeffreys' prior)
 * few right answers are covered too often and the lower end stands too high (docs/luck.md).
 */
const added = 0.25
const mostTurns = 60
/** Of the likelihood ratio's root, which is about 1.96. */
const precision = 1e-11

/** By benchmark, all in one order. Numbers of right answers need not be whole. */
export type ScoredCounts = { correct: ArrayLike<number>; total: ArrayLike<number>; baseline: ArrayLike<number> }

/**
 * The values that the score may have so that the accuracies which give it are likely enough: minus twice the logarithm of
 * their likelihood ratio is at most `limit` (Venzon & Moolgavkar, "A method for computing profile-likelihood-based confidence
 * intervals", 1988). Accuracies of a given score are found by their Lagrange multiplier, in closed form for each.
 * `widened`: the interval of a score whose standard error is so many times what the counts alone give.
 */
export function scoreInterval(
  aggregate: Aggregate,
  { correct, total, baseline }: ScoredCounts,
  widened = 1,
): [number, number] {
  const count = correct.length
  const right = Float64Array.from({ length: count }, (_, at) => correct[at]! + added)
  const all = Float64Array.from({ length: count }, (_, at) => total[at]! + 2 * added)
  const limit = (z95 * widened) ** 2
  return aggregate === 'minimum'
    ? leastEnds(right, all, baseline, limit)
    : [endOf(aggregate, right, all, baseline, limit, -1), endOf(aggregate, right, all, baseline, limit, 1)]
}

/** Minus twice the logarithm of the likelihood of an accuracy, against that of right ÷ all. */
function deviance(right: number, all: number, rate: number): number {
  const wrong = all - right
  return 2 * (right * Math.log(right / (all * rate)) + wrong * Math.log(wrong / (all * (1 - rate))))
}

/** Which accuracies are likeliest where the score's slope has this multiplier. `low`: the benchmark on its lower branch. */
type Rates = (multiplier: number, low: number) => void

function endOf(
  aggregate: Exclude<Aggregate, 'minimum'>,
  right: Float64Array,
  all: Float64Array,
  baseline: ArrayLike<number>,
  limit: number,
  side: -1 | 1,
): number {
  const count = right.length
  const rates = new Float64Array(count)
  const scoreOf = () => {
    let sum = 0
    for (let at = 0; at < count; at++) {
      const ratio = rates[at]! / baseline[at]!
      sum += aggregate === 'harmonic-mean' ? 1 / ratio : aggregate === 'geometric-mean' ? Math.log(ratio) : ratio
    }
    return aggregate === 'harmonic-mean'
      ? count / sum
      : aggregate === 'geometric-mean'
        ? Math.exp(sum / count)
        : sum / count
  }
  const setRates: Rates = (multiplier, low) => {
    for (let at = 0; at < count; at++) {
      const [x, n] = [right[at]!, all[at]!]
      if (aggregate === 'geometric-mean') rates[at] = (x + multiplier) / (n + multiplier)
      else if (aggregate === 'arithmetic-mean') {
        // x/p − (n − x)/(1 − p) + m = 0
        const m = multiplier / baseline[at]!
        const half = n - m + Math.sqrt((n - m) ** 2 + 4 * m * x)
        rates[at] = half > 0 ? (2 * x) / half : 1
      } else {
        // x/p − (n − x)/(1 − p) + m/p² = 0
        const m = multiplier * baseline[at]!
        const sum = x - m
        const root = Math.sqrt(Math.max(0, sum * sum + 4 * n * m))
        rates[at] = at === low ? (-2 * m) / (sum + root) : sum >= 0 ? (sum + root) / (2 * n) : (2 * m) / (root - sum)
      }
    }
  }
  // its root, as that grows nearly straight with the multiplier; of rates that cannot be, infinite
  const root = Math.sqrt(limit)
  const excess = () => {
    let sum = 0
    for (let at = 0; at < count; at++) sum += deviance(right[at]!, all[at]!, Math.min(1 - 1e-15, rates[at]!))
    return sum >= 0 ? Math.sqrt(sum) - root : sum < 0 ? -root : Infinity
  }
  // the multiplier from which on two accuracies of one benchmark are equally steep: the least one has
  let [least, folds] = [-Infinity, -1]
  if (side < 0 && aggregate !== 'arithmetic-mean')
    for (let at = 0; at < count; at++) {
      const [x, n] = [right[at]!, all[at]!]
      const half = 2 * n - x
      const one =
        aggregate === 'geometric-mean' ? -x : -(x * x) / ((half + Math.sqrt(half * half - x * x)) * baseline[at]!)
      if (one > least) [least, folds] = [one, at]
    }
  const excessAt = (multiplier: number) => {
    setRates(multiplier, -1)
    return excess()
  }
  let inside = 0
  let outside = side * 1e-3
  for (;;) {
    if (outside < least) {
      const atFold = excessAt(least)
      if (aggregate === 'harmonic-mean' && atFold < 0) {
        // on the other branch the multiplier goes back to 0, and the accuracy with it
        const onBranch = (log: number) => {
          setRates(-Math.exp(log), folds)
          return excess()
        }
        crossing(onBranch, Math.log(-least), Math.log(-least * 1e-12))
        return scoreOf()
      }
      outside = least
      break
    }
    if (excessAt(outside) >= 0) break
    inside = outside
    outside *= 4
  }
  crossing(excessAt, inside, outside)
  return scoreOf()
}

/**
 * Ends with a call of `excess` where it crosses 0, which it does between `below` (where it is negative) and `above`: by false
 * position after the Illinois rule (Dowell & Jarratt, "A modified regula falsi method for computing the root of an equation",
 * 1971), by halves where it is infinite.
 */
function crossing(excess: (at: number) => number, below: number, above: number): void {
  let [low, high] = [excess(below), excess(above)]
  let last = 0
  for (let turn = 0; turn < mostTurns; turn++) {
    const guess = Number.isFinite(high) ? above - (high * (above - below)) / (high - low) : NaN
    const isBetween = guess > Math.min(below, above) && guess < Math.max(below, above)
    const place = isBetween ? guess : (below + above) / 2
    const found = excess(place)
    if (Math.abs(found) < precision) return
    if (found < 0) {
      ;[below, low] = [place, found]
      if (last < 0) high /= 2
    } else {
      ;[above, high] = [place, found]
      if (last > 0) low /= 2
    }
    last = found
  }
  // nothing is as unlikely as that, up to where no rate can be any more: what lies just before it
  excess(below)
}

/**
 * Where several benchmarks may be the least, a minimum lies too low. Its interval therefore goes from the least low end to the
 * least high end of the benchmarks' own, the high ends' tails shared by those that compete.
 */
function leastEnds(
  right: Float64Array,
  all: Float64Array,
  baseline: ArrayLike<number>,
  limit: number,
): [number, number] {
  const wrong = all.map((total, at) => total - right[at]!)
  const competing = 1 / chancesOfLeast(right, wrong, baseline).reduce((sum, chance) => sum + chance * chance, 0)
  const z = normalQuantile(1 - normalCumulative(-Math.sqrt(limit)) / competing)
  const ends = Array.from(right, (_, at): [number, number] => {
    const [own, total] = [right.subarray(at, at + 1), all.subarray(at, at + 1)]
    const of = (least: number, side: -1 | 1) => endOf('arithmetic-mean', own, total, [baseline[at]!], least, side)
    return [of(limit, -1), of(z * z, 1)]
  })
  return [Math.min(...ends.map(([low]) => low)), Math.min(...ends.map(([, high]) => high))]
}
