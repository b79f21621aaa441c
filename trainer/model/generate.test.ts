/** The sampler with the cache against the one that goes through whole sequences. */
import { beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from '../backend.ts'
import { plainOperations } from '../kernels/plain.ts'
import { randomStream } from '../rng.ts'
import { readTrainerConfig } from '../../contract/check-settings.ts'
import type { ModelConfig } from '../../contract/model-config.ts'
import { Adapter, adapterShapes } from './adapter.ts'
import { generate } from './generate.ts'
import { initialWeights, Qwen2 } from './qwen2.ts'

let backend: Backend
beforeAll(async () => {
  backend = (await startBackend('wasm')).backend
})

const config: ModelConfig = {
  vocabulary: 37,
  width: 24,
  layers: 2,
  heads: 3,
  keyValueHeads: 1,
  headWidth: 8,
  feedForward: 40,
  ropeBase: 10000,
  normEpsilon: 1e-6,
  tieEmbeddings: false,
  maximumLength: 64,
}

function prompts(count: number): number[][] {
  const random = randomStream('prompts')
  return Array.from({ length: count }, () => Array.from({ length: random.integer(1, 9) }, () => random.integer(2, 36)))
}

for (const temperature of [0, 1]) {
  test(`with and without a cache: the same tokens at temperature ${temperature}`, () => {
    const weights = initialWeights(config, 3)
    // fresh weights predict almost uniformly: larger ones make the choice clear
    for (const [name, values] of weights)
      if (name === 'head')
        weights.set(
          name,
          values.map((value) => value * 20),
        )
    const cached = new Qwen2(config, weights, backend)
    const plain = new Qwen2(config, weights, { ...backend, operations: plainOperations, kernels: null })
    const options = { maximumNewTokens: 13, temperature, endOfText: 1, stream: [5, 'test'], slots: 7 }
    const given = prompts(20)
    const a = generate(cached, given, options)
    const b = generate(plain, given, options)
    expect(a.map(({ tokens }) => tokens)).toEqual(b.map(({ tokens }) => tokens))
    for (const [index, { logProbabilities }] of a.entries()) {
      for (const [place, value] of logProbabilities.entries())
        expect(value).toBeCloseTo(b[index]!.logProbabilities[place]!, 3)
    }
    // neighbours and slots do not matter
    expect(generate(cached, given, { ...options, slots: 3 })).toEqual(a)
    cached.dispose()
    plain.dispose()
  })
}

/** An adapter that adds something, as one that has learned. */
function adapterOf(on: Backend): Adapter {
  const settings = readTrainerConfig({
    trainer: 'sft',
    lora_rank: 3,
    lora_target_modules: ['q_proj', 'v_proj', 'down_proj'],
  })
  const random = randomStream('adapter')
  const values = [...adapterShapes(config, settings)].map(([name, [rank, columns]]): [string, Float32Array] => [
    name,
    Float32Array.from({ length: rank * columns }, () => random.normal()),
  ])
  return new Adapter(config, settings, new Map(values), 'base', on)
}

const variants = ['with the kernels', 'with the kernels and an adapter', 'plainly, with an adapter']
test.each(variants)('log-probabilities of the sampler are those of the training pass: %s', async (variant) => {
  const plain = { ...backend, operations: plainOperations, kernels: null }
  const on = variant.startsWith('plainly') ? plain : backend
  const adapter = variant.endsWith('adapter') ? adapterOf(on) : null
  const model = new Qwen2(config, initialWeights(config, 4), on, adapter)
  const [prompt] = prompts(1)
  const [sampled] = generate(model, [prompt!], { maximumNewTokens: 10, temperature: 1, endOfText: 1, stream: [1] })
  const whole = [...prompt!, ...sampled!.tokens]
  const length = whole.length - 1
  const { logProbabilities } = model.targetLogProbabilities({
    tokens: Int32Array.from(whole.slice(0, -1)),
    targets: Int32Array.from(whole.slice(1)),
    segmentStart: new Int32Array(length),
    batch: 1,
    length,
  })
  const scored = Array.from(await logProbabilities.data()).slice(prompt!.length - 1)
  for (const [place, value] of sampled!.logProbabilities.entries()) expect(scored[place]).toBeCloseTo(value, 4)
  model.dispose()
})
