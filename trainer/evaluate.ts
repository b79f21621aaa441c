/**
 * Evaluation: answers of a checkpoint to every question of each benchmark, graded and written down one by one. Each question
 * once and greedily, or, where it is asked for again, several times at a temperature: the accuracy is then the mean over all
 * samples, and how many of each question were right is told beside it.
 * The answer is what the last `\boxed{…}` of the response holds; a response without one is its own outcome.
 */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { answerQuestions, findBenchmark, greedy } from './answering.ts'
import { type Backend, memoryOf } from './backend.ts'
import { answeringRoomProblem } from '../contract/model-room.ts'
import { readModel } from './checkpoint.ts'
import { readModelConfig } from './model/hugging-face.ts'
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'
import { Qwen2 } from './model/qwen2.ts'
import type { Reporter } from './report.ts'
import type { StopSignal } from './loop.ts'
import type { Benchmark } from './tasks/benchmarks.ts'
import type { Answerer } from './workers/continuations.ts'
import { Workers } from './workers/workers.ts'

/** Sequences between two looks at whether to leave. */
const sequencesEachTurn = 2048

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
  const { checkpoint, again, questions: raced } = job.evaluation!
  const benchmarks = (again?.benchmarks ?? config.benchmarks)
    .map(findBenchmark)
    .filter(({ name }) => raced === undefined || Object.hasOwn(raced.places, name))
  const sequences = Math.max(...benchmarks.map(({ questions }) => questions.length)) * (again ?? greedy).samples
  const asked = { sequences, tokens: config.maximum_new_tokens + 1, workers: config.workers }
  // before weights are read that have no room
  const problem = answeringRoomProblem(readModelConfig(checkpoint), asked, memoryOf(backend))
  if (problem !== null) throw new Error(`${problem}; expected a smaller model, or the back end tfjs-node`)
  const loaded = readModel(checkpoint)
  const { tokenizer } = loaded
  const model = new Qwen2(loaded.config, loaded.weights, backend)
  const workers =
    config.workers === 1 ? null : new Workers(config.workers, { model, reference: null, tokenizer }, backend)
  try {
    return await evaluateAll({ model, tokenizer, workers }, benchmarks, job, config, report, stop)
  } finally {
    await workers?.close()
  }
}

/** Asks the questions of each benchmark, and writes down the answers and the report. */
async function evaluateAll(
  answerer: Answerer,
  benchmarks: readonly Benchmark[],
  job: Job,
  config: TrainerConfig,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  const { step, report: reportFile, again, questions: raced } = job.evaluation!
  const sampling = again ?? greedy
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
      const items = await answerQuestions(answerer, part, config, sampling, [name, first])
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
