/** The operations of a model with an adapter that keep little, against plain ones: values and gradients of what is trained. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { defaultFeedForward, type ModelConfig } from '../../contract/model-config.ts'
import { startBackend, type Backend } from '../backend.ts'
import { Adapter, adapterShapes } from '../model/adapter.ts'
import { initialWeights, Qwen2 } from '../model/qwen2.ts'
import { randomStream } from '../rng.ts'
import { frozenOperations } from './frozen.ts'
import { plainOperations } from './plain.ts'

const config: ModelConfig = {
  vocabulary: 50,
  width: 24,
  layers: 2,
  heads: 3,
  keyValueHeads: 1,
  headWidth: 8,
  feedForward: defaultFeedForward(24),
  ropeBase: 10000,
  normEpsilon: 1e-6,
  tieEmbeddings: true,
  maximumLength: 64,
}
const settings = {
  lora_rank: 4,
  lora_alpha: 8,
  // of three matrices of the first block's weight one is left out
  lora_target_modules: ['q_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
  use_rslora: false,
}

let backend: Backend
beforeAll(async () => {
  backend = (await startBackend('cpu')).backend
})

function modelOf(): Qwen2 {
  const random = randomStream('frozen')
  const values = [...adapterShapes(config, settings as never)].map(
    ([name, [rank, columns]]): [string, Float32Array] => [
      name,
      Float32Array.from({ length: rank * columns }, () => 0.1 * random.normal()),
    ],
  )
  const adapter = new Adapter(config, settings as never, new Map(values), '', backend)
  return new Qwen2(config, initialWeights(config, 4), backend, adapter)
}

test('log-probabilities, entropies and gradients are those of plain operations', () => {
  const random = randomStream('rows')
  const [batch, length] = [3, 11]
  const whole = () => Int32Array.from({ length: batch * length }, () => random.integer(0, config.vocabulary - 1))
  const weights = tf.randomNormal([batch * length], 0, 1, 'float32', 3)
  const rows = { tokens: whole(), targets: whole(), segmentStart: new Int32Array(batch * length), batch, length }
  const found = [plainOperations, frozenOperations].map((operations) => {
    const model = modelOf()
    Object.assign(model, { operations })
    const { entropies } = model.targetLogProbabilities(rows)
    const before = tf.memory().numTensors
    const { value, grads } = tf.variableGrads(
      () => tf.sum(tf.mul(model.targetLogProbabilities(rows).logProbabilities, weights)).asScalar(),
      [...model.trained.values()],
    )
    const gradients = [...model.trained.values()].map(({ name }) => grads[name]!)
    // nothing but the loss and its gradients is left
    expect(tf.memory().numTensors - before).toBe(1 + gradients.length)
    return [value, entropies, ...gradients].map((tensor: Tensor) => [...tensor.dataSync()])
  })
  const [plain, frozen] = found as [number[][], number[][]]
  expect(frozen).toHaveLength(plain.length)
  for (const [at, values] of plain.entries()) {
    const largest = Math.max(...values.map(Math.abs))
    expect(largest).toBeGreaterThan(0)
    for (const [index, value] of values.entries())
      expect(Math.abs(value - frozen[at]![index]!) / largest).toBeLessThan(2e-5)
  }
})
