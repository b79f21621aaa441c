/**
 * Evaluation: greedy answers of a checkpoint to every question of each benchmark, graded and written down one by one.
 * The answer is what the last `\boxed{…}` of the response holds; a response without one is its own outcome.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Backend } from './backend.ts'
import { readModel } from './checkpoint.ts'
import type { TrainerConfig } from './config.ts'
import type { Job } from './contract.ts'
import { lastBoxed } from './grading/boxed.ts'
import { sameAnswer } from './grading/same-answer.ts'
import { generate } from './model/generate.ts'
import { Qwen2 } from './model/qwen2.ts'
import type { Reporter } from './report.ts'
import type { StopSignal } from './supervised.ts'
import { arithmeticBenchmarks, type Benchmark, benchmarkNames } from './tasks/benchmarks.ts'
import { readQuestions } from './tasks/examples.ts'
import { encodePrompt, type Tokenizer } from './tokenizer.ts'

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
}

/** Benchmarks by name, or from JSONL files with `question` (or `problem`) and `answer`. Throws naming what does not fit. */
function findBenchmark(name: string): Benchmark {
  const builtIn = arithmeticBenchmarks().find((benchmark) => benchmark.name === name)
  if (builtIn !== undefined) return builtIn
  if (!name.endsWith('.jsonl')) {
    throw new Error(
      `The benchmark "${name}" is unknown; expected ${benchmarkNames.join(', ')} or the path of a .jsonl file`,
    )
  }
  return { name: path.basename(name, '.jsonl'), questions: readQuestions(name) }
}

/** Answers and grades the questions; in their order. */
export function answerQuestions(
  model: Qwen2,
  tokenizer: Tokenizer,
  questions: Benchmark['questions'],
  maximumNewTokens: number,
  promptTemplate = '{prompt}',
): EvaluationItem[] {
  const prompts = questions.map(({ prompt }) => encodePrompt(tokenizer, promptTemplate, prompt))
  const responses = generate(model, prompts, {
    maximumNewTokens,
    temperature: 0,
    endOfText: tokenizer.endOfText,
    stream: [0],
  })
  return questions.map((question, index) => {
    const response = tokenizer.decode(responses[index]!.tokens)
    const given = lastBoxed(response)
    const outcome = given === null ? 'unparseable' : sameAnswer(given, question.answer) ? 'correct' : 'wrong'
    return { ...question, response, given, outcome, correct: outcome === 'correct' }
  })
}

/** Evaluates the job's checkpoint; 'stopped' where it was asked to leave before the last benchmark. */
export async function runEvaluation(
  job: Job,
  config: TrainerConfig,
  backend: Backend,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  const { checkpoint, step, report: reportFile } = job.evaluation!
  const benchmarks = config.benchmarks.map(findBenchmark)
  const loaded = readModel(checkpoint)
  const model = new Qwen2(loaded.config, loaded.weights, backend)
  const folder = path.join(job.runFolder, 'eval')
  mkdirSync(folder, { recursive: true })
  const counts: Record<string, { correct: number; total: number }> = {}
  for (const [index, { name, questions }] of benchmarks.entries()) {
    const asked = config.maximum_questions > 0 ? questions.slice(0, config.maximum_questions) : questions
    const items = answerQuestions(model, loaded.tokenizer, asked, config.maximum_new_tokens, config.prompt_template)
    const correct = items.filter((item) => item.correct).length
    const file = `eval/step-${step}-${name}.jsonl`
    writeFileSync(path.join(job.runFolder, file), items.map((item) => `${JSON.stringify(item)}\n`).join(''))
    report.event({ type: 'evaluation', step, benchmark: name, correct, total: items.length, items: file })
    report.event({ type: 'progress', done: index + 1, total: benchmarks.length })
    counts[name] = { correct, total: items.length }
    await setImmediate()
    if (stop.requested && index + 1 < benchmarks.length) return 'stopped'
  }
  const accuracies = Object.fromEntries(
    Object.entries(counts).map(([name, { correct, total }]) => [name, correct / total]),
  )
  mkdirSync(path.dirname(reportFile), { recursive: true })
  // written beside and renamed: a report is whole or absent
  writeFileSync(`${reportFile}.partial`, `${JSON.stringify({ acc: accuracies, counts }, null, 2)}\n`)
  renameSync(`${reportFile}.partial`, reportFile)
  return 'done'
}
