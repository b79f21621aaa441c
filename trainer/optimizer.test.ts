import * as tf from '@tensorflow/tfjs'
import { expect, test } from 'vitest'
import { startBackend } from './backend.ts'
import { AdamW, learningRateAt } from './optimizer.ts'
import { randomStream } from './rng.ts'

test('the kernel and the composition make the same updates', async () => {
  const { backend } = await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')
  const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientClip: 1 }
  const random = randomStream('adam')
  const normal = (shape: number[]) =>
    tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random.normal), shape)
  const starts = [normal([5, 7]), normal([13])]
  const sides = [backend.kernels, null].map((kernels) => {
    // data of their own: a variable made from a tensor shares its data, and the kernel works in place
    const parameters = new Map(
      starts.map((start, index) => [`p${index}`, tf.variable(tf.tensor(start.dataSync(), start.shape))]),
    )
    return { parameters, optimizer: new AdamW(parameters, settings, kernels) }
  })
  for (let update = 0; update < 5; update++) {
    const gradients = starts.map((start) => normal(start.shape))
    const norms = sides.map(({ parameters, optimizer }) =>
      optimizer.update(
        Object.fromEntries([...parameters.values()].map((variable, index) => [variable.name, gradients[index]!])),
        0.01,
      ),
    )
    expect(norms[0]).toBeCloseTo(norms[1]!, 4)
  }
  for (const name of ['p0', 'p1']) {
    const [fused, plain] = sides.map(({ parameters }) => parameters.get(name)!.dataSync())
    for (const [index, value] of plain!.entries()) expect(fused![index]).toBeCloseTo(value, 5)
  }
})

test('an update whose gradient is no number changes nothing', async () => {
  const { backend } = await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')
  const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientClip: 1 }
  for (const kernels of [backend.kernels, null]) {
    const variable = tf.variable(tf.tensor1d([1, 2]))
    const optimizer = new AdamW(new Map([['gain', variable]]), settings, kernels)
    expect(optimizer.update({ [variable.name]: tf.tensor1d([1, Number.NaN]) }, 0.1)).toBeNaN()
    expect([...variable.dataSync(), optimizer.updates]).toEqual([1, 2, 0])
  }
})

test('a parameter that no gradient reached is named', async () => {
  await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')
  const optimizer = new AdamW(
    new Map([['layers.0.gain', tf.variable(tf.ones([2]))]]),
    { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, gradientClip: 0 },
    null,
  )
  expect(() => optimizer.update({}, 0.1)).toThrow('no gradient reached layers.0.gain')
})

test('the learning rate rises over the warm-up and falls along the cosine to its minimum', () => {
  const settings = { learningRate: 2, warmUpSteps: 10, minimumRatio: 0.1, schedule: 'cosine' as const }
  expect(learningRateAt(1, 100, { ...settings, schedule: 'constant' })).toBeCloseTo(0.2, 12)
  expect(learningRateAt(50, 100, { ...settings, schedule: 'constant' })).toBe(2)
  expect(learningRateAt(10, 100, settings)).toBe(2)
  expect(learningRateAt(55, 100, settings)).toBeCloseTo(2 * 0.55, 12)
  // a warm-up that is longer than the run rises throughout
  expect(learningRateAt(5, 5, settings)).toBe(1)
  expect(learningRateAt(100, 100, settings)).toBeCloseTo(0.2, 12)
  expect(learningRateAt(1, 100, { ...settings, warmUpSteps: 0 })).toBeGreaterThan(1.99)
})
