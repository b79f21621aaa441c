/** Questions of benchmarks, answered by a model and graded. */
import path from 'node:path'
import { benchmarkNames, type TrainerConfig } from '../contract/trainer-settings.ts'
import { lastBoxed } from './grading/boxed.ts'
import { sameAnswer } from './grading/same-answer.ts'
import { arithmeticBenchmarks, type Benchmark } from './tasks/benchmarks.ts'
import { readQuestions } from './tasks/questions.ts'
import { beforeStop } from './stop.ts'
import { encodePrompt, type PromptFormat } from './tokenizer.ts'
import { type Answerer, continuations } from './workers/continuations.ts'

/** One line of an items file. */
export type EvaluationItem = {
  id: string
  prompt: string
  response: string
  /** The right answer. */
  answer: string
  /** The answer that was found in the response; null where there is none. */
  given: string | null
  outcome: 'correct' | 'wrong' | 'unparseable'
  correct: boolean
  /** From 1, where each question is answered several times. */
  sample?: number
}

/** How questions are put, and where an answer ends. */
type AnswerFormat = PromptFormat & Pick<TrainerConfig, 'maximum_new_tokens' | 'stop'>

/** How questions are answered. */
export type Sampling = { samples: number; temperature: number; seed: number }

export const greedy: Sampling = { samples: 1, temperature: 0, seed: 1 }

/** Benchmarks by name, or from JSONL files (questions.ts). Throws naming what does not fit. */
export function findBenchmark(name: string): Benchmark {
  const builtIn = arithmeticBenchmarks().find((benchmark) => benchmark.name === name)
  if (builtIn !== undefined) return builtIn
  if (!name.endsWith('.jsonl')) {
    throw new Error(
      `The benchmark "${name}" is unknown; expected ${benchmarkNames.join(', ')} or the path of a .jsonl file`,
    )
  }
  return { name: path.basename(name, '.jsonl'), questions: readQuestions(name) }
}

/** Answers and grades the questions: in their order, the samples of each one after another. `part` names the random stream. */
export async function answerQuestions(
  answerer: Answerer,
  questions: Benchmark['questions'],
  format: AnswerFormat,
  { samples, temperature, seed }: Sampling = greedy,
  part: (string | number)[] = [],
): Promise<EvaluationItem[]> {
  const { model, tokenizer } = answerer
  const repeated = questions.flatMap((question) => Array.from({ length: samples }, () => question))
  const { maximum_new_tokens: maximumNewTokens, stop } = format
  const room = model.config.maximumLength - maximumNewTokens
  const encoded = new Map(questions.map(({ prompt }) => [prompt, encodePrompt(tokenizer, format, prompt, room)]))
  const prompts = repeated.map(({ prompt }) => encoded.get(prompt)!)
  const stream = [seed, 'evaluation', ...part]
  const responses = await continuations(answerer, prompts, { maximumNewTokens, temperature, stop, stream })
  return repeated.map((question, index) => {
    const response = beforeStop(tokenizer.decode(responses[index]!.tokens), stop)
    const given = lastBoxed(response)
    const outcome = given === null ? 'unparseable' : sameAnswer(given, question.answer) ? 'correct' : 'wrong'
    const item: EvaluationItem = { ...question, response, given, outcome, correct: outcome === 'correct' }
    return samples === 1 ? item : { ...item, sample: (index % samples) + 1 }
  })
}
