/** Every fused operation against its composition of plain TensorFlow.js operations: values and gradients. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { startBackend } from '../backend.ts'
import { randomStream } from '../rng.ts'
import { fusedOperations } from './fused.ts'
import type { Operations } from './operations.ts'
import { plainOperations } from './plain.ts'

beforeAll(async () => {
  await startBackend('wasm')
})

function normal(name: string, shape: number[], scale = 1): Tensor {
  const random = randomStream('fused', name)
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal() * scale),
    shape,
  )
}

function whole(name: string, count: number, below: number): Tensor1D {
  const random = randomStream('fused', name)
  return tf.tensor1d(
    Int32Array.from({ length: count }, () => random.integer(0, below - 1)),
    'int32',
  )
}

/** The largest difference, relative to the largest value. */
function difference(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape)
  const [x, y] = [a.dataSync(), b.dataSync()]
  let largest = 1e-6
  let apart = 0
  for (let i = 0; i < y.length; i++) {
    largest = Math.max(largest, Math.abs(y[i]!))
    apart = Math.max(apart, Math.abs(x[i]! - y[i]!))
    if (Number.isNaN(x[i])) return Number.NaN
  }
  return apart / largest
}

/** Value and all gradients of `compute` under both sets of operations. */
function compare(
  inputs: Tensor[],
  weight: Tensor,
  compute: (operations: Operations, inputs: Tensor[]) => Tensor,
): void {
  const results = [fusedOperations, plainOperations].map((operations) => {
    const { grads } = tf.valueAndGrads((...given: Tensor[]) =>
      tf.sum(tf.mul(compute(operations, given), weight)).asScalar(),
    )(inputs)
    return [compute(operations, inputs), ...grads]
  })
  for (const [index, fused] of results[0]!.entries()) {
    expect(difference(fused, results[1]![index]!), `output ${index}`).toBeLessThan(2e-5)
  }
}

// batch, length, width, heads, key-value heads, head width: odd lengths, several tiles, grouped heads, one long sequence
const attentionShapes = [
  [2, 32, 32, 2, 2, 16],
  [3, 7, 24, 3, 1, 8],
  [5, 33, 40, 4, 2, 16],
  [1, 1, 16, 1, 1, 16],
  [1, 130, 64, 4, 4, 16],
  [9, 17, 20, 2, 1, 24],
] as const

for (const [batch, length, width, heads, keyValueHeads, headWidth] of attentionShapes) {
  test(`attention block: batch ${batch}, length ${length}, width ${width}, heads ${heads}/${keyValueHeads} x ${headWidth}`, () => {
    const rows = batch * length
    const half = headWidth / 2
    const angles = Float32Array.from(
      { length: (length + 3) * half },
      (_, index) => Math.floor(index / half) * 10000 ** (-(index % half) / half),
    )
    const random = randomStream('segments', length)
    // packed examples: each position sees its segment only
    const starts: number[] = []
    for (let row = 0; row < batch; row++) {
      let start = 0
      for (let t = 0; t < length; t++) {
        if (t > 0 && random.uniform() < 0.15) start = t
        starts.push(start)
      }
    }
    const options = {
      batch,
      length,
      heads,
      keyValueHeads,
      headWidth,
      epsilon: 1e-6,
      cosines: tf.tensor2d(angles.map(Math.cos), [length + 3, half]),
      sines: tf.tensor2d(angles.map(Math.sin), [length + 3, half]),
      segmentStart: tf.tensor1d(starts, 'int32'),
    }
    const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
    compare(
      [
        normal('x', [rows, width]),
        normal('gain', [width]),
        normal('qkv', [width, qkvWidth], 0.4),
        normal('bias', [qkvWidth], 0.3),
        normal('output', [heads * headWidth, width], 0.3),
      ],
      normal('weight', [rows, width]),
      (operations, [x, gain, qkv, bias, output]) =>
        operations.attentionBlock(
          x as Tensor2D,
          gain as Tensor1D,
          qkv as Tensor2D,
          bias as Tensor1D,
          output as Tensor2D,
          options,
        ),
    )
  })
}

for (const [rows, width, hidden] of [
  [64, 32, 48],
  [1, 4, 4],
  [77, 20, 28],
  [200, 64, 176],
] as const) {
  test(`feed-forward block: ${rows} rows, ${width} x ${hidden}`, () => {
    compare(
      [
        normal('x', [rows, width]),
        normal('gain', [width]),
        normal('gateUp', [width, 2 * hidden], 0.3),
        normal('down', [hidden, width], 0.3),
      ],
      normal('weight', [rows, width]),
      (operations, [x, gain, gateUp, down]) =>
        operations.feedForwardBlock(x as Tensor2D, gain as Tensor1D, gateUp as Tensor2D, down as Tensor2D, 1e-6),
    )
  })
}

for (const [rows, width, vocabulary] of [
  [64, 32, 64],
  [1, 8, 3],
  [77, 20, 37],
  [130, 64, 101],
] as const) {
  test(`head: ${rows} rows, ${width} x ${vocabulary}`, () => {
    const targets = whole('targets', rows, vocabulary)
    const inputs = [normal('x', [rows, width]), normal('gain', [width]), normal('table', [vocabulary, width])]
    compare(
      inputs,
      normal('weight', [rows]),
      (operations, [x, gain, table]) =>
        operations.head(x as Tensor2D, gain as Tensor1D, table as Tensor2D, targets, 1e-6).logProbabilities,
    )
    const [x, gain, table] = inputs as [Tensor2D, Tensor1D, Tensor2D]
    const [fused, plain] = [fusedOperations, plainOperations].map(
      (set) => set.head(x, gain, table, targets, 1e-6).entropies,
    )
    expect(difference(fused!, plain!)).toBeLessThan(2e-5)
  })
}

test('embedding: tokens that stand more than once', () => {
  const tokens = whole('tokens', 51, 13)
  compare([normal('table', [13, 12])], normal('weight', [51, 12]), (operations, [table]) =>
    operations.embed(tokens, table as Tensor2D),
  )
})

test('matrix product: any shape, plain and accumulating', async () => {
  const { backend } = await startBackend('wasm')
  const { functions, address, workspace } = backend.kernels!
  for (const [rows, depth, columns] of [
    [1, 1, 1],
    [5, 7, 3],
    [4, 16, 16],
    [33, 600, 50],
    [64, 64, 192],
  ] as const) {
    const a = normal('a', [rows, depth])
    const b = normal('b', [depth, columns])
    const panels = workspace(depth * (columns + 16))
    const c = tf.ones([rows, columns])
    functions.packPanels(address(b), 4 * columns, 4, depth, columns, panels)
    functions.multiply(address(a), 4 * depth, 4, panels, 64 * depth, address(c), 4 * columns, rows, depth, columns, 1)
    expect(difference(c, tf.add(tf.matMul(a as Tensor2D, b as Tensor2D), 1))).toBeLessThan(2e-5)
    // both operands transposed
    const turned = tf.transpose(b)
    const aTurned = tf.transpose(a)
    const d = tf.zeros([rows, columns])
    functions.packPanels(address(turned), 4, 4 * depth, depth, columns, panels)
    functions.multiply(
      address(aTurned),
      4,
      4 * rows,
      panels,
      64 * depth,
      address(d),
      4 * columns,
      rows,
      depth,
      columns,
      0,
    )
    expect(difference(d, tf.matMul(a as Tensor2D, b as Tensor2D))).toBeLessThan(2e-5)
  }
})
