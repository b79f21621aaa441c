/** Several workers: the same bytes each time, with the same weights and answers as one, and an end that says what happened. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readTrainerConfig } from '../../contract/check-settings.ts'
import { newModelConfig } from '../../contract/model-config.ts'
import type { Job } from '../../contract/trainer.ts'
import { type Backend, startBackend } from '../backend.ts'
import { initialWeights, Qwen2 } from '../model/qwen2.ts'
import { openReporter } from '../report.ts'
import { runTraining } from '../run-training.ts'
import { arithmeticTokenizer } from '../tokenizer.ts'
import { trainingJob } from '../training-job.ts'
import { continuations } from './continuations.ts'
import { portions } from './loss.ts'
import { Workers } from './workers.ts'

let backend: Backend
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-workers-'))
beforeAll(async () => {
  backend = (await startBackend('wasm')).backend
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0
async function train(config: Record<string, unknown>, job: Partial<Job> = {}): Promise<string> {
  const runFolder = path.join(folder, `run-${runs++}`)
  const eventsFile = `${runFolder}.jsonl`
  const report = openReporter(eventsFile)
  const whole = trainingJob({ config, runFolder, eventsFile, ...job })
  try {
    await runTraining(whole, readTrainerConfig(config), backend, report, { requested: false })
  } finally {
    report.close()
  }
  return runFolder
}

const checkpoint = (run: string, step: number) => path.join(run, 'checkpoints', `step-${step}`)

/** Digests of everything that a checkpoint holds, but for an adapter's way to the run's own folder of its model. */
function contents(run: string, step: number): Record<string, string> {
  const at = checkpoint(run, step)
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(path.join(at, name)))
      .digest('hex')
  return Object.fromEntries(
    readdirSync(at)
      .filter((name) => name !== 'adapter_config.json')
      .map((name) => [name, digest(name)]),
  )
}

function metricsOf(run: string): Record<string, number>[] {
  return readFileSync(`${run}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"metrics"'))
    .map((line) => JSON.parse(line).values)
}

const tiny = { layers: 1, width: 16, heads: 2, dataset_size: 24, maximum_new_tokens: 8, workers: 2 }
const sft = { ...tiny, trainer: 'sft', row_length: 32, batch_size: 8, steps: 4, checkpoint_every_steps: 2 }
const grpo = {
  ...tiny,
  trainer: 'grpo',
  steps: 3,
  prompts_per_step: 4,
  samples_per_prompt: 4,
  minibatches: 2,
  checkpoint_every_steps: 2,
  reward: { correct: 1, unparseable: 0, length: { maximum: 5, threshold: 1, scale: 5 } },
  temperature: 0.9,
  evaluate_every_steps: 3,
  evaluated_questions: 3,
}
const courses: [string, Record<string, unknown>, number][] = [
  ['sft with micro-batches by three workers', { ...sft, micro_batch_size: 2, workers: 3 }, 4],
  ['dpo', { ...sft, trainer: 'dpo', learning_rate: 5e-3, warm_up_steps: 0 }, 4],
  ['grpo with a reference that moves', { ...grpo, kl_coefficient: 0.1, reference_update_steps: 1 }, 3],
  ['grpo of an adapter with a divergence', { ...grpo, kl_coefficient: 0.1, lora_rank: 2 }, 3],
]
for (const [name, config, last] of courses) {
  test(`${name}: the same bytes again and when it goes on, and the figures of one worker`, async () => {
    const first = await train(config)
    const expected = contents(first, last)
    expect(contents(await train(config), last)).toEqual(expected)
    expect(contents(await train(config, { resume: checkpoint(first, 2) }), last)).toEqual(expected)
    const alone = metricsOf(await train({ ...config, workers: 1 }))
    for (const [step, values] of metricsOf(first).entries()) {
      for (const figure of Object.keys(values).filter((figure) => !figure.includes('per_second')))
        expect(values[figure], `${figure} of step ${step + 1}`).toBeCloseTo(alone[step]![figure]!, 4)
    }
  }, 60_000)
}

const config = readTrainerConfig({ ...tiny, trainer: 'sft' })
const shape = newModelConfig(config)
const tokenizer = arithmeticTokenizer()

test('what a prompt becomes does not depend on the number of workers, nor on who else is asked', async () => {
  const model = new Qwen2(shape, initialWeights(shape, 3), backend)
  const prompts = ['1+2=', '7*8-3=', '9-4=', '6/2+1=', '5='].map((text) => tokenizer.encode(text))
  const asked = { maximumNewTokens: 12, temperature: 1, stop: ['7'], stream: [5, 'test'] }
  const expected = await continuations({ model, tokenizer, workers: null }, prompts, asked)
  for (const count of [2, 6]) {
    const workers = new Workers(count, { model, reference: null, tokenizer }, backend)
    expect(await continuations({ model, tokenizer, workers }, prompts, asked)).toEqual(expected)
    await workers.close()
  }
  const last = await continuations({ model, tokenizer, workers: null }, prompts.slice(4), { ...asked, first: 4 })
  expect(last).toEqual(expected.slice(4))
  model.dispose()
}, 60_000)

test('a worker that ends in the middle ends the training with a sentence', async () => {
  const ended = vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(function (this: Worker) {
    void this.terminate()
  })
  await expect(train(sft)).rejects.toThrow(/^Worker 2 of 2 ended before the training did: exit code \d$/)
  ended.mockRestore()
}, 60_000)

test('a back end that uses all cores by itself takes no workers', () => {
  const model = new Qwen2(shape, initialWeights(shape, 3), backend)
  const native: Backend = { ...backend, name: 'tfjs-node', description: 'tfjs-node' }
  expect(() => new Workers(2, { model, reference: null, tokenizer }, native)).toThrow(
    'workers is 2, and tfjs-node uses all cores for each operation; expected workers: 1, or the back end wasm',
  )
  model.dispose()
})

test('portions: runs of about as many tokens, in their order, and none is lost', () => {
  const tokens = [5, 1, 1, 1, 9, 3, 4]
  for (const count of [1, 2, 3, 9]) {
    const parts = portions(tokens, (token) => token, count)
    expect(parts).toHaveLength(count)
    expect(parts.flat()).toEqual(tokens)
  }
  expect(portions([7, 0], (token) => token, 3)).toEqual([[7], [], [0]])
  expect(portions([0, 0], (token) => token, 2)).toEqual([[0, 0], []])
  expect(portions(tokens, (token) => token, 2)).toEqual([
    [5, 1, 1, 1],
    [9, 3, 4],
  ])
})
