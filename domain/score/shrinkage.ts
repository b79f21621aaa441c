/** What the best of many points is worth once luck is taken out: scores drawn towards their mean by their noise. */
import { approximateScore } from './normal-approximation.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import { countsOfAll, type Counts, type MeasuredPoint } from './uncertainty.ts'

export type Shrinkage = {
  /** In the points' order; null where a point has no score or lacks counts of a benchmark. */
  estimates: (number | null)[]
  /** Mean of the scores, each weighted by how sure it is. */
  mean: number
  /** Standard deviation of the points' true scores around it; 0 where their noise alone explains the spread. */
  spread: number
}

/**
 * Empirical Bayes estimates of the scores: each is drawn towards the mean by the share that noise has in its variance.
 * The variance between points is DerSimonian & Laird's ("Meta-analysis in clinical trials", 1986). A point's own noise is
 * computed at the rates of all points together and its own numbers of questions: at its own rates, a score that came out
 * low by luck would also look more certain and pull the mean.
 * null with fewer than two points that have a score and counts.
 */
export function shrinkScores({
  aggregate,
  baseline,
  points,
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  points: readonly Omit<MeasuredPoint, 'id'>[]
}): Shrinkage | null {
  const benchmarks = Object.keys(baseline).toSorted()
  const counts = points.map((point) => (point.score === null ? null : countsOfAll(benchmarks, point.counts)))
  const measured = counts.filter((each) => each !== null)
  if (measured.length < 2) return null
  const rates = benchmarks.map((_, benchmark) => pooledRate(measured.map((each) => each[benchmark]!)))
  const accuracies = benchmarks.map((benchmark) => baseline[benchmark]!)
  // points of a sweep were mostly asked the same questions
  const known = new Map<string, number>()
  const varianceAt = (each: Counts[]) => {
    const alpha = each.map(({ total }, benchmark) => rates[benchmark]! * total)
    const beta = each.map(({ total }, benchmark) => (1 - rates[benchmark]!) * total)
    const { mean, deviation, power } = approximateScore(aggregate, alpha, beta, accuracies)
    return (power * mean ** (power - 1) * deviation) ** 2
  }
  const variances = counts.map((each) => {
    if (each === null) return null
    const asked = each.map(({ total }) => total).join(' ')
    const variance = known.get(asked) ?? varianceAt(each)
    known.set(asked, variance)
    return variance
  })
  const scored = points.flatMap(({ score }, index) =>
    score === null || variances[index] == null ? [] : [{ score, variance: variances[index] }],
  )
  const between = varianceBetween(scored)
  const { mean } = weightedMean(scored, between)
  return {
    estimates: points.map(({ score }, index) => {
      const variance = variances[index]
      if (score === null || variance == null) return null
      return mean + (between / (between + variance)) * (score - mean)
    }),
    mean,
    spread: Math.sqrt(between),
  }
}

/** Jeffreys' estimate, so that no rate is 0 or 1. */
function pooledRate(counts: Counts[]): number {
  const correct = counts.reduce((sum, each) => sum + each.correct, 0.5)
  const total = counts.reduce((sum, each) => sum + each.total, 1)
  return correct / total
}

type Scored = { score: number; variance: number }

function weightedMean(scored: Scored[], between: number): { mean: number; weight: number; squares: number } {
  let weight = 0
  let sum = 0
  let squares = 0
  for (const { score, variance } of scored) {
    const one = 1 / (variance + between)
    weight += one
    sum += one * score
    squares += one * one
  }
  return { mean: sum / weight, weight, squares }
}

function varianceBetween(scored: Scored[]): number {
  const { mean, weight, squares } = weightedMean(scored, 0)
  const heterogeneity = scored.reduce((sum, { score, variance }) => sum + (score - mean) ** 2 / variance, 0)
  return Math.max(0, (heterogeneity - (scored.length - 1)) / (weight - squares / weight))
}
