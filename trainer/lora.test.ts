/** Trainings of LoRA adapters: what they change and what they leave, what their checkpoints hold, and that they go on byte for byte. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from './backend.ts'
import { readTrainerConfig } from '../contract/check-settings.ts'
import { toHuggingFace } from '../contract/model-config.ts'
import type { Job } from '../contract/trainer.ts'
import { readModel } from './checkpoint.ts'
import { runEvaluation } from './evaluate.ts'
import { openTraining, type StopSignal } from './loop.ts'
import { openReporter } from './report.ts'
import { runTraining } from './run-training.ts'
import { openSafetensors } from './safetensors.ts'
import { arithmeticTokenizer } from './tokenizer.ts'
import { trainingJob } from './training-job.ts'

let backend: Backend
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-lora-runs-'))
let init: string
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
  const start = await train({ ...supervised, lora_rank: 0, steps: 150, layers: 1, width: 32, heads: 2, batch_size: 16 })
  init = path.join(start, 'checkpoints', 'step-150')
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0
function jobOf(config: Record<string, unknown>, job: Partial<Job>): Job {
  const runFolder = path.join(folder, `run-${runs++}`)
  return trainingJob({ config, runFolder, eventsFile: `${runFolder}.jsonl`, ...job })
}

/** Runs a training in a folder of its own and returns that folder. */
async function train(
  config: Record<string, unknown>,
  job: Partial<Job> = {},
  stop: StopSignal = { requested: false },
): Promise<string> {
  const whole = jobOf(config, job)
  const report = openReporter(whole.eventsFile)
  await runTraining(whole, readTrainerConfig(config), backend, report, stop)
  report.close()
  return whole.runFolder
}

const at = (run: string, step: number) => path.join(run, 'checkpoints', `step-${step}`)

/** Values of the run's metric events, in their order. */
const metricsOf = (run: string): Record<string, number>[] =>
  readFileSync(`${run}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"metrics"'))
    .map((line) => JSON.parse(line).values)

/** Digests of all that a checkpoint holds. */
const contents = (checkpoint: string) =>
  Object.fromEntries(
    readdirSync(checkpoint, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => [path.relative(checkpoint, file), createHash('sha256').update(readFileSync(file)).digest('hex')]),
  )

const supervised = {
  trainer: 'sft',
  seed: 5,
  learning_rate: 4e-3,
  warm_up_steps: 0,
  dataset_size: 400,
  levels: [1, 0, 0, 0],
  batch_size: 8,
  maximum_new_tokens: 16,
  lora_rank: 4,
}
const { batch_size: _size, ...shared } = supervised
const trainings: Record<string, Record<string, unknown>> = {
  sft: { ...supervised, steps: 6 },
  'sft, merged': { ...supervised, steps: 6, lora_checkpoints: 'merged', lora_target_modules: ['q_proj', 'down_proj'] },
  grpo: {
    ...shared,
    trainer: 'grpo',
    steps: 3,
    prompts_per_step: 6,
    samples_per_prompt: 4,
    kl_coefficient: 0.05,
    minibatches: 2,
  },
  dpo: { ...supervised, trainer: 'dpo', steps: 4 },
}

test.each(Object.keys(trainings))(
  '%s: an adapter goes on byte for byte, and the model stays as it is',
  async (name) => {
    const config = { ...trainings[name], checkpoint_every_steps: 1 }
    const before = contents(init)
    const whole = await train(config, { init })
    const last = Math.max(...readdirSync(path.join(whole, 'checkpoints')).map((step) => Number(step.slice(5))))
    for (const step of [1, last - 1]) {
      const resumed = await train(config, { init, resume: at(whole, step) })
      expect(contents(at(resumed, last))).toEqual(contents(at(whole, last)))
    }
    const stopped = await train(config, { init }, { requested: true })
    expect(contents(at(stopped, 1))).toEqual(contents(at(whole, 1)))
    expect(contents(init)).toEqual(before)
    const moments = openSafetensors(path.join(at(whole, last), 'optimizer.safetensors'))
    expect(moments.names.every((name) => name.includes('.lora_'))).toBe(true)
    moments.close()
    if (name === 'grpo') expect(metricsOf(whole).at(-1)!.kl).toBeGreaterThan(0)
  },
)

test('an adapter is learned, and what is read from its checkpoint is the same apart and merged', async () => {
  const config = {
    ...supervised,
    solutions: { direct: 1 },
    steps: 60,
    evaluate_every_steps: 60,
    evaluated_questions: 5,
  }
  const [apart, merged] = [
    await train(config, { init }),
    await train({ ...config, lora_checkpoints: 'merged' }, { init }),
  ]
  const losses = metricsOf(apart).map(({ loss }) => loss!)
  expect(losses.at(-1)!).toBeLessThan(0.6 * losses[0]!)
  expect(metricsOf(merged).map(({ loss }) => loss)).toEqual(losses)
  expect(existsSync(path.join(at(apart, 60), 'config.json'))).toBe(false)
  expect(contents(path.join(at(merged, 60), 'adapter'))).toMatchObject({
    'adapter_model.safetensors': contents(at(apart, 60))['adapter_model.safetensors'],
  })
  const [a, b] = [at(apart, 60), at(merged, 60)].map((checkpoint) => readModel(checkpoint))
  const start = readModel(init)
  expect(a!.tokenizer.files).toEqual(start.tokenizer.files)
  for (const [name, values] of b!.weights) {
    const furthest = Math.max(...values.map((value, index) => Math.abs(value - a!.weights.get(name)![index]!)))
    expect(furthest, name).toBeLessThan(1e-6)
    const isAdapted = /(qkv|output|gateUp|down)Weight$/.test(name)
    expect(Buffer.from(values.buffer).equals(Buffer.from(start.weights.get(name)!.buffer)), name).toBe(!isAdapted)
  }
}, 60_000)

test('what starts from an adapter, or from nothing, has a folder of the model that its own adapter adds to', async () => {
  const first = await train(trainings.sft!, { init })
  const config = JSON.parse(readFileSync(path.join(at(first, 6), 'adapter_config.json'), 'utf8'))
  expect(config.base_model_name_or_path).toBe(init)
  const second = await train({ ...trainings.sft, steps: 1, learning_rate: 1e-9 }, { init: at(first, 6) })
  const named = JSON.parse(readFileSync(path.join(at(second, 1), 'adapter_config.json'), 'utf8'))
  expect(named.base_model_name_or_path).toBe(path.join(second, 'base'))
  expect(readModel(path.join(second, 'base')).weights).toEqual(readModel(at(first, 6)).weights)
  const third = await train({ ...trainings.sft, steps: 1, width: 16 })
  expect(readModel(at(third, 1)).config.width).toBe(16)
  expect(existsSync(path.join(third, 'base', 'model.safetensors'))).toBe(true)
  const whole = { ...trainings.sft, lora_rank: 0 }
  await expect(train(trainings.sft!, { init, resume: at(await train(whole, { init }), 6) })).rejects.toThrow(
    'holds no adapter; expected the lora_rank that it was written with',
  )
  await expect(train(whole, { init, resume: at(first, 6) })).rejects.toThrow('lora_rank is 0, and ')
})

test('the model that a divergence is measured from takes no memory of its own beside an adapter', () => {
  const bytes = (config: Record<string, unknown>, withReference: boolean) => {
    const job = jobOf(config, { init })
    const report = openReporter(job.eventsFile)
    const before = tf.memory().numBytes
    const { model, reference, optimizer } = openTraining(job, readTrainerConfig(config), backend, report, withReference)
    const taken = tf.memory().numBytes - before
    report.close()
    reference?.dispose()
    model.dispose()
    optimizer.dispose()
    return taken
  }
  const whole = { ...trainings.grpo, lora_rank: 0 }
  expect(bytes(trainings.grpo!, true)).toBe(bytes(trainings.grpo!, false))
  expect(bytes(whole, true)).toBeGreaterThan(1.2 * bytes(whole, false))
})

test('a model of a width that the kernels do not serve learns as on plain operations', async () => {
  const config = { ...supervised, steps: 6, width: 20, heads: 2, layers: 1, learning_rate: 0.02, batch_size: 4 }
  const losses = async (on: Backend, lora_rank: number) => {
    const given = { ...config, lora_rank }
    const job = jobOf(given, {})
    const report = openReporter(job.eventsFile)
    await runTraining(job, readTrainerConfig(given), on, report, { requested: false })
    report.close()
    return metricsOf(job.runFolder).map(({ loss }) => loss!)
  }
  for (const rank of [0, 4]) {
    const expected = await losses({ ...backend, kernels: null }, rank)
    for (const [step, loss] of (await losses(backend, rank)).entries()) expect(loss).toBeCloseTo(expected[step]!, 3)
  }
})

test('a model that has no room is refused before its weights are looked for', async () => {
  const { config } = readModel(init)
  const large = mkdtempSync(path.join(folder, 'large-'))
  const shape = toHuggingFace(
    { ...config, width: 8192, layers: 900, feedForward: 65536 },
    'float32',
    arithmeticTokenizer(),
  )
  writeFileSync(path.join(large, 'config.json'), JSON.stringify(shape))
  const missing = /^A model of [\d,]+ parameters takes .*: [\d.]+ GiB are missing; expected a smaller model$/
  for (const lora_rank of [0, 4]) {
    await expect(train({ ...supervised, lora_rank }, { init: large })).rejects.toThrow(missing)
    await expect(train({ ...supervised, lora_rank }, { init, resume: large })).rejects.toThrow(missing)
  }
  const evaluation = { checkpoint: large, step: 0, epoch: null, report: path.join(large, 'report.json') }
  const job = jobOf(supervised, { kind: 'evaluation', evaluation })
  const report = openReporter(job.eventsFile)
  const never = { requested: false }
  await expect(runEvaluation(job, readTrainerConfig(supervised), backend, report, never)).rejects.toThrow(
    'GiB are missing',
  )
  report.close()
})
