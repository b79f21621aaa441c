/** What the best of many points is worth once luck is taken out: scores drawn towards their mean by their noise. */
import { approximateScore } from './normal-approximation.ts'
import { expectedScores } from './spread.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import { countsOfAll, type Counts, type MeasuredPoint } from './counted-points.ts'

export type Shrinkage = {
  /** In the points' order; null where a point has no score or lacks counts of a benchmark. */
  estimates: (number | null)[]
  /** Expected mean of the true scores. */
  mean: number
  /** Expected standard deviation of the true scores around it, without those far off. */
  spread: number
}

/**
 * Empirical Bayes estimates of the scores: each is drawn towards the mean by the share that noise has in its variance, over all
 * spreads of the true scores that are likely (`expectedScores`). A point's own noise is computed at the rates of all points
 * together and its own numbers of questions: at its own rates, a score that came out low by luck would also look more certain
 * and pull the mean. Noise that the points share, by answering the same questions, moves all of them and their mean alike
 * and draws none of them nearer: `own` is the share that they do not (`SweepAgreement`). null with fewer than two points that have a score and counts.
 */
export function shrinkScores({
  aggregate,
  baseline,
  points,
  own = 1,
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  points: readonly MeasuredPoint[]
  own?: number
}): Shrinkage | null {
  const benchmarks = Object.keys(baseline).toSorted()
  const counts = points.map((point) => (point.score === null ? null : countsOfAll(benchmarks, point.counts)))
  const measured = counts.filter((each) => each !== null)
  if (measured.length < 2) return null
  const rates = benchmarks.map((_, benchmark) => pooledRate(measured.map((each) => each[benchmark]!)))
  const accuracies = benchmarks.map((benchmark) => baseline[benchmark]!)
  // points of a sweep were mostly asked the same questions
  const known = new Map<string, number>()
  const varianceAt = (asked: number[]) => {
    const alpha = asked.map((total, benchmark) => rates[benchmark]! * total)
    const beta = asked.map((total, benchmark) => (1 - rates[benchmark]!) * total)
    const { mean, deviation, power } = approximateScore(aggregate, alpha, beta, accuracies)
    return own * (power * mean ** (power - 1) * deviation) ** 2
  }
  const variances = counts.map((each) => {
    if (each === null) return null
    const asked = each.map(({ total }) => total)
    const name = asked.join(' ')
    const variance = known.get(name) ?? varianceAt(asked)
    known.set(name, variance)
    return variance
  })
  const places = points.flatMap((_, index) => (variances[index] === null ? [] : [index]))
  const found = expectedScores(
    places.map((index) => points[index]!.score!),
    places.map((index) => variances[index]!),
  )
  if (found === null) return null
  const estimates = points.map((): number | null => null)
  for (const [at, index] of places.entries()) estimates[index] = found.estimates[at]!
  return { estimates, mean: found.mean, spread: found.spread }
}

/** Jeffreys' estimate, so that no rate is 0 or 1. */
function pooledRate(counts: Counts[]): number {
  const correct = counts.reduce((sum, each) => sum + each.correct, 0.5)
  const total = counts.reduce((sum, each) => sum + each.total, 1)
  return correct / total
}
