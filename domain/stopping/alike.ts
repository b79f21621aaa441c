import { countPoints, deviationOfDifference, type MeasuredPoint } from '../score/counted-points.ts'
import type { AnswerColumns } from '../score/same-questions.ts'
import type { Aggregate } from '../sweep/sweep.ts'

/** Two-sided, 95 %. */
const limit = 1.96

/**
 * Whether the scores of two points lie within the noise of their questions: with `answers` (by benchmark; `index` is the point's row)
 * question by question, else as if each had questions of its own. null where a benchmark lacks counts.
 */
export function areAlike({
  aggregate,
  baseline,
  points,
  answers,
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  points: readonly (MeasuredPoint & { index: number })[]
  answers: Readonly<Record<string, AnswerColumns>>
}): boolean | null {
  const benchmarks = Object.keys(baseline).toSorted()
  const [first, second] = countPoints(aggregate, benchmarks, baseline, points)
  if (first === undefined || second === undefined) return null
  const [one, two] = [first, second].map((point, at) => ({ ...point, index: points[at]!.index }))
  const deviation = deviationOfDifference(
    one!,
    two!,
    benchmarks.map((name) => answers[name]),
  )
  return Math.abs(first.normal.mean - second.normal.mean) <= limit * deviation
}
