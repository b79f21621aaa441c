/** Held-out questions during a training: the first ones of each benchmark, answered greedily between two steps. */
import { answerQuestions, findBenchmark } from './answering.ts'
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import type { Qwen2 } from './model/qwen2.ts'
import type { Benchmark } from './tasks/benchmarks.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The questions that a training is asked on its way. */
export function heldOutQuestions(config: TrainerConfig): Benchmark[] {
  return config.benchmarks.map(findBenchmark).map(({ name, questions }) => ({
    name,
    questions: questions.slice(0, config.evaluated_questions),
  }))
}

/** Metrics `eval/NAME`: the share of each benchmark's questions that is right. */
export function accuracies(
  { model, tokenizer, config }: { model: Qwen2; tokenizer: Tokenizer; config: TrainerConfig },
  benchmarks: readonly Benchmark[],
): Record<string, number> {
  return Object.fromEntries(
    benchmarks.map(({ name, questions }) => {
      const items = answerQuestions(model, tokenizer, questions, config)
      return [`eval/${name}`, items.filter(({ correct }) => correct).length / items.length]
    }),
  )
}
