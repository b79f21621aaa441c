/**
 * Training speed of the built-in trainer by several workers beside one: tokens a second of the clock, so it needs a machine that has
 * nothing else to do. Rounds of both take turns, and the best of each counts.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import { readTrainerConfig } from '../contract/check-settings.ts'
import { newModelConfig } from '../contract/model-config.ts'
import { type Backend, startBackend } from '../trainer/backend.ts'
import { initialWeights, Qwen2 } from '../trainer/model/qwen2.ts'
import { AdamW } from '../trainer/optimizer.ts'
import { randomStream } from '../trainer/rng.ts'
import { lossOfExamples } from '../trainer/supervised.ts'
import { arithmeticTokenizer } from '../trainer/tokenizer.ts'
import { gradientsOfBatch } from '../trainer/workers/batch.ts'
import { continuations } from '../trainer/workers/continuations.ts'
import { Workers } from '../trainer/workers/workers.ts'
import { printTable } from './table.ts'

const sizes = [
  { layers: 2, width: 64, heads: 2 },
  { layers: 4, width: 128, heads: 4 },
  { layers: 6, width: 256, heads: 8 },
]
const [examples, length, rounds, seconds] = [32, 64, 3, 1]

/** Steps of one model by so many workers, and rollouts, each as tokens done. */
function learner(size: (typeof sizes)[number], count: number, backend: Backend) {
  const config = readTrainerConfig({ trainer: 'sft', ...size, row_length: length })
  const shape = newModelConfig(config)
  const tokenizer = arithmeticTokenizer()
  const model = new Qwen2(shape, initialWeights(shape, 1), backend)
  const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01, gradientClip: 1 }
  const optimizer = new AdamW(model.parameters, settings, backend.kernels)
  const workers = count === 1 ? null : new Workers(count, { model, reference: null, tokenizer }, backend)
  const training = { model, reference: null, tokenizer, workers, config }
  const random = randomStream('bench')
  const tokens = (many: number) => Array.from({ length: many }, () => random.integer(4, shape.vocabulary - 1))
  const batch = Array.from({ length: examples }, () => ({ prompt: tokens(1), completion: tokens(length) }))
  const packing = { packing: true, rowLength: length, padding: tokenizer.padding, weighPrompts: false }
  const context = { total: examples * length, ...packing }
  const prompts = Array.from({ length: 256 }, () => tokens(12))
  const asked = { maximumNewTokens: 40, temperature: 1, stop: [], stream: [1] }
  return {
    async step() {
      const { gradients } = await gradientsOfBatch(training, lossOfExamples, batch, context)
      optimizer.update(gradients, 1e-3)
      tf.dispose(gradients)
      return examples * length
    },
    async rollout() {
      const answers = await continuations(training, prompts, asked)
      return answers.reduce((sum, answer) => sum + answer.tokens.length, 0)
    },
    async close() {
      await workers?.close()
      optimizer.dispose()
      model.dispose()
    },
  }
}

/** Tokens a second of each, the best of rounds that take turns. */
async function rates(each: readonly (() => Promise<number>)[]): Promise<number[]> {
  const best = each.map(() => 0)
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of each.entries()) {
      await work()
      const started = performance.now()
      let done = 0
      do done += await work()
      while (performance.now() - started < 1000 * seconds)
      best[index] = Math.max(best[index]!, (1000 * done) / (performance.now() - started))
    }
  }
  return best
}

/** Prints the table. */
export async function run(): Promise<void> {
  const { backend } = await startBackend('wasm')
  const counts = [1, 2, 4, 8].filter((count) => count <= Math.max(2, availableParallelism()))
  const rows = [['model', 'workers', 'training', 'of one', 'generation', 'of one']]
  for (const size of sizes) {
    const learners = counts.map((count) => learner(size, count, backend))
    const training = await rates(learners.map(({ step }) => step))
    const generation = await rates(learners.map(({ rollout }) => rollout))
    for (const [index, count] of counts.entries()) {
      const cells = [training, generation].flatMap((of) => [
        Math.round(of[index]!).toLocaleString('en'),
        `${(of[index]! / of[0]!).toFixed(2)} x`,
      ])
      rows.push([`${size.layers} x ${size.width}`, String(count), ...cells])
    }
    for (const { close } of learners) await close()
  }
  printTable(
    `Workers: tokens a second of the clock, ${examples} rows of ${length} tokens a step; generation of 256 sequences`,
    rows,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run()
