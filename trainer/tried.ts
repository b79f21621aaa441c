/**
 * Prompts that the start model answers before a run's first step: GRPO leaves out what is too easy or too hard for it
 * (`pass_rate`), and best-of-n learns the best of what it said. What came of it stands in the run's folder, as a file that a later
 * training can have as its `data`; an attempt that goes on reads it there. What is drawn follows from the seed alone.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { BestOfNConfig, GrpoConfig } from '../contract/trainer-settings.ts'
import { readModel } from './checkpoint.ts'
import type { StopSignal, Training } from './loop.ts'
import { initialWeights, Qwen2 } from './model/qwen2.ts'
import { allPrompts, type Prompt } from './prompts.ts'
import { answer, type AnswerSettings, type Sample } from './rollout.ts'
import type { Example } from './tasks/examples.ts'
import { encodePrompt } from './tokenizer.ts'
import type { Answerer } from './workers/continuations.ts'

/** Sequences between two looks at whether to leave. */
const sequencesEachTurn = 2048

const isRight = ({ reward }: Sample) => reward.outcome === 'correct'
const said = (count: number) => count.toLocaleString('en')
const share = (right: number, of: number) => `${((100 * right) / of).toFixed(1)} %`

/** The model as the run started: the one that is trained, or, in an attempt that goes on, another with the start's weights. */
function startModel(training: Training): Answerer & { dispose: () => void } {
  const { job, config, backend, model, resumed, tokenizer, workers } = training
  if (resumed.step === 0) return { model, tokenizer, workers, dispose: () => {} }
  const weights = () => (job.init === null ? initialWeights(model.config, config.seed) : readModel(job.init).weights)
  const start = model.adapter === null ? new Qwen2(model.config, weights(), backend) : model.base
  // the workers have the trained model
  return { model: start, tokenizer, workers: null, dispose: () => start.dispose() }
}

/**
 * A line of JSON for each prompt, in their order: of the file where it is there, else of the start model's answers.
 * @returns null where the run was asked to leave before all were answered
 */
async function linesOf<Line>(
  training: Training,
  settings: AnswerSettings,
  prompts: () => Prompt[],
  name: string,
  lineOf: (group: Sample[]) => Line,
  stop: StopSignal,
): Promise<Line[] | null> {
  const file = path.join(training.job.runFolder, name)
  if (existsSync(file))
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line)
  const start = startModel(training)
  const all = prompts()
  const lines: Line[] = []
  const { samples_per_prompt: samples } = settings
  training.report.note('info', `Before the first step: ${said(all.length)} prompts, ${samples} samples each`)
  try {
    const each = Math.max(1, Math.floor(sequencesEachTurn / samples))
    for (let from = 0; from < all.length; from += each) {
      const stream = [training.config.seed, 'tried', from]
      const groups = await answer(start, settings, all.slice(from, from + each), stream)
      lines.push(...groups.map(lineOf))
      // signals are handled between turns
      await setImmediate()
      if (stop.requested) return null
    }
  } finally {
    start.dispose()
  }
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(`${file}.partial`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  renameSync(`${file}.partial`, file)
  return lines
}

/**
 * The prompts whose share of right answers is in the range that the config asks for.
 * @returns null where the run was asked to leave before all were answered
 * @throws where none is
 */
export async function promptsByPassRate(
  training: Training,
  config: GrpoConfig,
  stop: StopSignal,
): Promise<Prompt[] | null> {
  const { minimum, maximum, samples } = config.pass_rate!
  const prompts = allPrompts(config, training.tokenizer, training.model.config.maximumLength)
  const lines = await linesOf(
    training,
    { ...config, samples_per_prompt: samples },
    () => prompts,
    'pass-rates.jsonl',
    (group) => ({
      question: group[0]!.prompt.text,
      answer: group[0]!.prompt.answer,
      right: group.filter(isRight).length,
      samples: group.length,
    }),
    stop,
  )
  if (lines === null) return null
  const kept = prompts.filter((_, index) => {
    const { right, samples: tried } = lines[index]!
    return right / tried >= minimum && right / tried <= maximum
  })
  const right = lines.reduce((sum, line) => sum + line.right, 0)
  const told = `The start model answers ${share(right, lines.length * samples)} of ${said(prompts.length)} prompts right (${samples} samples each)`
  const range = `a share of right answers from ${minimum} to ${maximum}`
  if (kept.length === 0) throw new Error(`${told}, and none with ${range}; expected a pass_rate that some prompts have`)
  training.report.note('info', `${told}; ${said(kept.length)} with ${range} are learned from`)
  return kept
}

type Best = { prompt: string; solution: string; reward: number; right: number; samples: number }

/**
 * The best of a group: the highest reward, of these the first. (Not the shortest: the more are drawn, the more of the shortest are
 * lucky guesses without work.)
 */
export function bestOf<Answer extends { reward: { total: number } }>(group: readonly Answer[]): Answer {
  return group.reduce((best, other) => (other.reward.total > best.reward.total ? other : best))
}

/**
 * Examples of the best right answer to each prompt that has one.
 * @returns null where the run was asked to leave before all were answered
 * @throws where no answer is right
 */
export async function bestExamples(
  training: Training,
  config: BestOfNConfig,
  stop: StopSignal,
): Promise<Example[] | null> {
  const { tokenizer, model, report } = training
  const lines = await linesOf(
    training,
    config,
    () => allPrompts(config, tokenizer, model.config.maximumLength),
    'best-of-n.jsonl',
    (group): Best => {
      const right = group.filter((sample) => isRight(sample) && sample.finished)
      const best = bestOf(right.length > 0 ? right : group)
      return {
        prompt: best.prompt.text,
        solution: best.text,
        reward: best.reward.total,
        right: right.length,
        samples: group.length,
      }
    },
    stop,
  )
  if (lines === null) return null
  const chosen = lines.filter(({ right }) => right > 0)
  const right = lines.reduce((sum, line) => sum + line.right, 0)
  const told = `The start model answers ${share(right, lines.length * config.samples_per_prompt)} of ${said(lines.length)} prompts right (${config.samples_per_prompt} samples each)`
  if (chosen.length === 0)
    throw new Error(`${told}: there is nothing to learn; expected a start model that answers some of them`)
  report.note('info', `${told}; the best right answers to ${said(chosen.length)} of them are learned`)
  return chosen.map(({ prompt, solution }) => ({
    prompt: encodePrompt(tokenizer, config, prompt),
    completion: [...tokenizer.encode(solution), tokenizer.endOfText],
  }))
}
