/**
 * Evaluation: answers of a checkpoint to every question of each benchmark, graded and written down one by one. Each question
 * once and greedily, or, where it is asked for again, several times at a temperature: the accuracy is then the mean over all
 * samples, and how many of each question were right is told beside it.
 * The answer is what the last `\boxed{…}` of the response holds; a response without one is its own outcome.
 */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Backend } from './backend.ts'
import { readModel } from './checkpoint.ts'
import { benchmarkNames, type TrainerConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'
import { lastBoxed } from './grading/boxed.ts'
import { sameAnswer } from './grading/same-answer.ts'
import { generate } from './model/generate.ts'
import { Qwen2 } from './model/qwen2.ts'
import type { Reporter } from './report.ts'
import type { StopSignal } from './loop.ts'
import { arithmeticBenchmarks, type Benchmark } from './tasks/benchmarks.ts'
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
  /** From 1, where each question is answered several times. */
  sample?: number
}

/** How questions are answered. */
export type Sampling = { samples: number; temperature: number; seed: number }

const greedy: Sampling = { samples: 1, temperature: 0, seed: 1 }
/** Sequences between two looks at whether to leave. */
const sequencesEachTurn = 2048

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

/** Answers and grades the questions: in their order, the samples of each one after another. `part` names the random stream. */
export function answerQuestions(
  model: Qwen2,
  tokenizer: Tokenizer,
  questions: Benchmark['questions'],
  maximumNewTokens: number,
  promptTemplate = '{prompt}',
  { samples, temperature, seed }: Sampling = greedy,
  part: (string | number)[] = [],
): EvaluationItem[] {
  const repeated = questions.flatMap((question) => Array.from({ length: samples }, () => question))
  const room = model.config.maximumLength - maximumNewTokens
  const encoded = new Map(
    questions.map(({ prompt }) => [prompt, encodePrompt(tokenizer, promptTemplate, prompt, room)]),
  )
  const prompts = repeated.map(({ prompt }) => encoded.get(prompt)!)
  const responses = generate(model, prompts, {
    maximumNewTokens,
    temperature,
    endOfText: tokenizer.endOfText,
    stream: [seed, 'evaluation', ...part],
  })
  return repeated.map((question, index) => {
    const response = tokenizer.decode(responses[index]!.tokens)
    const given = lastBoxed(response)
    const outcome = given === null ? 'unparseable' : sameAnswer(given, question.answer) ? 'correct' : 'wrong'
    const item: EvaluationItem = { ...question, response, given, outcome, correct: outcome === 'correct' }
    return samples === 1 ? item : { ...item, sample: (index % samples) + 1 }
  })
}

type Counts = { correct: number; total: number; samples?: number; outcomes?: Record<string, number> }

/** The questions of a racing evaluation. Throws where there are not as many as the race was planned for. */
function chooseQuestions(
  name: string,
  all: Benchmark['questions'],
  { places, totals }: NonNullable<NonNullable<Job['evaluation']>['questions']>,
): Benchmark['questions'] {
  if (all.length !== totals[name])
    throw new Error(
      `${name} has ${all.length} questions, and the race was planned for ${totals[name]}; expected score.questions to say ${all.length}`,
    )
  return places[name]!.map((place) => all[place]!)
}

/** Evaluates the job's checkpoint; 'stopped' where it was asked to leave before the last benchmark. */
export async function runEvaluation(
  job: Job,
  config: TrainerConfig,
  backend: Backend,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  const { checkpoint, step, report: reportFile, again, questions: raced } = job.evaluation!
  const sampling = again ?? greedy
  const benchmarks = (again?.benchmarks ?? config.benchmarks)
    .map(findBenchmark)
    .filter(({ name }) => raced === undefined || Object.hasOwn(raced.places, name))
  const loaded = readModel(checkpoint)
  const model = new Qwen2(loaded.config, loaded.weights, backend)
  const folder = path.join(job.runFolder, 'eval')
  mkdirSync(folder, { recursive: true })
  const counts: Record<string, Counts> = {}
  for (const [index, { name, questions }] of benchmarks.entries()) {
    const all = config.maximum_questions > 0 ? questions.slice(0, config.maximum_questions) : questions
    const asked = raced === undefined ? all : chooseQuestions(name, all, raced)
    const file = `eval/step-${step}-${name}.jsonl`
    writeFileSync(path.join(job.runFolder, file), '')
    const outcomes: Record<string, number> = {}
    const named = new Set(asked.map(({ id }) => id)).size === asked.length
    const questionsEachTurn = Math.max(1, Math.floor(sequencesEachTurn / sampling.samples))
    for (let first = 0; first < asked.length; first += questionsEachTurn) {
      const part = asked.slice(first, first + questionsEachTurn)
      const { maximum_new_tokens: tokens, prompt_template: template } = config
      const items = answerQuestions(model, loaded.tokenizer, part, tokens, template, sampling, [name, first])
      appendFileSync(path.join(job.runFolder, file), items.map((item) => `${JSON.stringify(item)}\n`).join(''))
      for (const [at, { id, correct }] of items.entries()) {
        // a file may give an id twice: then the question's place names it
        const key = named ? id : String(first + Math.floor(at / sampling.samples) + 1)
        outcomes[key] = (outcomes[key] ?? 0) + Number(correct)
      }
      const done = index + Math.min(1, (first + part.length) / asked.length)
      if (done < index + 1) report.event({ type: 'progress', done, total: benchmarks.length })
      await setImmediate()
      if (stop.requested && first + part.length < asked.length) return 'stopped'
    }
    const correct = Object.values(outcomes).reduce((sum, right) => sum + right, 0)
    const total = asked.length * sampling.samples
    const several = again ? { samples: sampling.samples, outcomes } : {}
    report.event({ type: 'evaluation', step, benchmark: name, correct, total, items: file, ...several })
    report.event({ type: 'progress', done: index + 1, total: benchmarks.length })
    counts[name] = { correct, total, ...several }
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
