/** Held-out questions during a training: the first ones of each benchmark, answered greedily between two steps. */
import { answerQuestions, findBenchmark } from './answering.ts'
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import type { Benchmark } from './tasks/benchmarks.ts'
import type { Answerer } from './workers/continuations.ts'

/** The questions that a training is asked on its way. */
export function heldOutQuestions(config: TrainerConfig): Benchmark[] {
  return config.benchmarks.map(findBenchmark).map(({ name, questions }) => ({
    name,
    questions: questions.slice(0, config.evaluated_questions),
  }))
}

/** Metrics `eval/NAME`: the share of each benchmark's questions that is right. */
export async function accuracies(
  training: Answerer & { config: TrainerConfig },
  benchmarks: readonly Benchmark[],
): Promise<Record<string, number>> {
  const shares: Record<string, number> = {}
  for (const { name, questions } of benchmarks) {
    const items = await answerQuestions(training, questions, training.config)
    shares[`eval/${name}`] = items.filter(({ correct }) => correct).length / items.length
  }
  return shares
}
