/** Evaluating a checkpoint again: with which settings, and what several samples of each question say of its accuracy. */
import type { Counts } from './counted-points.ts'
import { accuracyInterval } from './uncertainty.ts'

/** How a checkpoint is evaluated again. */
export type AgainSettings = {
  /** Names, or absolute paths of JSONL files; empty: what the sweep's own command evaluates. */
  benchmarks: string[]
  /** Answers to each question. */
  samples: number
  /** 0 takes the likeliest token: every sample of a question is the same then. */
  temperature: number
  /** Names the random numbers: another seed is another measurement. */
  seed: number
}

/** Samples a question that anybody has a use for; more is refused. */
export const mostSamples = 1024
export const highestTemperature = 5

/** Right answers by question, and of how many. Every question has the same number of samples. */
export type QuestionOutcomes = { samples: number; correct: Record<string, number> }

/** One measurement of a benchmark, or several taken together. */
export type RepeatedAccuracy = {
  accuracy: number
  /** null where the number of questions is not known. */
  standardError: number | null
  questions: number | null
  /** 95 % interval; null where the number of questions is not known. */
  interval: [number, number] | null
  /** What as many independent questions would have to show to say as much: serves intervals of scores. */
  effective: Counts | null
  /** Whether it rests on the outcomes of each question. */
  byQuestion: boolean
}

/** A measurement as it was stored. */
export type Measurement = {
  accuracy: number
  questions: number | null
  outcomes: QuestionOutcomes | null
  /** Answers to each question. */
  samples: number
}

/**
 * Standard error of an accuracy over questions of which each was answered several times: the samples of a question are not
 * independent, so its share of right ones counts as one observation, and the questions are drawn, not fixed (clustered
 * standard error of equal clusters; Miller, "Adding Error Bars to Evals", 2024, section 2.2).
 * `shares`: each question's share of right answers, at least two.
 */
export function clusteredStandardError(shares: readonly number[]): number {
  const count = shares.length
  const mean = shares.reduce((sum, share) => sum + share, 0) / count
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0)
  return Math.sqrt(squares / (count * (count - 1)))
}

/**
 * Measurements of one benchmark at one temperature as one. Where all say which questions had how many right samples, the
 * samples of a question are put together. Else the accuracies' mean stands, weighted by their samples, and its error is that
 * of as many questions answered once: how alike the samples of a question are is not known then, and nothing is gained.
 * null without any measurement.
 */
export function poolMeasurements(measurements: readonly Measurement[]): RepeatedAccuracy | null {
  if (measurements.length === 0) return null
  const outcomes = measurements.flatMap((measurement) => measurement.outcomes ?? [])
  const together = outcomes.length === measurements.length ? sharesOf(outcomes) : null
  if (together !== null && together.shares.length >= 2) return ofShares(together.shares, together.samples)
  const weight = measurements.reduce((sum, { samples }) => sum + samples, 0)
  const accuracy = measurements.reduce((sum, measured) => sum + measured.accuracy * measured.samples, 0) / weight
  const counts = measurements.map((measured) => measured.questions)
  const questions = counts.includes(null) ? null : Math.min(...counts.map(Number))
  if (questions === null || questions < 1) {
    return { accuracy, standardError: null, questions: null, interval: null, effective: null, byQuestion: false }
  }
  const standardError = Math.sqrt((accuracy * (1 - accuracy)) / questions)
  const effective = { correct: accuracy * questions, total: questions }
  const interval = accuracyInterval(effective)
  return { accuracy, standardError, questions, interval, effective, byQuestion: false }
}

/** Each question's share over all measurements; null where they did not ask the same questions. */
function sharesOf(outcomes: readonly QuestionOutcomes[]): { shares: number[]; samples: number } | null {
  const [first, ...rest] = outcomes
  const ids = Object.keys(first!.correct)
  const same = rest.every(
    ({ correct }) => Object.keys(correct).length === ids.length && ids.every((id) => Object.hasOwn(correct, id)),
  )
  if (!same) return null
  const samples = outcomes.reduce((sum, each) => sum + each.samples, 0)
  return {
    shares: ids.map((id) => outcomes.reduce((sum, { correct }) => sum + correct[id]!, 0) / samples),
    samples,
  }
}

/**
 * Such a part of a question that is always right, and of one that never is, counts beside those that were asked: of few right
 * answers, all to one or two questions, their own spread says too little (docs/luck.md).
 */
const added = 0.25

/**
 * The effective number of questions makes the binomial's variance the clustered one (Korn and Graubard, "Confidence intervals
 * for proportions with small expected number of positive counts", 1998), so that the interval of counts, which keeps to 0..1,
 * serves here too. It is never below the number of questions nor above that of samples.
 */
function ofShares(shares: readonly number[], samples: number): RepeatedAccuracy {
  const questions = shares.length
  const accuracy = shares.reduce((sum, share) => sum + share, 0) / questions
  const all = questions + 2 * added
  const mean = (accuracy * questions + added) / all
  const squares =
    shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) + added * (mean * mean + (1 - mean) * (1 - mean))
  const total = Math.min(questions * samples, Math.max(questions, (mean * (1 - mean) * all * (all - 1)) / squares))
  const effective = { correct: accuracy * total, total }
  const standardError = clusteredStandardError(shares)
  return { accuracy, standardError, questions, interval: accuracyInterval(effective), effective, byQuestion: true }
}

/** What a benchmark is called: its name, or the file's without folder and ending. */
export function benchmarkName(benchmark: string): string {
  return benchmark.endsWith('.jsonl') ? benchmark.slice(benchmark.lastIndexOf('/') + 1, -'.jsonl'.length) : benchmark
}
