/** What the start model answers before the first step: which prompts are left, which answers are learned. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from './backend.ts'
import { readTrainerConfig } from '../contract/check-settings.ts'
import type { Job } from '../contract/trainer.ts'
import { sameAnswer } from './grading/same-answer.ts'
import { lastBoxed } from './grading/boxed.ts'
import { openReporter } from './report.ts'
import { runTraining } from './run-training.ts'
import { bestOf } from './tried.ts'
import { trainingJob } from './training-job.ts'

let backend: Backend
let init: string
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-tried-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0
async function train(config: Record<string, unknown>, job: Partial<Job> = {}, requested = false) {
  const runFolder = job.runFolder ?? path.join(folder, `run-${runs++}`)
  const eventsFile = `${runFolder}-${runs++}.jsonl`
  const report = openReporter(eventsFile)
  const whole = trainingJob({ config, init, runFolder, eventsFile, ...job })
  const outcome = await runTraining(whole, readTrainerConfig(config), backend, report, { requested }).finally(
    report.close,
  )
  const events = readFileSync(eventsFile, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  return {
    runFolder,
    outcome,
    events,
    notes: events.filter(({ type }) => type === 'note').map(({ text }) => text as string),
  }
}

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const weights = (run: string, step: number) =>
  ['model', 'optimizer'].map((name) =>
    readFileSync(path.join(run, 'checkpoints', `step-${step}`, `${name}.safetensors`)),
  )

/** Sums of one digit each, which a small model soon gets right now and then. */
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
  const data = path.join(folder, 'sums.jsonl')
  const sums = Array.from({ length: 36 }, (_, index) => [Math.floor(index / 6), index % 6] as const)
  writeFileSync(
    data,
    sums.map(([a, b]) => `${JSON.stringify({ prompt: `${a}+${b}=`, solution: `\\boxed{${a + b}}` })}\n`).join(''),
  )
  writeFileSync(
    path.join(folder, 'questions.jsonl'),
    sums.map(([a, b]) => `${JSON.stringify({ question: `${a}+${b}=`, answer: String(a + b) })}\n`).join(''),
  )
  const shape = { layers: 1, width: 32, heads: 2, row_length: 32, maximum_new_tokens: 8 }
  init = ''
  const { runFolder } = await train(
    { trainer: 'sft', data, batch_size: 12, steps: 60, learning_rate: 1e-2, ...shape },
    { init: null },
  )
  init = path.join(runFolder, 'checkpoints', 'step-60')
})

const asked = () => ({ data: path.join(folder, 'questions.jsonl'), maximum_new_tokens: 8 })
const bestOfN = () => ({
  trainer: 'best_of_n',
  ...asked(),
  samples_per_prompt: 6,
  epochs: 2,
  batch_size: 8,
  row_length: 32,
  checkpoint_every_steps: 1,
})

test('the best of a group: the highest reward, the first of these', () => {
  const group = [1, 5, 5, 4].map((total, at) => ({ reward: { total }, at }))
  expect(bestOf(group).at).toBe(1)
})

test('best of n: right answers are learned, one a prompt, and stand in a file that can be data', async () => {
  const { runFolder, notes, events } = await train(bestOfN())
  const lines = linesOf(path.join(runFolder, 'best-of-n.jsonl'))
  expect(lines).toHaveLength(36)
  const chosen = lines.filter(({ right }) => right > 0)
  expect(chosen.length).toBeGreaterThan(5)
  expect(chosen.length).toBeLessThan(36)
  const answers = new Map(
    linesOf(path.join(folder, 'questions.jsonl')).map(({ question, answer }) => [question, answer]),
  )
  for (const { prompt, solution, right, samples } of lines) {
    const given = lastBoxed(solution)
    expect(given !== null && sameAnswer(given, answers.get(prompt)!), solution).toBe(right > 0)
    expect(samples).toBe(6)
  }
  const right = lines.reduce((sum, line) => sum + line.right, 0)
  expect(notes).toContain(
    `The start model answers ${((100 * right) / 216).toFixed(1)} % of 36 prompts right (6 samples each); the best right answers to ${chosen.length} of them are learned`,
  )
  // so many examples in batches of 8, twice
  const steps = 2 * Math.ceil(chosen.length / 8)
  expect(events.filter(({ type }) => type === 'metrics')).toHaveLength(steps)
})

test('best of n: going on ends in the same bytes, whether the answers are still there or drawn again', async () => {
  const whole = await train(bestOfN())
  const last = readdirSync(path.join(whole.runFolder, 'checkpoints')).length
  const resume = path.join(whole.runFolder, 'checkpoints', 'step-2')
  const elsewhere = await train(bestOfN(), { resume })
  expect(weights(elsewhere.runFolder, last)).toEqual(weights(whole.runFolder, last))
  expect(readFileSync(path.join(elsewhere.runFolder, 'best-of-n.jsonl'))).toEqual(
    readFileSync(path.join(whole.runFolder, 'best-of-n.jsonl')),
  )
  const before = weights(whole.runFolder, last)
  await train(bestOfN(), { resume, runFolder: whole.runFolder })
  expect(weights(whole.runFolder, last)).toEqual(before)
})

test('best of n that is asked to leave before all is answered leaves nothing behind', async () => {
  const { runFolder, outcome } = await train(bestOfN(), {}, true)
  expect(outcome).toBe('stopped')
  expect(existsSync(path.join(runFolder, 'best-of-n.jsonl'))).toBe(false)
})

test('best of n of a model that answers nothing right says so', async () => {
  await expect(
    train({ ...bestOfN(), layers: 1, width: 16, heads: 2, samples_per_prompt: 1 }, { init: null }),
  ).rejects.toThrow('The start model answers 0.0 % of 36 prompts right (1 samples each): there is nothing to learn')
})

const grpo = () => ({
  trainer: 'grpo',
  ...asked(),
  steps: 3,
  prompts_per_step: 3,
  samples_per_prompt: 4,
  minibatches: 1,
  reported_groups: 3,
})

test('grpo with a pass rate learns from the prompts in its range only', async () => {
  const pass_rate = { minimum: 0.2, maximum: 0.8, samples: 6 }
  const { runFolder, events, notes } = await train({ ...grpo(), pass_rate })
  const lines = linesOf(path.join(runFolder, 'pass-rates.jsonl'))
  expect(lines).toHaveLength(36)
  const inRange = lines.filter(({ right }) => right / 6 >= 0.2 && right / 6 <= 0.8).map(({ question }) => question)
  expect(inRange.length).toBeGreaterThan(2)
  expect(inRange.length).toBeLessThan(36)
  const prompts = events.filter(({ type }) => type === 'sample').map(({ prompt }) => prompt)
  expect(new Set(prompts).size).toBeGreaterThan(2)
  for (const prompt of prompts) expect(inRange).toContain(prompt)
  expect(notes.join()).toContain(`; ${inRange.length} with a share of right answers from 0.2 to 0.8 are learned from`)
  // a pass is over those that are left
  const last = events.findLast(({ type }) => type === 'metrics')
  expect(last.values.epoch).toBeCloseTo(9 / inRange.length, 9)
})

test('grpo with a pass rate that no prompt has says so', async () => {
  const pass_rate = { minimum: 1, maximum: 1, samples: 40 }
  await expect(train({ ...grpo(), pass_rate, temperature: 5 })).rejects.toThrow(
    /^The start model answers \d+\.\d % of 36 prompts right \(40 samples each\), and none with a share of right answers from 1 to 1; expected a pass_rate that some prompts have$/,
  )
})
