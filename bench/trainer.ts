/**
 * Training and generation speed of the built-in trainer's model: own kernels, stock TensorFlow.js back ends, and PyTorch on one
 * core where python3, or the Python that BENCH_PYTHON names, has it. Figures are tokens per second of processor time, so that other
 * programs on the machine disturb them little; the best of three rounds counts.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import type { Scalar } from '@tensorflow/tfjs'
import { type Backend, nativeBackendInstalled, startBackend } from '../trainer/backend.ts'
import { plainOperations } from '../trainer/kernels/plain.ts'
import { defaultFeedForward, type ModelConfig } from '../contract/model-config.ts'
import { generate } from '../trainer/model/generate.ts'
import { initialWeights, Qwen2 } from '../trainer/model/qwen2.ts'
import { AdamW } from '../trainer/optimizer.ts'
import { randomStream } from '../trainer/rng.ts'
import { printTable } from './table.ts'

const sizes = [
  { layers: 2, width: 64, heads: 2 },
  { layers: 4, width: 128, heads: 4 },
  { layers: 6, width: 256, heads: 8 },
  { layers: 12, width: 512, heads: 8 },
]
/** Of larger models a step is a round: it takes seconds. */
const widestByRounds = 256
const [batch, length, vocabulary] = [32, 64, 64]

function configOf({ layers, width, heads }: (typeof sizes)[number]): ModelConfig {
  return {
    vocabulary,
    width,
    layers,
    heads,
    keyValueHeads: heads,
    headWidth: width / heads,
    feedForward: defaultFeedForward(width),
    ropeBase: 10000,
    normEpsilon: 1e-6,
    tieEmbeddings: true,
    maximumLength: 128,
  }
}

/** Processor seconds of this process so far. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Units of work a processor second: the best of three rounds of about `seconds` each. */
function rate(work: () => number, seconds = 1): number {
  let best = 0
  for (let round = 0; round < 3; round++) {
    const started = processorSeconds()
    let done = 0
    do done += work()
    while (processorSeconds() - started < seconds)
    best = Math.max(best, done / (processorSeconds() - started))
  }
  return best
}

/** Tokens a second through forward, backward and AdamW. */
function trainingRate(config: ModelConfig, backend: Backend, rounds: 'full' | 'once'): number {
  const model = new Qwen2(config, initialWeights(config, 1), backend)
  const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01, gradientClip: 1 }
  const optimizer = new AdamW(model.parameters, settings, backend.kernels)
  const random = randomStream('bench')
  const count = batch * length
  const whole = () => Int32Array.from({ length: count }, () => random.integer(0, vocabulary - 1))
  const rows = { tokens: whole(), targets: whole(), segmentStart: new Int32Array(count), batch, length }
  const step = () =>
    tf.tidy(() => {
      const loss = () => tf.mul(tf.sum(model.targetLogProbabilities(rows).logProbabilities), -1 / count) as Scalar
      const { grads, value } = tf.variableGrads(loss, [...model.parameters.values()])
      optimizer.update(grads, 1e-3)
      value.dataSync()
      return count
    })
  step()
  let result: number
  if (rounds === 'once') {
    const started = processorSeconds()
    step()
    result = count / (processorSeconds() - started)
  } else {
    step()
    result = rate(step)
  }
  optimizer.dispose()
  model.dispose()
  return result
}

/** New tokens a second for 256 sequences of 12 prompt and 40 new tokens. */
function generationRate(config: ModelConfig, backend: Backend): number {
  const model = new Qwen2(config, initialWeights(config, 1), backend)
  const random = randomStream('prompts')
  const prompts = Array.from({ length: 256 }, () => Array.from({ length: 12 }, () => random.integer(0, vocabulary - 1)))
  const work = () => {
    const results = generate(model, prompts, { maximumNewTokens: 40, temperature: 1, endOfText: -1, stream: [1] })
    return results.reduce((sum, { tokens }) => sum + tokens.length, 0)
  }
  work()
  const result = rate(work)
  model.dispose()
  return result
}

/** GFLOP/s of the kernels' matrix product at the shape of the small model's first layer. */
function productRate(backend: Backend): number {
  const { functions, address, makeOutput, workspace } = backend.kernels!
  return tf.tidy(() => {
    const [rows, depth, columns] = [2048, 64, 192]
    const a = tf.randomNormal([rows, depth])
    const b = tf.randomNormal([depth, columns])
    const c = tf.engine().makeTensorFromTensorInfo(makeOutput([rows, columns]))
    const panels = workspace(depth * columns)
    functions.packPanels(address(b), 4 * columns, 4, depth, columns, panels)
    const work = () => {
      functions.multiply(address(a), 4 * depth, 4, panels, 64 * depth, address(c), 4 * columns, rows, depth, columns, 0)
      return (2 * rows * depth * columns) / 1e9
    }
    return rate(work, 0.3)
  })
}

type Torch = { version: string; tokens: number; gflops: number }

/** The PyTorch side, or null where python3 has no PyTorch. */
function torchRate({ layers, width, heads }: (typeof sizes)[number]): Torch | null {
  const script = fileURLToPath(new URL('trainer-torch.py', import.meta.url))
  const sizesOfStep = [layers, width, heads, length, batch, vocabulary].map(String)
  // BENCH_PYTHON: the Python of an environment with PyPI's torch
  for (const python of [process.env.BENCH_PYTHON ?? 'python3', '/usr/bin/python3']) {
    if (spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status !== 0) continue
    const output = execFileSync(python, [script, ...sizesOfStep], {
      env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
    })
    return JSON.parse(output.toString()) as Torch
  }
  return null
}

/** Prints the table. */
export async function run(): Promise<void> {
  const { backend } = await startBackend('wasm')
  const stock: Backend = {
    name: 'stock-wasm',
    description: 'wasm without own kernels',
    operations: plainOperations,
    kernels: null,
  }
  const number = (value: number | undefined) => (value === undefined ? '-' : Math.round(value).toLocaleString('en'))
  const rows: string[][] = [
    ['model', 'own kernels', 'stock wasm', 'PyTorch', 'own / PyTorch', 'own / stock', 'generation', 'training GFLOP/s'],
  ]
  let torch: Torch | null = null
  for (const size of sizes) {
    const config = configOf(size)
    const own = trainingRate(config, backend, size.width > widestByRounds ? 'once' : 'full')
    // a step of the largest model takes stock wasm most of a minute
    const slow = size.width > 128 ? undefined : trainingRate(config, stock, size.width > 64 ? 'once' : 'full')
    torch = torchRate(size)
    const model = new Qwen2(config, initialWeights(config, 1), backend)
    // 6 operations a parameter and token, and attention's 12 layers * length * width / 2
    const work = 6 * model.parameterCount + (12 * size.layers * length * size.width) / 2
    model.dispose()
    rows.push([
      `${size.layers} x ${size.width}`,
      number(own),
      number(slow),
      number(torch?.tokens),
      torch === null ? '-' : (own / torch.tokens).toFixed(2),
      slow === undefined ? '-' : (own / slow).toFixed(1),
      size.width > widestByRounds ? '-' : number(generationRate(config, backend)),
      ((own * work) / 1e9).toFixed(0),
    ])
  }
  printTable(
    `Trainer: tokens per second of processor time, one core (T=${length}, B=${batch}; generation of 256 sequences)`,
    rows,
  )
  const bound = `What bounds training is the matrix product: own kernels reach ${productRate(backend).toFixed(0)} GFLOP/s at 2048 x 64 x 192`
  console.log(
    torch === null
      ? `\n${bound}. PyTorch is not installed here.`
      : `\n${bound}, PyTorch ${torch.version}'s BLAS ${torch.gflops.toFixed(0)}.`,
  )
  await runNative()
}

/** tfjs-node where it is installed or built; last, as it takes over the library. */
async function runNative(): Promise<void> {
  if (!nativeBackendInstalled()) {
    console.log(
      'tfjs-node is not installed here (npm run setup -- --native, or node scripts/build-native-backend.mjs).',
    )
    return
  }
  const { backend } = await startBackend('tfjs-node')
  for (const size of sizes) {
    const rate = trainingRate(configOf(size), backend, size.width > widestByRounds ? 'once' : 'full')
    console.log(`tfjs-node, ${size.layers} x ${size.width}: ${Math.round(rate).toLocaleString('en')} tokens/s`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run()
