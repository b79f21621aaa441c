/** Simulated models that answer the same questions, for `npm run bench -- luck`. */
import { createRandom, type Random } from '../domain/stats/rng.ts'
import { aggregateRatios } from '../domain/score/score.ts'
import { type AnswerColumns, emptyAnswers, setAnswers } from '../domain/score/same-questions.ts'
import type { Counts } from '../domain/score/counted-points.ts'

/** A set of benchmarks with their numbers of questions, as a baseline orders them. */
export type Questions = { names: string[]; totals: number[]; baseline: Record<string, number> }

export const study: Questions = questionsOf([40, 1319, 500, 675], [0.3, 0.716, 0.44, 0.096])

export function questionsOf(totals: number[], accuracies: number[]): Questions {
  const names = totals.map((_, at) => `benchmark ${at + 1}`)
  return { names, totals, baseline: Object.fromEntries(names.map((name, at) => [name, accuracies[at]!])) }
}

export type Measured = {
  counts: Record<string, Counts>[]
  scores: number[]
  answers: Record<string, AnswerColumns>
}

/**
 * Answers of several models, each with its true accuracy on each benchmark. Every question has a hardness that all share; a
 * model goes by it in √ρ of its answers and is on its own in the others: any two agree with correlation ρ where they are
 * equally good, and each is right as often as its accuracy says.
 */
export function answer(
  random: Random,
  { names, totals, baseline }: Questions,
  accuracies: readonly (readonly number[])[],
  correlation: number,
  aggregate: 'harmonic-mean' | 'arithmetic-mean' = 'harmonic-mean',
): Measured {
  const goesBy = Math.sqrt(correlation)
  const answers: Record<string, AnswerColumns> = {}
  const counts = accuracies.map((): Record<string, Counts> => ({}))
  for (const [at, name] of names.entries()) {
    const total = totals[at]!
    const hardness = Float64Array.from({ length: total }, () => random.uniform())
    const columns = (answers[name] = emptyAnswers(total, accuracies.length))
    for (const [row, rates] of accuracies.entries()) {
      let correct = 0
      setAnswers(columns, row, (question) => {
        const level = goesBy > 0 && random.uniform() < goesBy ? hardness[question]! : random.uniform()
        const right = level < rates[at]!
        correct += Number(right)
        return right
      })
      counts[row]![name] = { correct, total }
    }
  }
  const scores = counts.map((one) =>
    aggregateRatios(
      aggregate,
      names.map((name) => one[name]!.correct / one[name]!.total / baseline[name]!),
    ),
  )
  return { counts, scores, answers }
}

export function scoreOf({ names, baseline }: Questions, accuracies: readonly number[]): number {
  return aggregateRatios(
    'harmonic-mean',
    names.map((name, at) => accuracies[at]! / baseline[name]!),
  )
}

/** A hundred times the share, with a decimal. */
export const percent = (share: number): string => (Number.isNaN(share) ? '–' : (100 * share).toFixed(1))

export { createRandom }
