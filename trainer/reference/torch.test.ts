/**
 * The whole model against PyTorch's recorded numbers (record-torch.py): logits, loss, gradients, one AdamW step and one
 * GRPO step; and its gradients against finite differences.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from '../backend.ts'
import { surrogateLoss } from '../surrogate.ts'
import { normalize } from '../kernels/plain.ts'
import { readModelFolder, toStoredTensors } from '../model/hugging-face.ts'
import { Qwen2, type TokenRows } from '../model/qwen2.ts'
import { AdamW } from '../optimizer.ts'
import { type StoredTensor, writeSafetensors } from '../safetensors.ts'

type Step = {
  loss: number
  gradientNorm: number
  gradients: Record<string, { norm: number; first: number[] }>
  after: Record<string, number[]>
}
const recorded = JSON.parse(readFileSync(new URL('torch-numbers.json', import.meta.url), 'utf8')) as {
  config: Record<string, unknown>
  shapes: Record<string, number[]>
  tokens: number[]
  targets: number[]
  logProbabilities: number[]
  lastLogits: number[]
  supervised: Step
  grpo: Step & { old: number[]; advantages: number[]; reference: number[]; weights: number[] }
}
const [batch, length] = [2, 11]

let backend: Backend
let folder: string
beforeAll(async () => {
  backend = (await startBackend('wasm')).backend
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-torch-'))
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(recorded.config))
  const tensors = new Map<string, StoredTensor>()
  for (const [name, shape] of Object.entries(recorded.shapes)) {
    const phase = [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0)
    const size = shape.reduce((product, size) => product * size, 1)
    const wave = (index: number) => Math.sin(0.7 * (index + 1) + phase)
    const data = Float32Array.from({ length: size }, (_, index) =>
      name.includes('norm') ? 1 + 0.2 * wave(index) : 0.3 * wave(index),
    )
    tensors.set(name, { shape, data })
  }
  writeSafetensors(path.join(folder, 'model.safetensors'), tensors)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rows: TokenRows = {
  tokens: Int32Array.from(recorded.tokens),
  targets: Int32Array.from(recorded.targets),
  segmentStart: new Int32Array(batch * length),
  batch,
  length,
}

function fresh(): Qwen2 {
  const { config, weights } = readModelFolder(folder)
  return new Qwen2(config, weights, backend)
}

/** Within 1 in 10,000 of the recorded value, or of the largest one beside it. */
function expectClose(values: ArrayLike<number>, expected: readonly number[], what: string): void {
  const scale = Math.max(...expected.map(Math.abs), 1e-3)
  for (const [index, value] of expected.entries()) {
    expect(Math.abs(values[index]! - value), `${what}[${index}]: ${values[index]} against ${value}`).toBeLessThan(
      1e-4 * scale,
    )
  }
}

/** Gradients or weights under the folder's names. */
function stored(model: Qwen2, values: (name: string) => Float32Array): Map<string, StoredTensor> {
  return toStoredTensors(model.config, new Map([...model.parameters.keys()].map((name) => [name, values(name)])))
}

test("logits and log-probabilities are PyTorch's", () => {
  const model = fresh()
  const { logProbabilities } = model.targetLogProbabilities(rows)
  expectClose(logProbabilities.dataSync(), recorded.logProbabilities, 'log-probability')
  const hidden = model.hidden(tf.tensor1d(rows.tokens, 'int32'), tf.tensor1d(rows.segmentStart, 'int32'), batch, length)
  const logits = tf.matMul(
    normalize(hidden, model.parameter('finalGain') as unknown as Tensor1D, 1e-6),
    model.headTable as unknown as Tensor2D,
    false,
    true,
  )
  expectClose(tf.slice(logits, [batch * length - 1, 0], [1, 37]).dataSync(), recorded.lastLogits, 'logit')
})

const losses: Record<'supervised' | 'grpo', (logProbabilities: Tensor1D) => Scalar> = {
  supervised: (logProbabilities) => tf.neg(tf.mean(logProbabilities)) as Scalar,
  grpo: (logProbabilities) => {
    const { old, advantages, reference, weights } = recorded.grpo
    return surrogateLoss(
      logProbabilities,
      {
        old: tf.tensor1d(old),
        advantages: tf.tensor1d(advantages),
        weights: tf.tensor1d(weights),
        reference: tf.tensor1d(reference),
        shares: tf.div(
          tf.tensor1d(weights),
          weights.reduce((sum, weight) => sum + weight, 0),
        ),
        samples: null,
      },
      { clip_low: 0.2, clip_high: 0.28, kl_coefficient: 0.05 },
    )
  },
}

for (const kind of ['supervised', 'grpo'] as const) {
  test(`one ${kind} step: loss, gradients and updated weights are PyTorch's`, () => {
    const model = fresh()
    const expected = recorded[kind]
    const optimizer = new AdamW(
      model.parameters,
      { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientClip: 1 },
      backend.kernels,
    )
    const { value, grads } = tf.variableGrads(
      () => losses[kind](model.targetLogProbabilities(rows).logProbabilities),
      [...model.parameters.values()],
    )
    expectClose([value.dataSync()[0]!], [expected.loss], 'loss')
    const gradients = stored(model, (name) => grads[model.parameter(name).name]!.dataSync<'float32'>())
    for (const [name, { norm, first }] of Object.entries(expected.gradients)) {
      const { data } = gradients.get(name)!
      expectClose([Math.hypot(...data)], [norm], `norm of the gradient of ${name}`)
      expectClose(data, first, `gradient of ${name}`)
    }
    expectClose([optimizer.update(grads, 0.01)], [expected.gradientNorm], 'gradient norm')
    const after = stored(model, (name) => model.parameter(name).dataSync<'float32'>())
    for (const [name, values] of Object.entries(expected.after)) {
      // a gradient near 0 still moves its weight by the whole learning rate, in a direction that rounding may decide
      const moved = recorded[kind].gradients[name]!.first
      const sure = values.slice(0, 4).filter((_, index) => Math.abs(moved[index]!) > 1e-5)
      if (sure.length === 4) expectClose(after.get(name)!.data, values.slice(0, 4), `${name} after the step`)
    }
  })
}

test('gradients of the whole model agree with finite differences', () => {
  const model = fresh()
  const loss = (): Scalar => losses.supervised(model.targetLogProbabilities(rows).logProbabilities)
  const { grads } = tf.variableGrads(loss, [...model.parameters.values()])
  for (const [name, variable] of model.parameters) {
    // along the gradient the loss changes by its norm; a symmetric difference in single precision shows it to about 1 %
    const gradient = grads[variable.name] as Tensor
    const norm = tf.norm(gradient).dataSync()[0]!
    const before = variable.clone()
    const at = (distance: number) => {
      variable.assign(tf.add(before, tf.mul(gradient, distance / norm)))
      return loss().dataSync()[0]!
    }
    const distance = 0.003
    const slope = (at(distance) - at(-distance)) / (2 * distance)
    variable.assign(before)
    expect(Math.abs(slope - norm) / norm, `${name}: ${slope} against ${norm}`).toBeLessThan(0.02)
  }
})

test('no tensors are left behind over a thousand steps', () => {
  const model = fresh()
  const optimizer = new AdamW(
    model.parameters,
    { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientClip: 1 },
    backend.kernels,
  )
  const step = () =>
    tf.tidy(() => {
      const { grads } = tf.variableGrads(
        () => losses.supervised(model.targetLogProbabilities(rows).logProbabilities),
        [...model.parameters.values()],
      )
      optimizer.update(grads, 1e-3)
    })
  step()
  const before = tf.memory()
  const bytesBefore = backend.kernels!.memory.buffer.byteLength
  for (let index = 0; index < 1000; index++) step()
  const after = tf.memory()
  expect(after.numTensors).toBe(before.numTensors)
  expect(after.numBytes).toBe(before.numBytes)
  expect(backend.kernels!.memory.buffer.byteLength).toBe(bytesBefore)
})
