/** Same seed, same bytes; and a run that was interrupted ends in the bytes of one that was not. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from './backend.ts'
import { readTrainerConfig } from '../contract/check-settings.ts'
import type { Job, SampleEvent } from '../contract/trainer.ts'
import { openReporter } from './report.ts'
import type { StopSignal } from './loop.ts'
import { runTraining } from './run-training.ts'
import { trainingJob } from './training-job.ts'

let backend: Backend
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-exactness-'))
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tiny = {
  layers: 1,
  width: 16,
  heads: 2,
  key_value_heads: 1,
  dataset_size: 40,
  batch_size: 8,
  row_length: 32,
  maximum_new_tokens: 8,
}

let runs = 0
/** Runs a training in a folder of its own and returns that folder. */
async function train(
  config: Record<string, unknown>,
  job: Partial<Job> = {},
  stop: StopSignal = { requested: false },
): Promise<string> {
  const runFolder = path.join(folder, `run-${runs++}`)
  const eventsFile = `${runFolder}.jsonl`
  const whole = trainingJob({ config, runFolder, eventsFile, ...job })
  const report = openReporter(eventsFile)
  const checked = readTrainerConfig(config)
  await runTraining(whole, checked, backend, report, stop)
  report.close()
  return runFolder
}

/** Values of the run's metric events, in their order. */
function metricsOf(runFolder: string): Record<string, number>[] {
  return readFileSync(`${runFolder}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"metrics"'))
    .map((line) => JSON.parse(line).values)
}

/** Digests of everything that a checkpoint holds. */
function contents(runFolder: string, step: number): Record<string, string> {
  const checkpoint = path.join(runFolder, 'checkpoints', `step-${step}`)
  return Object.fromEntries(
    readdirSync(checkpoint)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(path.join(checkpoint, name)))
          .digest('hex'),
      ]),
  )
}

const supervised = {
  trainer: 'sft',
  seed: 5,
  checkpoint_every_steps: 4,
  epochs: 3,
  solutions: { short: 1, long: 1 },
  chinese_share: 0.5,
  ...tiny,
}

test('sft: the same seed gives the same bytes, another seed others', async () => {
  const first = contents(await train(supervised), 15)
  expect(contents(await train(supervised), 15)).toEqual(first)
  expect(contents(await train({ ...supervised, seed: 6 }), 15)['model.safetensors']).not.toBe(
    first['model.safetensors'],
  )
})

test('sft: going on from any checkpoint ends in the same bytes', async () => {
  const uninterrupted = await train(supervised)
  for (const step of [4, 8, 12]) {
    const resumed = await train(supervised, { resume: path.join(uninterrupted, 'checkpoints', `step-${step}`) })
    expect(contents(resumed, 15)).toEqual(contents(uninterrupted, 15))
  }
})

test('sft: a run that is asked to leave saves where it is, and ends in the same bytes when it goes on', async () => {
  const stopped = await train(supervised, {}, { requested: true })
  expect(readdirSync(path.join(stopped, 'checkpoints'))).toEqual(['step-1'])
  const resumed = await train(supervised, { resume: path.join(stopped, 'checkpoints', 'step-1') })
  expect(contents(resumed, 15)).toEqual(contents(await train(supervised), 15))
})

test('sft: micro-batches add up to the batch', async () => {
  const whole = await train({ ...supervised, steps: 3 })
  const parts = await train({ ...supervised, steps: 3, micro_batch_size: 3, packing: false })
  const loss = (run: string) =>
    JSON.parse(
      readFileSync(`${run}.jsonl`, 'utf8')
        .split('\n')
        .filter((line) => line.includes('"metrics"'))[2]!,
    ).values.loss
  expect(loss(parts)).toBeCloseTo(loss(whole), 4)
})

test('pretrain: whole texts from a file, prompts learned too', async () => {
  const data = path.join(folder, 'texts.jsonl')
  writeFileSync(data, ['1+1=2', '2+2=4', '3+3=6'].map((text) => `${JSON.stringify({ text })}\n`).join(''))
  const run = await train({ ...supervised, trainer: 'pretrain', data, batch_size: 3, steps: 150, learning_rate: 1e-2 })
  const losses = readFileSync(`${run}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"metrics"'))
    .map((line) => JSON.parse(line).values.loss as number)
  expect(losses).toHaveLength(150)
  // three texts of two equal numbers: the second number follows from the first
  expect(losses.at(-1)).toBeLessThan(0.5)
  expect(losses[0]).toBeGreaterThan(3)
})

// a reward for length gives untrained samples something to differ in
const grpo = {
  trainer: 'grpo',
  steps: 4,
  prompts_per_step: 4,
  samples_per_prompt: 4,
  minibatches: 2,
  dataset_size: 10,
  checkpoint_every_steps: 1,
  maximum_new_tokens: 8,
  reward: { correct: 1, unparseable: 0, length: { maximum: 5, threshold: 1, scale: 5 } },
  temperature: 0.9,
}
const options: Record<string, Record<string, unknown>> = {
  'a KL term': { kl_coefficient: 0.1 },
  'dynamic sampling': { dynamic_sampling: true },
  'ratios of whole samples, an entropy bonus and filtered sampling': {
    importance_sampling_level: 'sequence',
    loss_type: 'grpo',
    entropy_coefficient: 0.01,
    dual_clip: 3,
    top_p: 0.95,
    scale_rewards: 'batch',
  },
  'prompts drawn with replacement': { prompt_order: 'with_replacement' },
  'a reference that moves': { kl_coefficient: 0.1, reference_update_steps: 2, reference_mixup: 0.4 },
  'parts of the reward normalised on their own': {
    reward_aggregation: 'normalize_then_sum',
    reward_weights: { length: 0.5 },
  },
  'questions asked on the way': { evaluate_every_steps: 2, evaluated_questions: 3 },
  // untrained answers are never right: those prompts stay
  'prompts tried before': { pass_rate: { maximum: 0.5, samples: 2 } },
  'a rollout learned from three times, in micro-batches': { iterations: 3, micro_batch_size: 3 },
}
for (const [name, option] of Object.entries(options)) {
  test(`grpo with ${name}: going on from a checkpoint ends in the same bytes`, async () => {
    const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
    const config = { ...grpo, ...option }
    const uninterrupted = await train(config, { init })
    for (const step of [1, 3]) {
      const resumed = await train(config, { init, resume: path.join(uninterrupted, 'checkpoints', `step-${step}`) })
      expect(contents(resumed, 4)).toEqual(contents(uninterrupted, 4))
    }
  })
}

test('grpo at a temperature other than 1: later updates of a rollout are clipped against the first', async () => {
  const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
  const run = await train({ ...grpo, learning_rate: 0.05, minibatches: 4 }, { init })
  const clipped = metricsOf(run).map((values) => (values.clip_fraction_low ?? 0) + (values.clip_fraction_high ?? 0))
  expect(Math.max(...clipped)).toBeGreaterThan(0.02)
})

test('grpo with iterations: every update after the first of a rollout is clipped against it', async () => {
  const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
  const clipped = (values: Record<string, number>) => values.clip_fraction_low! + values.clip_fraction_high!
  const config = { ...grpo, steps: 1, minibatches: 1, learning_rate: 0.05, temperature: 1 }
  const once = await train(config, { init })
  expect(clipped(metricsOf(once)[0]!)).toBe(0)
  const often = await train({ ...config, iterations: 4 }, { init })
  expect(clipped(metricsOf(often)[0]!)).toBeGreaterThan(0.02)
  const updates = (run: string) =>
    JSON.parse(readFileSync(path.join(run, 'checkpoints', 'step-1', 'trainer.json'), 'utf8')).updates
  expect([updates(once), updates(often)]).toEqual([1, 4])
})

const lossTypesTried: Record<string, unknown>[] = [
  { loss_type: 'bnpo', entropy_coefficient: 0.02, mask_truncated_completions: true },
  { loss_type: 'grpo', kl_coefficient: 0.1, importance_sampling_level: 'sequence' },
  { loss_type: 'dr_grpo', dual_clip: 2 },
  { loss_type: 'dapo' },
]
for (const option of lossTypesTried) {
  test(`grpo with ${JSON.stringify(option)}: micro-batches add up to the minibatch`, async () => {
    const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
    const config = { ...grpo, ...option, steps: 2, learning_rate: 1e-3 }
    const whole = metricsOf(await train(config, { init }))
    const parts = metricsOf(await train({ ...config, micro_batch_size: 3 }, { init }))
    for (const [index, values] of whole.entries())
      for (const name of ['loss', 'entropy', 'gradient_norm', 'clip_fraction_low', 'reward'])
        expect(parts[index]![name], `${name} of step ${index + 1}`).toBeCloseTo(values[name]!, 4)
  })
}

test('grpo whose step keeps no group tells how many there were, and no loss', async () => {
  const run = await train({ ...grpo, steps: 1, dynamic_sampling: true, reward: { correct: 0, unparseable: 0 } })
  const [values] = metricsOf(run)
  expect(values).toMatchObject({ groups_drawn: 12, groups_kept: 0, zero_variance_groups: 1, reward: 0, accuracy: 0 })
  for (const name of ['loss', 'gradient_norm', 'entropy', 'kept/reward', 'kept/accuracy'])
    expect(values).not.toHaveProperty(name)
  expect(readFileSync(`${run}.jsonl`, 'utf8')).toContain(
    'Step 1 learns from 0 groups of the 4 asked for: rewards differ in no more of the 12 drawn.',
  )
})

test('dpo: going on from a checkpoint ends in the same bytes, and micro-batches add up to the batch', async () => {
  const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
  const config = {
    ...tiny,
    trainer: 'dpo',
    dataset_size: 24,
    epochs: 2,
    checkpoint_every_steps: 2,
    learning_rate: 5e-3,
    warm_up_steps: 0,
  }
  const uninterrupted = await train(config, { init })
  for (const step of [2, 4]) {
    const resumed = await train(config, { init, resume: path.join(uninterrupted, 'checkpoints', `step-${step}`) })
    expect(contents(resumed, 6)).toEqual(contents(uninterrupted, 6))
  }
  const parts = metricsOf(await train({ ...config, micro_batch_size: 3, packing: false }, { init }))
  for (const [index, values] of metricsOf(uninterrupted).entries()) {
    expect(parts[index]!.loss).toBeCloseTo(values.loss!, 5)
    expect(parts[index]!['rewards/margins']).toBeCloseTo(values['rewards/margins']!, 4)
    expect(values['rewards/margins']).toBeCloseTo(values['rewards/chosen']! - values['rewards/rejected']!, 6)
  }
  const margins = metricsOf(uninterrupted).map((values) => values['rewards/margins']!)
  expect(margins.at(-1)).toBeGreaterThan(0.01)
  // before the first update the model is the one that it is compared with
  expect(metricsOf(uninterrupted)[0]).toMatchObject({
    loss: expect.closeTo(Math.log(2), 5),
    'rewards/margins': expect.closeTo(0, 5),
  })
})

test('held-out questions are asked every so many steps and at the end, and change nothing of the training', async () => {
  const asked = await train({
    ...supervised,
    evaluate_every_steps: 6,
    evaluated_questions: 5,
    benchmarks: ['level-1', 'level-3'],
  })
  const names = metricsOf(asked).map((values) => Object.keys(values).filter((name) => name.startsWith('eval/')))
  const all = ['eval/level-1', 'eval/level-3']
  expect(names).toEqual(Array.from({ length: 15 }, (_, index) => ([6, 12, 15].includes(index + 1) ? all : [])))
  for (const values of metricsOf(asked)) {
    const right = (values['eval/level-1'] ?? 0) * 5
    expect(right).toBeCloseTo(Math.round(right), 9)
  }
  const { 'trainer.json': _state, ...weights } = contents(asked, 15)
  expect(contents(await train(supervised), 15)).toMatchObject(weights)
})

test('a reference that moves is measured from where it is', async () => {
  const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
  const config = { ...grpo, kl_coefficient: 0.1, learning_rate: 0.01 }
  const still = metricsOf(await train(config, { init }))
  const moving = metricsOf(await train({ ...config, reference_update_steps: 2, reference_mixup: 1 }, { init }))
  expect(moving[1]!.kl).toBe(still[1]!.kl)
  // after step 2 it is the model itself
  expect(moving[2]!.kl).toBeLessThan(still[2]!.kl!)
})

test('grpo whose reward has weights reports parts as they are, and their weighted sum', async () => {
  const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
  const run = await train({ ...grpo, steps: 1, reward_weights: { correct: 2, length: 0.5 } }, { init })
  const [values] = metricsOf(run)
  const plain = metricsOf(await train({ ...grpo, steps: 1 }, { init }))[0]!
  expect(values!['reward/length']).toBe(plain['reward/length'])
  expect(values!.reward).toBeCloseTo(0.5 * plain['reward/length']! + 2 * (plain.reward! - plain['reward/length']!), 5)
})

test('grpo reports whole groups, with what each sample was worth in it', async () => {
  const samplesOf = (run: string) =>
    readFileSync(`${run}.jsonl`, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"sample"'))
      .map((line) => JSON.parse(line) as Required<SampleEvent>)
  const init = path.join(await train({ ...supervised, epochs: 1 }), 'checkpoints', 'step-5')
  const whole = samplesOf(await train({ ...grpo, steps: 2, reported_groups: 2 }, { init }))
  expect(whole.map(({ step }) => step)).toEqual([...Array(8).fill(1), ...Array(8).fill(2)])
  for (let from = 0; from < whole.length; from += 4) {
    const group = whole.slice(from, from + 4)
    const rewards = group.map(({ reward }) => reward)
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / 4
    const deviation = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / 3)
    for (const { prompt, reward, advantage, group: told } of group) {
      expect(prompt).toBe(group[0]!.prompt)
      expect([told.samples, told.mean, told.deviation]).toEqual([4, mean, deviation])
      expect(advantage).toBeCloseTo(deviation === 0 ? 0 : (reward - mean) / deviation, 4)
    }
  }
  // the first samples alone still say what their group had
  const few = samplesOf(await train({ ...grpo, steps: 2, reported_samples: 3 }, { init }))
  expect(few.map(({ time: _time, ...sample }) => sample)).toEqual(
    [0, 1, 2, 8, 9, 10].map((at) => {
      const { time: _time, ...sample } = whole[at]!
      return sample
    }),
  )
})

test('a checkpoint that an earlier version began says that settings meant something else', async () => {
  const run = await train({ ...supervised, steps: 4 })
  const state = path.join(run, 'checkpoints', 'step-4', 'trainer.json')
  const { definitions: _definitions, prompts: _prompts, ...earlier } = JSON.parse(readFileSync(state, 'utf8'))
  writeFileSync(state, JSON.stringify(earlier))
  const resumed = await train({ ...supervised, steps: 5 }, { resume: path.dirname(state) })
  expect(readFileSync(`${resumed}.jsonl`, 'utf8')).toContain('The first 4 steps were made by an earlier version')
  const again = await train({ ...supervised, steps: 5 }, { resume: path.join(run, 'checkpoints', 'step-4') })
  expect(metricsOf(again)).toHaveLength(1)
})
