/** How far two scores are from each other, with the noise of both: of a point and the best one, of two that are compared. */
import { normalCumulative } from '../stats/normal.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import {
  type CountedPoint,
  countPoints,
  type Counts,
  deviationOfDifference,
  type MeasuredPoint,
} from './counted-points.ts'
import { differenceOf } from './difference.ts'
import { aggregateRatios } from './score.ts'
import { type AnswerColumns, correlationOf, type PairCounts } from './same-questions.ts'

export type DifferenceFromBest = {
  /** Its score minus the best one's: 0 or below. */
  difference: number
  /** 95 % interval of the true difference. */
  interval: [number, number]
  /** Chance that its true score is above that of the best one. */
  chanceOfBetter: number
}

/**
 * For each point its difference from the one of the highest score; null for that one itself, and where counts are missing. With
 * `answers` (by benchmark, a row a point) the two are compared question by question, else as if each had questions of its own.
 * The best was chosen for being highest, so that its lead is rather less than it looks.
 */
export function differencesFromBest({
  aggregate,
  baseline,
  points,
  answers = {},
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  points: readonly MeasuredPoint[]
  answers?: Readonly<Record<string, AnswerColumns>>
}): (DifferenceFromBest | null)[] {
  const benchmarks = Object.keys(baseline).toSorted()
  const shared = benchmarks.map((benchmark) => answers[benchmark])
  const counted = countPoints(aggregate, benchmarks, baseline, points)
  const highest = points.reduce((most, { score }) => Math.max(most, score ?? -Infinity), -Infinity)
  const best = counted.find(({ score }) => score === highest)
  const differences = points.map((): DifferenceFromBest | null => null)
  if (best === undefined) return differences
  for (const point of counted) {
    if (point === best) continue
    const found = withNoise(point, best, deviationOfDifference(point, best, shared))
    differences[point.index] = {
      difference: point.score - best.score,
      interval: found.interval,
      chanceOfBetter: found.ahead,
    }
  }
  return differences
}

/** A benchmark that two models were asked: how many each answered, and question by question where that is known of both. */
export type ComparedCounts = { first: Counts; second: Counts; pair: PairCounts | null }

export type ScoreDifference = {
  /** 95 % interval of the first score less the second. */
  interval: [number, number]
  /** The chance that the first's true score is the higher one. */
  ahead: number
}

/**
 * The difference of two scores: the interval of each as the leaderboard has it, put together as `differenceOf` does, with what both
 * answered alike taken out; questions that only one of them was asked are its own. null where a benchmark of the baseline is missing here
 * or has no questions.
 */
export function scoreDifference({
  aggregate,
  baseline,
  benchmarks,
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  benchmarks: Readonly<Record<string, ComparedCounts>>
}): ScoreDifference | null {
  const names = Object.keys(baseline).toSorted()
  if (names.length === 0 || names.some((name) => !Object.hasOwn(benchmarks, name))) return null
  const points = (['first', 'second'] as const).map((side): MeasuredPoint => {
    const counts = Object.fromEntries(names.map((name) => [name, benchmarks[name]![side]]))
    const ratios = names.map((name) => counts[name]!.correct / counts[name]!.total / baseline[name]!)
    return { score: aggregateRatios(aggregate, ratios), counts }
  })
  const [first, second] = countPoints(aggregate, names, baseline, points)
  if (first === undefined || second === undefined) return null
  const variance = names.reduce((sum, name, at) => {
    const [one, two] = [first.parts[at]!, second.parts[at]!]
    return sum + one * one + two * two - 2 * sharedNoise(benchmarks[name]!) * one * two
  }, 0)
  return withNoise(first, second, Math.sqrt(Math.max(0, variance)))
}

/** The correlation of two accuracies: that of the answers, by the share of the questions that both were asked. */
function sharedNoise({ first, second, pair }: ComparedCounts): number {
  if (pair === null) return 0
  const both = pair.both + pair.onlyFirst + pair.onlySecond + pair.neither
  return correlationOf(pair) * Math.min(1, both / Math.sqrt(first.total * second.total))
}

/** `together`: standard deviation of the difference of their roots. */
function withNoise(first: CountedPoint, second: CountedPoint, together: number): ScoreDifference {
  const [own, other] = [first.normal.deviation, second.normal.deviation]
  const correlation = (own ** 2 + other ** 2 - together ** 2) / (2 * own * other)
  return {
    interval: differenceOf(
      { value: first.score, interval: first.interval },
      { value: second.score, interval: second.interval },
      correlation,
    ),
    ahead: normalCumulative((first.normal.mean - second.normal.mean) / together),
  }
}
