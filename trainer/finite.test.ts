/** A training that diverges stops and says so, and nothing that is no number is saved, told or read as a model. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from './backend.ts'
import { readModel } from './checkpoint.ts'
import { readTrainerConfig } from '../contract/check-settings.ts'
import type { TrainerEvent } from '../contract/trainer.ts'
import { newModelConfig } from '../contract/model-config.ts'
import { writeModelFolder } from './model/hugging-face.ts'
import { initialWeights } from './model/qwen2.ts'
import { openReporter } from './report.ts'
import { runTraining } from './run-training.ts'
import { arithmeticTokenizer } from './tokenizer.ts'
import { trainingJob } from './training-job.ts'

let backend: Backend
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-finite-'))
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0
/** Trains and gives the sentence it ended with, its checkpoints and the events of the run. */
async function train(config: Record<string, unknown>, init: string | null = null) {
  const runFolder = path.join(folder, `run-${runs++}`)
  const job = trainingJob({ config, init, runFolder, eventsFile: `${runFolder}.jsonl` })
  const report = openReporter(job.eventsFile)
  const checked = readTrainerConfig({ layers: 1, width: 16, heads: 2, maximum_new_tokens: 6, ...config })
  const stop = { requested: false }
  const ended = runTraining(job, checked, backend, report, stop)
  const sentence = await ended.catch((error: Error) => error.message)
  report.close()
  const checkpoints = path.join(runFolder, 'checkpoints')
  return {
    sentence,
    checkpoints: existsSync(checkpoints) ? readdirSync(checkpoints) : [],
    events: readFileSync(job.eventsFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as TrainerEvent),
  }
}

const sft = { trainer: 'sft', dataset_size: 40, batch_size: 8, row_length: 32, warm_up_steps: 0 }
const dpo = { trainer: 'dpo', dataset_size: 40, batch_size: 8, row_length: 32, warm_up_steps: 0 }
const grpo = {
  trainer: 'grpo',
  steps: 30,
  prompts_per_step: 4,
  samples_per_prompt: 4,
  minibatches: 2,
  maximum_new_tokens: 40,
  reward: { length: { maximum: 5, threshold: 1, scale: 5 } },
}

for (const [name, config] of [
  ['sft', { ...sft, steps: 30, learning_rate: 1e30 }],
  ['grpo', { ...grpo, learning_rate: 1e30 }],
  ['grpo with a KL term', { ...grpo, learning_rate: 1e30, kl_coefficient: 0.1 }],
] as const) {
  test(`${name} at a learning rate of 1e30 stops at the step, says what may help, and saves nothing`, async () => {
    const { sentence, checkpoints, events } = await train(config)
    expect(sentence).toMatch(/is (NaN|-?Infinity) at step [1-5]; a lower learning_rate than 1e\+30 may help$/)
    expect(checkpoints).toEqual([])
    expect(events.some(({ type }) => type === 'checkpoint')).toBe(false)
  })
}

for (const [name, config] of [
  ['sft', { ...sft, steps: 1, learning_rate: 1e39 }],
  ['dpo', { ...dpo, steps: 1, learning_rate: 1e39 }],
  ['grpo', { ...grpo, steps: 1, minibatches: 1, learning_rate: 1e39 }],
] as const) {
  test(`${name} whose last update leaves parameters that are no numbers reports no checkpoint`, async () => {
    const { sentence, checkpoints, events } = await train(config)
    expect(sentence).toMatch(/^The parameter \S+ holds (NaN|-?Infinity) at step 1; a lower learning_rate/)
    expect(checkpoints).toEqual([])
    expect(events.some(({ type }) => type === 'checkpoint')).toBe(false)
  })
}

test('a training without gradient clipping is told of it', async () => {
  const { sentence } = await train({ ...sft, steps: 30, learning_rate: 1e30, gradient_clip: 0 })
  expect(sentence).toMatch(/; a lower learning_rate than 1e\+30, or a gradient_clip above 0, may help$/)
})

test('a model that this machine cannot hold is refused before any of its weights is made', async () => {
  const { sentence } = await train({ ...sft, layers: 200, width: 8192, heads: 8 })
  expect(sentence).toMatch(
    /^A model of 161,[\d,]+ parameters takes \d{4}\.\d GiB to train .*; expected a smaller model$/,
  )
})

test('a model that holds NaN is refused, as init and for an evaluation alike', async () => {
  const tokenizer = arithmeticTokenizer()
  const shape = newModelConfig(readTrainerConfig({ trainer: 'sft', layers: 1, width: 16, heads: 2 }))
  const weights = initialWeights(shape, 1)
  weights.get('layers.0.downWeight')![3] = Number.NaN
  const broken = path.join(folder, 'broken')
  writeModelFolder(broken, shape, weights, tokenizer)
  const expected = `${broken}: the tensor model.layers.0.mlp.down_proj.weight holds NaN; expected numbers`
  expect((await train(grpo, broken)).sentence).toBe(expected)
  expect(() => readModel(broken)).toThrow(expected)
})
