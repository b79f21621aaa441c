/** What an evaluation is worth: which benchmark a score's luck comes from, what its questions cost, and what other numbers would give. */
import { approximateScore } from './normal-approximation.ts'
import { areCounts, type Counts } from './counted-points.ts'
import { scoreInterval } from './score-interval.ts'
import type { Aggregate } from '../sweep/sweep.ts'

export type BenchmarkWorth = {
  benchmark: string
  questions: number
  /** Of the evaluation's questions, and of the score's variance, from 0 to 1. */
  questionShare: number
  varianceShare: number
  /** Its share of the fewest questions that give as narrow an interval. */
  leastQuestions: number
  /** Its share of as many questions as were asked, where they give the narrowest interval. */
  bestQuestions: number
}

export type EvaluationWorth = { benchmarks: BenchmarkWorth[]; questions: number; interval: [number, number] }

/** A point's counts by benchmark, against which baseline, and how they become one score. */
export type MeasuredEvaluation = {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  counts: Readonly<Record<string, Counts | null>>
}

/** Half of one question right and half of one wrong before any was asked: Jeffreys' prior. */
const prior = 0.5

/**
 * How much each benchmark adds to the variance of a score, by the delta method at the point's own accuracies. A benchmark's variance
 * falls with its questions, so that of a given number the narrowest interval has each benchmark asked in proportion to the
 * square root of what one question of it adds (Neyman, "On the two different aspects of the representative method", 1934).
 * null where a benchmark of the baseline lacks counts.
 */
export function worthOfEvaluation(measured: MeasuredEvaluation): EvaluationWorth | null {
  const found = countsOf(measured)
  if (found === null) return null
  const { names, counts } = found
  const squares = variancesOf(measured.aggregate, measured.baseline, names, counts)
  const variance = squares.reduce((sum, each) => sum + each, 0)
  const questions = counts.reduce((sum, { total }) => sum + total, 0)
  const weights = squares.map((square, at) => Math.sqrt(square * counts[at]!.total))
  const together = weights.reduce((sum, weight) => sum + weight, 0)
  return {
    questions,
    interval: intervalWith(measured, Object.fromEntries(names.map((name, at) => [name, counts[at]!.total])))!,
    benchmarks: names.map((benchmark, at) => ({
      benchmark,
      questions: counts[at]!.total,
      questionShare: counts[at]!.total / questions,
      varianceShare: squares[at]! / variance,
      leastQuestions: Math.max(1, Math.ceil((weights[at]! * together) / variance)),
      bestQuestions: Math.max(1, Math.round((questions * weights[at]!) / together)),
    })),
  }
}

/** The 95 % interval that the point's accuracies would have from other numbers of questions; null for a number below 1. */
export function intervalWith(
  measured: MeasuredEvaluation,
  questions: Readonly<Record<string, number>>,
): [number, number] | null {
  const found = countsOf(measured)
  if (found === null) return null
  const total = found.names.map((name) => questions[name] ?? 0)
  if (!total.every((one) => one >= 1)) return null
  const correct = found.counts.map((one, at) => (one.correct / one.total) * total[at]!)
  const baseline = found.names.map((name) => measured.baseline[name]!)
  return scoreInterval(measured.aggregate, { correct, total, baseline })
}

/**
 * Numbers that are easily said: four times as many of the benchmark that adds most for its questions, and of the one that adds
 * least what the narrowest interval needs of it, rounded up. null where that is no gain: fewer questions and less variance.
 */
export function betterNumbers({ benchmarks }: EvaluationWorth): Record<string, number> | null {
  const byYield = benchmarks.toSorted((a, b) => a.varianceShare / a.questionShare - b.varianceShare / b.questionShare)
  const [least, most] = [byYield[0], byYield.at(-1)]
  if (least === undefined || most === undefined || least === most) return null
  const unit = 10 ** Math.floor(Math.log10(least.leastQuestions))
  const numbers = new Map(benchmarks.map(({ benchmark, questions }) => [benchmark, questions]))
  numbers.set(most.benchmark, 4 * most.questions)
  numbers.set(least.benchmark, Math.ceil(least.leastQuestions / unit) * unit)
  let [asked, before, variance] = [0, 0, 0]
  for (const { benchmark, questions, varianceShare } of benchmarks) {
    asked += numbers.get(benchmark)!
    before += questions
    variance += (varianceShare * questions) / numbers.get(benchmark)!
  }
  return asked < before && variance < 1 ? Object.fromEntries(numbers) : null
}

/** What each benchmark adds to the variance of the score (of its root), in the order of the names. */
export function variancesOf(
  aggregate: Aggregate,
  baseline: Readonly<Record<string, number>>,
  names: readonly string[],
  counts: readonly Counts[],
): number[] {
  const parts = new Float64Array(names.length)
  approximateScore(
    aggregate,
    counts.map(({ correct }) => correct + prior),
    counts.map(({ correct, total }) => total - correct + prior),
    names.map((name) => baseline[name]!),
    undefined,
    parts,
  )
  return Array.from(parts, (part) => part * part)
}

function countsOf({ baseline, counts }: MeasuredEvaluation): { names: string[]; counts: Counts[] } | null {
  const names = Object.keys(baseline)
  const found = names.flatMap((name) => {
    const one = Object.hasOwn(counts, name) ? counts[name] : null
    return one && areCounts(one) ? [one] : []
  })
  return names.length > 0 && found.length === names.length ? { names, counts: found } : null
}
