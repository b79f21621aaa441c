/** Points with what the numbers of their right answers say of their scores. */
import type { Aggregate } from '../sweep/sweep.ts'
import { approximateScore, type Normal, rememberedMoments } from './normal-approximation.ts'
import { type AnswerColumns, correlationOf, pairAt } from './same-questions.ts'
import { scoreInterval } from './score-interval.ts'

export type Counts = { correct: number; total: number }

export type MeasuredPoint = {
  score: number | null
  /** By benchmark. A benchmark of the baseline that lacks counts leaves the point without an interval. */
  counts: Readonly<Record<string, Counts | null>>
  /** Its race gave it up: it was asked some of its questions only, because it stood low. */
  stopped?: boolean
  /** It breaks a constraint of its sweep: it is not the best, whatever its score. */
  broken?: boolean
  /** Its training was stopped early, because it stood low. */
  givenUp?: boolean
}

/** Half of one question right and half of one wrong before any was asked: Jeffreys' prior. */
const prior = 0.5

/** A point with what its counts say: its score as a normal (of its root), and each benchmark's part of the deviation. */
export type CountedPoint = {
  index: number
  score: number
  interval: [number, number]
  normal: Normal
  parts: Float64Array
}

/** Those that have a score and usable counts of every benchmark, in order. */
export function countPoints(
  aggregate: Aggregate,
  benchmarks: readonly string[],
  baseline: Readonly<Record<string, number>>,
  points: readonly MeasuredPoint[],
): CountedPoint[] {
  const accuracies = benchmarks.map((benchmark) => baseline[benchmark]!)
  const moments = rememberedMoments()
  return points.flatMap(({ score, counts }, index) => {
    const all = score === null ? null : countsOfAll(benchmarks, counts)
    if (score === null || all === null) return []
    const correct = all.map((one) => one.correct)
    const total = all.map((one) => one.total)
    const parts = new Float64Array(benchmarks.length)
    const normal = approximateScore(
      aggregate,
      correct.map((right) => right + prior),
      all.map((one) => one.total - one.correct + prior),
      accuracies,
      moments,
      parts,
    )
    const [low, high] = scoreInterval(aggregate, { correct, total, baseline: accuracies })
    // a score of accuracies of 0 or 1 always belongs to its interval
    return [
      { index, score, interval: [Math.min(low, score), Math.max(high, score)] as [number, number], normal, parts },
    ]
  })
}

/** The counts of every benchmark, in their order; null where one lacks usable counts. */
export function countsOfAll(benchmarks: readonly string[], counts: MeasuredPoint['counts']): Counts[] | null {
  const found: Counts[] = []
  for (const benchmark of benchmarks) {
    const count = Object.hasOwn(counts, benchmark) ? counts[benchmark] : null
    if (!count || !areCounts(count)) return null
    found.push(count)
  }
  return found
}

export function areCounts({ correct, total }: Counts): boolean {
  return total > 0 && correct >= 0 && correct <= total
}

/** By benchmark, a row a point; undefined where no answers are known. */
export type SharedAnswers = readonly (AnswerColumns | undefined)[]

/** Standard deviation of the difference of two points' roots, with what they answered alike taken out. */
export function deviationOfDifference(first: CountedPoint, second: CountedPoint, shared: SharedAnswers): number {
  let variance = 0
  for (let at = 0; at < first.parts.length; at++) {
    const [one, two, columns] = [first.parts[at]!, second.parts[at]!, shared[at]]
    const known = columns?.known[first.index] === 1 && columns.known[second.index] === 1
    const correlation = known ? correlationOf(pairAt(columns, first.index, second.index)) : 0
    variance += one * one + two * two - 2 * correlation * one * two
  }
  return Math.sqrt(Math.max(0, variance))
}
