/**
 * The operations of a model with an adapter on TensorFlow's own libraries, which keep whatever a gradient needs until the pass back. A block
 * keeps what came in and is computed once more for the pass back (Chen et al., "Training Deep Nets with Sublinear Memory Cost", arXiv 1604.06174); the
 * head goes through a few rows at a time, and its table, which is frozen, has no gradient. The same values as plain.ts.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { BlockAdapter, LowRank, Operations } from './operations.ts'
import { normalize, plainOperations } from './plain.ts'

/** Logits that are in memory at a time, 64 MiB. */
const logitsAtOnce = 2 ** 24

/** A block that is computed again where its gradient is asked for. `beside`: what it needs then and has no gradient, other than the model's own. */
function computedAgain(
  x: Tensor2D,
  adapter: BlockAdapter | null | undefined,
  beside: readonly Tensor[],
  compute: (x: Tensor2D, adapter: BlockAdapter | null, beside: readonly Tensor[]) => Tensor2D,
): Tensor2D {
  const additions = adapter ? [...adapter.first, ...adapter.second] : []
  const matrices = additions.flatMap(({ down, up }) => [down, up])
  const block = (beside: readonly Tensor[], x: Tensor, ...given: Tensor[]): Tensor2D => {
    if (!adapter) return compute(x as Tensor2D, null, beside)
    const put = (part: readonly LowRank[], from: number) =>
      part.map(({ column }, at) => {
        const [down, up] = given.slice(2 * (from + at)) as [Tensor2D, Tensor2D]
        return { down, up, column }
      })
    const { scale, first, second } = adapter
    return compute(x as Tensor2D, { scale, first: put(first, 0), second: put(second, first.length) }, beside)
  }
  return tf.customGrad((...given: unknown[]) => {
    const save = given.at(-1) as (tensors: Tensor[]) => void
    const [own, ...others] = given.slice(0, -1) as [Tensor, ...Tensor[]]
    save([own, ...others, ...beside])
    return {
      value: block(beside, own, ...others),
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [inputs, kept] = [saved.slice(0, 1 + matrices.length), saved.slice(1 + matrices.length)]
        return gradientsWithin(() =>
          tf.grads((x: Tensor, ...others: Tensor[]) => block(kept, x, ...others))(inputs, gradient),
        )
      },
    }
  })(x, ...matrices) as Tensor2D
}

/** Gradients that are asked for in the middle of a pass back: the library forgets what the pass has still to give back when others end. */
function gradientsWithin(gradients: () => Tensor[]): Tensor[] {
  const { state } = tf.engine()
  const { activeTape } = state
  try {
    return gradients()
  } finally {
    state.activeTape = activeTape
  }
}

/** Log-probabilities and entropies, one after the other, of normalized rows. */
function frozenHead(x: Tensor2D, table: Tensor2D, targets: Tensor1D): Tensor1D {
  const [rows, width] = x.shape
  const each = Math.max(1, Math.floor(logitsAtOnce / table.shape[0]))
  /** What is computed of each few rows, one below the other. */
  const inTurns = (
    x: Tensor2D,
    targets: Tensor1D,
    compute: (x: Tensor2D, wanted: Tensor2D, from: number, count: number) => Tensor2D,
  ) =>
    tf.concat(
      Array.from({ length: Math.ceil(rows / each) }, (_, turn) => {
        const from = turn * each
        const count = Math.min(each, rows - from)
        return tf.tidy(() => {
          const wanted = tf.gather(table, tf.slice(targets, from, count)) as Tensor2D
          return compute(tf.slice(x, [from, 0], [count, width]), wanted, from, count)
        })
      }),
      0,
    )
  return tf.customGrad((...given: unknown[]) => {
    const [x, save] = given as [Tensor2D, (tensors: Tensor[]) => void]
    save([x, targets])
    const both = inTurns(x, targets, (x, wanted) => {
      const logits = tf.matMul(x, table, false, true) as Tensor2D
      const whole = tf.logSumExp(logits, 1, true)
      const mean = tf.sum(tf.mul(tf.exp(tf.sub(logits, whole)), logits), 1, true)
      const chosen = tf.sum(tf.mul(x, wanted), 1, true)
      return tf.concat([tf.sub(chosen, whole), tf.sub(whole, mean)], 1) as Tensor2D
    })
    return {
      value: tf.reshape(tf.transpose(both), [2 * rows]),
      gradFunc: (gradient: Tensor, saved: Tensor[]) =>
        inTurns(saved[0] as Tensor2D, saved[1] as Tensor1D, (x, wanted, from, count) => {
          const expected = tf.matMul(tf.softmax(tf.matMul(x, table, false, true)), table)
          // the second half of the gradient is of the entropies, through which none flows
          const factors = tf.reshape(tf.slice(gradient as Tensor1D, from, count), [count, 1])
          return tf.mul(tf.sub(wanted, expected), factors) as Tensor2D
        }),
    }
  })(x) as Tensor1D
}

export const frozenOperations: Operations = {
  embed: (tokens, table) => tf.gather(table, tokens) as Tensor2D,

  attentionBlock: (x, gain, qkvWeight, qkvBias, outputWeight, options, adapter) =>
    computedAgain(x, adapter, [options.segmentStart], (x, adapter, [segmentStart]) => {
      const given = { ...options, segmentStart: segmentStart as Tensor1D }
      return plainOperations.attentionBlock(x, gain, qkvWeight, qkvBias, outputWeight, given, adapter)
    }),

  feedForwardBlock: (x, gain, gateUpWeight, downWeight, epsilon, adapter) =>
    computedAgain(x, adapter, [], (x, adapter) =>
      plainOperations.feedForwardBlock(x, gain, gateUpWeight, downWeight, epsilon, adapter),
    ),

  head(x, gain, table, targets, epsilon) {
    const both = frozenHead(normalize(x, gain, epsilon), table, targets)
    const [logProbabilities, entropies] = tf.split(both, 2) as [Tensor1D, Tensor1D]
    return { logProbabilities, entropies }
  },
}
