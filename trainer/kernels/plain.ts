/** The operations as compositions of TensorFlow.js's own, for every back end, and the reference for the kernels. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { AttentionOptions, BlockAdapter, LowRank, Operations } from './operations.ts'

/** One-hot rows as floats. (Asked for floats itself, oneHot gives zeros on the wasm back end.) */
function oneHot(indices: Tensor1D, depth: number): Tensor2D {
  return tf.cast(tf.oneHot(indices, depth), 'float32') as Tensor2D
}

/** Root-mean-square norm over the last dimension. */
export function normalize(x: Tensor2D, gain: Tensor1D, epsilon: number): Tensor2D {
  const meanSquare = tf.mean(tf.square(x), -1, true)
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, epsilon))), gain)
}

/** Rotate-half RoPE of (batch, heads, length, headWidth); the tables broadcast over batch and heads. */
export function rotate(x: Tensor4D, cosines: Tensor, sines: Tensor): Tensor4D {
  const [a, b] = tf.split(x, 2, -1) as [Tensor4D, Tensor4D]
  return tf.concat([tf.sub(tf.mul(a, cosines), tf.mul(b, sines)), tf.add(tf.mul(b, cosines), tf.mul(a, sines))], -1)
}

/** Keys or values repeated for the query heads that share them. */
export function repeatHeads(x: Tensor4D, times: number): Tensor4D {
  if (times === 1) return x
  const [batch, heads, length, width] = x.shape
  // the gradient of tile is written for up to four dimensions
  const rows = tf.reshape(x, [batch * heads, 1, length * width])
  return tf.reshape(tf.tile(rows, [1, times, 1]), [batch, heads * times, length, width])
}

/** 0 where row i may see column j (segmentStart[i] <= j <= i), else -1e9: (batch, 1, length, length). */
function visibility(options: AttentionOptions): Tensor {
  const { batch, length, segmentStart } = options
  const columns = tf.reshape(tf.range(0, length, 1, 'int32'), [1, 1, length])
  const rows = tf.reshape(tf.range(0, length, 1, 'int32'), [1, length, 1])
  const starts = tf.reshape(segmentStart, [batch, length, 1])
  const seen = tf.logicalAnd(tf.lessEqual(columns, rows), tf.greaterEqual(columns, starts))
  return tf.reshape(tf.mul(tf.sub(1, tf.cast(seen, 'float32')), -1e9), [batch, 1, length, length])
}

/** Softmax attention over whole sequences, (rows, heads * headWidth), from (rows, (heads + 2 keyValueHeads) * headWidth). */
function attend(qkv: Tensor2D, options: AttentionOptions): Tensor2D {
  const { batch, length, heads, keyValueHeads, headWidth } = options
  const half = headWidth / 2
  const cosines = tf.reshape(tf.slice(options.cosines, [0, 0], [length, half]), [1, 1, length, half])
  const sines = tf.reshape(tf.slice(options.sines, [0, 0], [length, half]), [1, 1, length, half])
  const parts = tf.split(
    tf.reshape(qkv, [batch, length, heads + 2 * keyValueHeads, headWidth]),
    [heads, keyValueHeads, keyValueHeads],
    2,
  ) as [Tensor4D, Tensor4D, Tensor4D]
  const [q, k, v] = parts.map((part) => tf.transpose(part, [0, 2, 1, 3])) as [Tensor4D, Tensor4D, Tensor4D]
  const group = heads / keyValueHeads
  const queries = tf.mul(rotate(q, cosines, sines), 1 / Math.sqrt(headWidth)) as Tensor4D
  const keys = repeatHeads(rotate(k, cosines, sines), group)
  const scores = tf.add(tf.matMul(queries, keys, false, true), visibility(options))
  const attended = tf.matMul(tf.softmax(scores), repeatHeads(v, group)) // (B, H, T, headWidth)
  return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch * length, heads * headWidth])
}

const nothingAdded: BlockAdapter = { scale: 0, first: [], second: [] }

/** A product with what an adapter adds to some of its columns: x weight + scale (x down^T) up. */
function product(x: Tensor2D, weight: Tensor2D, additions: readonly LowRank[], scale: number): Tensor2D {
  const whole = tf.matMul(x, weight) as Tensor2D
  if (additions.length === 0) return whole
  const [rows, columns] = whole.shape
  const parts: Tensor2D[] = []
  let column = 0
  const fillTo = (next: number) => {
    if (next > column) parts.push(tf.zeros([rows, next - column]))
  }
  for (const { down, up, column: from } of additions.toSorted((a, b) => a.column - b.column)) {
    fillTo(from)
    // stock products keep what they made of a matrix, and would not see an update in place
    parts.push(tf.matMul(tf.matMul(x, down, false, true), tf.mul(up, scale)) as Tensor2D)
    column = from + up.shape[1]
  }
  fillTo(columns)
  return tf.add(whole, tf.concat(parts, 1))
}

export const plainOperations: Operations = {
  embed(tokens, table) {
    // a product with one-hot rows: the gradient of a gather needs an operation that the wasm back end lacks
    return tf.matMul(oneHot(tokens, table.shape[0]), table)
  },

  attentionBlock(x, gain, qkvWeight, qkvBias, outputWeight, options, adapter) {
    const { scale, first, second } = adapter ?? nothingAdded
    const qkv = tf.add(product(normalize(x, gain, options.epsilon), qkvWeight, first, scale), qkvBias) as Tensor2D
    return tf.add(x, product(attend(qkv, options), outputWeight, second, scale))
  },

  feedForwardBlock(x, gain, gateUpWeight, downWeight, epsilon, adapter) {
    const { scale, first, second } = adapter ?? nothingAdded
    const gateUp = product(normalize(x, gain, epsilon), gateUpWeight, first, scale)
    const [gate, up] = tf.split(gateUp, 2, -1) as [Tensor2D, Tensor2D]
    const activated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), up) as Tensor2D
    return tf.add(x, product(activated, downWeight, second, scale))
  },

  head(x, gain, table, targets, epsilon) {
    const logits = tf.matMul(normalize(x, gain, epsilon), table, false, true) as Tensor2D
    const logDistribution = tf.logSoftmax(logits) as Tensor2D
    const chosen = oneHot(targets, table.shape[0])
    const entropies = tf.neg(tf.sum(tf.mul(tf.exp(logDistribution), logDistribution), -1)) as Tensor1D
    return { logProbabilities: tf.sum(tf.mul(chosen, logDistribution), -1) as Tensor1D, entropies }
  },
}
