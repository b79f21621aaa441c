/**
 * The operations on the compiled kernels. Each is a custom gradient around two registered kernels; what the backward
 * kernel needs is saved from the forward one (what is not saved is gone by the time of the backward pass). Plain
 * compositions with the same meaning: plain.ts.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { adaptedAttentionBlock, adaptedFeedForwardBlock } from './adapted.ts'
import type { Operations } from './operations.ts'
import { run } from './run.ts'

/** The kernels take rows of whole vectors: other widths are served by the plain compositions. */
export function kernelsServe(shape: { width: number; headWidth: number; feedForward: number }): boolean {
  return shape.width % 4 === 0 && shape.headWidth % 8 === 0 && shape.feedForward % 4 === 0
}

export const fusedOperations: Operations = {
  embed(tokens, table) {
    return tf.customGrad((...given: unknown[]) => {
      const [table, save] = given as [Tensor2D, (tensors: Tensor[]) => void]
      const [value] = run('SweepboardEmbed', { tokens, table })
      save([tokens])
      return {
        value: value as Tensor2D,
        gradFunc: (gradient: Tensor, saved: Tensor[]) =>
          run('SweepboardEmbedGradient', { tokens: saved[0]!, gradient }, { vocabulary: table.shape[0] }),
      }
    })(table) as Tensor2D
  },

  attentionBlock(x, gain, qkvWeight, qkvBias, outputWeight, options, adapter) {
    if (adapter) return adaptedAttentionBlock(x, gain, qkvWeight, qkvBias, outputWeight, options, adapter)
    const { batch, length, heads, keyValueHeads, headWidth, epsilon, cosines, sines, segmentStart } = options
    const attributes = { batch, length, heads, keyValueHeads, headWidth, epsilon }
    return tf.customGrad((...given: unknown[]) => {
      const [x, gain, qkvWeight, qkvBias, outputWeight, save] = given as [
        Tensor2D,
        Tensor1D,
        Tensor2D,
        Tensor1D,
        Tensor2D,
        (tensors: Tensor[]) => void,
      ]
      const inputs = { x, gain, qkvWeight, qkvBias, outputWeight, cosines, sines, segmentStart }
      const [value, ...kept] = run('SweepboardAttentionBlock', inputs, attributes)
      save([x, gain, qkvWeight, outputWeight, ...kept])
      return {
        value: value as Tensor2D,
        gradFunc: (gradient: Tensor, saved: Tensor[]) => {
          const [x, gain, qkvWeight, outputWeight, scales, qkv, attended, probabilities] = saved as [
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
          ]
          return run(
            'SweepboardAttentionBlockGradient',
            { x, gain, qkvWeight, outputWeight, cosines, sines, scales, qkv, attended, probabilities, gradient },
            attributes,
          )
        },
      }
    })(x, gain, qkvWeight, qkvBias, outputWeight) as Tensor2D
  },

  feedForwardBlock(x, gain, gateUpWeight, downWeight, epsilon, adapter) {
    if (adapter) return adaptedFeedForwardBlock(x, gain, gateUpWeight, downWeight, epsilon, adapter)
    return tf.customGrad((...given: unknown[]) => {
      const [x, gain, gateUpWeight, downWeight, save] = given as [
        Tensor2D,
        Tensor1D,
        Tensor2D,
        Tensor2D,
        (tensors: Tensor[]) => void,
      ]
      const [value, ...kept] = run('SweepboardFeedForwardBlock', { x, gain, gateUpWeight, downWeight }, { epsilon })
      save([x, gain, gateUpWeight, downWeight, ...kept])
      return {
        value: value as Tensor2D,
        gradFunc: (gradient: Tensor, saved: Tensor[]) => {
          const [x, gain, gateUpWeight, downWeight, scales, gateUp] = saved as [
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
          ]
          return run('SweepboardFeedForwardBlockGradient', {
            x,
            gain,
            gateUpWeight,
            downWeight,
            scales,
            gateUp,
            gradient,
          })
        },
      }
    })(x, gain, gateUpWeight, downWeight) as Tensor2D
  },

  head(x, gain, table, targets, epsilon, isFrozen) {
    const both = tf.customGrad((...given: unknown[]) => {
      const [x, gain, table, save] = given as [Tensor2D, Tensor1D, Tensor2D, (tensors: Tensor[]) => void]
      const [value, ...kept] = run('SweepboardHead', { x, gain, table, targets }, { epsilon })
      save([x, gain, table, targets, ...kept])
      return {
        value: value as Tensor2D,
        gradFunc: (gradient: Tensor, saved: Tensor[]) => {
          const [x, gain, table, targets, scales, probabilities] = saved as [
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
            Tensor,
          ]
          // the kernel reads the first of the gradient's two rows: the entropies' row does not count
          return run(
            'SweepboardHeadGradient',
            { x, gain, table, targets, scales, probabilities, gradient },
            { tableAsked: isFrozen ? 0 : 1 },
          )
        },
      }
    })(x, gain, table) as Tensor2D
    const [logProbabilities, entropies] = tf.unstack(both) as [Tensor1D, Tensor1D]
    return { logProbabilities, entropies }
  },
}
