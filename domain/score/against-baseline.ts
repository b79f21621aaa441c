/** Whether a score is better than its baseline, with the questions that the baseline itself was measured on. */
import { approximateScore } from './normal-approximation.ts'
import { aggregateRatios } from './score.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import type { Counts } from './counted-points.ts'
import { differenceOf } from './difference.ts'
import { scoreInterval } from './score-interval.ts'

/** A benchmark that both answered; `correlation` of their answers, 0 where only the counts are known. */
export type AgainstBaseline = { own: Counts; baseline: Counts; correlation: number }

/** As a function of the baseline's accuracies, 1 ÷ the score is this mean of baseline ÷ own accuracy. */
const reverse: Record<Aggregate, Aggregate> = {
  'harmonic-mean': 'arithmetic-mean',
  'arithmetic-mean': 'harmonic-mean',
  'geometric-mean': 'geometric-mean',
  minimum: 'harmonic-mean',
}
/** As `scoreInterval` adds, so that no accuracy is 0 or 1. */
const added = 0.25
const rateOf = ({ correct, total }: Counts) => (correct + added) / (total + 2 * added)

/**
 * 95 % interval of a score against a baseline that was measured, too: other questions would have moved both. On the logarithm
 * the score's interval and the baseline's stand beside each other as `differenceOf` puts them. Of a minimum the baseline's part
 * is that of the benchmark which is least. `benchmarks`: at least one.
 */
export function intervalAgainstBaseline(
  aggregate: Aggregate,
  benchmarks: readonly AgainstBaseline[],
): [number, number] {
  const least = benchmarks.reduce((low, one) =>
    rateOf(one.own) / rateOf(one.baseline) < rateOf(low.own) / rateOf(low.baseline) ? one : low,
  )
  const own = columnsOf(
    benchmarks,
    ({ own: counts }) => counts,
    ({ baseline }) => rateOf(baseline),
  )
  const others = aggregate === 'minimum' ? [least] : benchmarks
  const theirs = columnsOf(
    others,
    ({ baseline }) => baseline,
    (one) => rateOf(one.own),
  )
  const score = Math.log(scoreAt(aggregate, own))
  const reversed = Math.log(scoreAt(reverse[aggregate], theirs))
  const [low, high] = scoreInterval(aggregate, own).map(Math.log) as [number, number]
  const [fewest, most] = scoreInterval(reverse[aggregate], theirs).map(Math.log) as [number, number]
  const ends = differenceOf(
    { value: score, interval: [low, high] },
    { value: 0, interval: [fewest - reversed, most - reversed] },
    correlationOfNoise(aggregate, benchmarks, own, theirs),
  )
  return [Math.exp(ends[0]), Math.exp(ends[1])]
}

type Columns = { correct: number[]; total: number[]; baseline: number[] }

function columnsOf(
  benchmarks: readonly AgainstBaseline[],
  countsOf: (one: AgainstBaseline) => Counts,
  baselineOf: (one: AgainstBaseline) => number,
): Columns {
  return {
    correct: benchmarks.map((one) => countsOf(one).correct),
    total: benchmarks.map((one) => countsOf(one).total),
    baseline: benchmarks.map(baselineOf),
  }
}

function scoreAt(aggregate: Aggregate, { correct, total, baseline }: Columns): number {
  return aggregateRatios(
    aggregate,
    correct.map((right, at) => rateOf({ correct: right, total: total[at]! }) / baseline[at]!),
  )
}

/** Of the score's noise and that of what it is divided by: each benchmark's correlation, by its part in both. */
function correlationOfNoise(
  aggregate: Aggregate,
  benchmarks: readonly AgainstBaseline[],
  own: Columns,
  theirs: Columns,
): number {
  const one = partsOf(aggregate, own)
  const other = aggregate === 'minimum' ? one : partsOf(reverse[aggregate], theirs)
  const products = benchmarks.reduce((sum, { correlation }, at) => sum + correlation * one[at]! * other[at]!, 0)
  const length = Math.hypot(...one) * Math.hypot(...other)
  return length > 0 ? products / length : 0
}

function partsOf(aggregate: Aggregate, { correct, total, baseline }: Columns): Float64Array {
  const parts = new Float64Array(correct.length)
  const alpha = correct.map((right) => right + added)
  const beta = correct.map((right, at) => total[at]! - right + added)
  approximateScore(aggregate, alpha, beta, baseline, undefined, parts)
  return parts
}
