/** One number for a checkpoint: its benchmarks' accuracies against a baseline's. */
import type { Aggregate } from '../sweep/sweep.ts'

/** A benchmark as it was reported. */
export type ReportedResult = {
  /** null where there is none: `error` may say why. */
  accuracy: number | null
  correct?: number | null
  total?: number | null
  error?: string | null
}

export type Score = {
  /** null where `error` says why there is none. */
  score: number | null
  /** accuracy ÷ baseline of every benchmark of the baseline that has an accuracy. */
  ratios: Record<string, number>
  error: string | null
}

/**
 * correct ÷ total where both were reported and there were questions, else the accuracy as given. Not checked: `scoreResults`
 * says what is wrong with it.
 */
export function accuracyOf(result: ReportedResult): number | null {
  const { correct, total } = result
  return typeof correct === 'number' && typeof total === 'number' && total > 0 ? correct / total : result.accuracy
}

/**
 * The score of a checkpoint against a baseline. Every benchmark of the baseline needs an accuracy within 0..1, else there
 * is no score and `error` names each that lacks one and why; benchmarks that the baseline lacks do not count.
 */
export function scoreResults({
  aggregate,
  baseline,
  results,
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  results: Readonly<Record<string, ReportedResult>>
}): Score {
  if (Object.keys(baseline).length === 0)
    return { score: null, ratios: {}, error: 'No score: there is no benchmark to compare.' }
  const found = new Map<string, number>()
  const problems: string[] = []
  for (const [benchmark, accuracyOfBaseline] of Object.entries(baseline)) {
    const result = Object.hasOwn(results, benchmark) ? results[benchmark]! : null
    const problem = result ? problemOf(benchmark, result) : `${benchmark} is missing: there is no accuracy for it`
    if (problem !== null) problems.push(problem)
    else found.set(benchmark, accuracyOf(result!)! / accuracyOfBaseline)
  }
  // any name is an own one, `__proto__` too
  const ratios = Object.fromEntries(found)
  if (problems.length > 0) return { score: null, ratios, error: `No score: ${problems.join('; ')}.` }
  // in the order of the names, so that the last digit does not depend on the order a baseline was typed in
  const sorted = Object.keys(ratios)
    .toSorted()
    .map((benchmark) => ratios[benchmark]!)
  return { score: aggregateRatios(aggregate, sorted), ratios, error: null }
}

function problemOf(benchmark: string, result: ReportedResult): string | null {
  if (result.error) return `${benchmark}: ${result.error.replace(/\.$/, '')}`
  const { correct, total } = result
  const counted = typeof correct === 'number' && typeof total === 'number'
  const accuracy = accuracyOf(result)
  if (counted && total === 0) return `${benchmark} has no questions (0 of 0)`
  if (accuracy === null || accuracy === undefined) return `${benchmark} is missing: there is no accuracy for it`
  if (typeof accuracy !== 'number') return `${benchmark}'s accuracy ${JSON.stringify(accuracy)} is not a number`
  if (Number.isNaN(accuracy)) return `${benchmark}'s accuracy is NaN, which is not a number`
  if (accuracy < 0 || accuracy > 1) {
    const shown = counted ? `${correct} of ${total}` : String(accuracy)
    const percent = !counted && accuracy > 1 && accuracy <= 100 ? ' (a percentage? 0.5 stands for 50 %)' : ''
    return `${benchmark}'s accuracy ${shown} is not within 0 to 1${percent}`
  }
  return null
}

/** The ratios of the benchmarks as one number. `ratios` holds at least one, none below 0. */
export function aggregateRatios(aggregate: Aggregate, ratios: ArrayLike<number>): number {
  const count = ratios.length
  let sum = 0
  switch (aggregate) {
    case 'harmonic-mean':
      // a ratio of 0 adds Infinity, and the mean is 0
      for (let index = 0; index < count; index++) sum += 1 / ratios[index]!
      return count / sum
    case 'geometric-mean':
      for (let index = 0; index < count; index++) sum += Math.log(ratios[index]!)
      return Math.exp(sum / count)
    case 'arithmetic-mean':
      for (let index = 0; index < count; index++) sum += ratios[index]!
      return sum / count
    case 'minimum':
      sum = Infinity
      for (let index = 0; index < count; index++) sum = Math.min(sum, ratios[index]!)
      return sum
  }
}

/**
 * How many of `questions` an accuracy stands for: the nearest whole number. Serves intervals only, never the score.
 */
export function countsOf(accuracy: number, questions: number): { correct: number; total: number } {
  return { correct: Math.min(questions, Math.max(0, Math.round(accuracy * questions))), total: questions }
}
