/** Whether of two models one is better, from the questions that both were asked; and from counts alone where that is all there is. */
import { differenceOf } from './difference.ts'
import type { PairCounts } from './same-questions.ts'
import { complementaryError } from '../stats/normal.ts'
import type { Counts } from './counted-points.ts'
import { accuracyInterval } from './uncertainty.ts'

export type PairedTest = {
  /** The chance of a split of the questions where they disagree that is at least this uneven, were both equally good. */
  chance: number
  /** `exact`: the binomial distribution; `corrected`: chi-squared with continuity correction; `none`: they never disagree. */
  method: 'exact' | 'corrected' | 'none'
}

/** Below this many questions of disagreement the test is exact; above, the approximation is good to three digits. */
const exactBelow = 400

/**
 * McNemar's test ("Note on the sampling error of the difference between correlated proportions", 1947), two-sided: with fewer
 * than 400 disagreements by the binomial distribution, else (|b - c| - 1)² / (b + c) as chi-squared with one degree of freedom
 * (Edwards, 1948).
 */
export function mcnemarTest({ onlyFirst, onlySecond }: Pick<PairCounts, 'onlyFirst' | 'onlySecond'>): PairedTest {
  const disagreements = onlyFirst + onlySecond
  if (disagreements === 0) return { chance: 1, method: 'none' }
  if (disagreements < exactBelow)
    return { chance: exactChance(Math.min(onlyFirst, onlySecond), disagreements), method: 'exact' }
  const distance = Math.max(0, Math.abs(onlyFirst - onlySecond) - 1)
  return { chance: complementaryError(Math.sqrt((distance * distance) / disagreements / 2)), method: 'corrected' }
}

/** Twice the chance of `fewer` or less heads in `all` throws of a fair coin, at most 1. */
function exactChance(fewer: number, all: number): number {
  let term = 0.5 ** all
  let sum = term
  for (let heads = 1; heads <= fewer; heads++) {
    term *= (all - heads + 1) / heads
    sum += term
  }
  return Math.min(1, 2 * sum)
}

/**
 * Chances of several tests made larger, so that any of them below 0.05 is still a find in only 1 of 20 families of tests (Holm,
 * "A simple sequentially rejective multiple test procedure", 1979). In the order given.
 */
export function holmAdjusted(chances: readonly number[]): number[] {
  const order = chances.map((_, at) => at).toSorted((a, b) => chances[a]! - chances[b]!)
  const adjusted = chances.map(() => 1)
  let highest = 0
  for (const [rank, at] of order.entries()) {
    highest = Math.max(highest, Math.min(1, chances[at]! * (chances.length - rank)))
    adjusted[at] = highest
  }
  return adjusted
}

/** 95 % interval of the first accuracy less the second, of questions that were not paired. null without questions. */
export function differenceInterval(first: Counts, second: Counts): [number, number] | null {
  const [one, two] = [accuracyInterval(first), accuracyInterval(second)]
  if (one === null || two === null) return null
  return differenceOf(
    { value: first.correct / first.total, interval: one },
    { value: second.correct / second.total, interval: two },
  )
}
