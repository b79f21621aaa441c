/** How far a checkpoint's score is from the best one's, with the noise of both. */
import { normalCumulative } from '../stats/normal.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import { countPoints, deviationOfDifference, type MeasuredPoint } from './counted-points.ts'
import { differenceOf } from './difference.ts'
import type { AnswerColumns } from './same-questions.ts'

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
    const [own, ofBest] = [point.normal.deviation, best.normal.deviation]
    const together = deviationOfDifference(point, best, shared)
    const correlation = (own ** 2 + ofBest ** 2 - together ** 2) / (2 * own * ofBest)
    const [value, other] = [point.score, best.score]
    differences[point.index] = {
      difference: value - other,
      interval: differenceOf(
        { value, interval: point.interval },
        { value: other, interval: best.interval },
        correlation,
      ),
      chanceOfBetter: normalCumulative((point.normal.mean - best.normal.mean) / together),
    }
  }
  return differences
}
