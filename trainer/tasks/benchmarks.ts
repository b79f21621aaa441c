/**
 * The four built-in benchmarks: the arithmetic task's levels, with as many questions as the published study's
 * benchmarks have. Questions are fixed for all runs and never stand in training data.
 */
import { benchmarkNames, questionCounts } from '../../contract/trainer-settings.ts'
import { randomStream } from '../rng.ts'
import { arithmeticProblem } from './arithmetic.ts'

export type Question = { id: string; prompt: string; answer: string }
export type Benchmark = { name: string; questions: Question[] }

/** All four benchmarks, `level-1` to `level-4`; within one, every prompt stands once. */
export function arithmeticBenchmarks(): Benchmark[] {
  return questionCounts.map((count, index) => {
    const random = randomStream('benchmark', index + 1)
    const questions = new Map<string, Question>()
    while (questions.size < count) {
      const problem = arithmeticProblem(index + 1, random)
      if (questions.has(problem.prompt)) continue
      questions.set(problem.prompt, {
        id: `level-${index + 1}-${questions.size + 1}`,
        prompt: problem.prompt,
        answer: String(problem.answer),
      })
    }
    return { name: benchmarkNames[index]!, questions: [...questions.values()] }
  })
}

/** Every prompt that training must not see. */
export function heldOutPrompts(): Set<string> {
  return new Set(arithmeticBenchmarks().flatMap(({ questions }) => questions.map(({ prompt }) => prompt)))
}
