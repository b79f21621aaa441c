/**
 * The blocks with an adapter, on the compiled kernels. What it adds is merged into a block's weights for the pass forward and once
 * more for the one back, so that one block's merged weights are in memory at a time, and so are their gradients, of which those of
 * the adapter's matrices are made. All else is frozen: it has no gradient. Plain compositions with the same meaning: plain.ts.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { AttentionOptions, BlockAdapter, LowRank } from './operations.ts'
import { run } from './run.ts'

/** A weight with what an adapter adds to it: the weight itself where that is nothing. */
export function mergedWeight(weight: Tensor2D, additions: readonly LowRank[], scale: number): Tensor2D {
  if (additions.length === 0) return weight
  const inputs: Record<string, Tensor> = { weight }
  const attributes: Record<string, number> = { scale }
  for (const [part, { down, up, column }] of additions.entries()) {
    inputs[`down${part}`] = down
    inputs[`up${part}`] = up
    attributes[`column${part}`] = column
  }
  return run('SweepboardAddLowRank', inputs, attributes)[0] as Tensor2D
}

/** The adapter's matrices in the order of their gradients: down and up of each addition, those of the first weight before. */
const matricesOf = ({ first, second }: BlockAdapter) => [...first, ...second].flatMap(({ down, up }) => [down, up])

/** Gradients of an addition's matrices from that of the weight. */
const gradientsOf = (gradient: Tensor, additions: readonly LowRank[], scale: number) =>
  additions.flatMap(({ down, up, column }) =>
    run('SweepboardLowRankGradient', { gradient, down, up }, { column, scale }),
  )

/**
 * A block of x and the adapter's matrices.
 * @param forward from the merged weights: the block's value and what the pass back needs
 * @param backward from the same weights: gradients of x and of both weights, of which those that are not asked for mean nothing
 */
function adapted(
  x: Tensor2D,
  weights: { first: Tensor2D; second: Tensor2D },
  adapter: BlockAdapter,
  forward: (first: Tensor2D, second: Tensor2D) => Tensor[],
  backward: (
    first: Tensor2D,
    second: Tensor2D,
    kept: Tensor[],
    gradient: Tensor,
    asked: { firstAsked: number; secondAsked: number },
  ) => [dx: Tensor, dFirst: Tensor, dSecond: Tensor],
): Tensor2D {
  const { scale, first, second } = adapter
  const merged = () => [mergedWeight(weights.first, first, scale), mergedWeight(weights.second, second, scale)] as const
  const asked = { firstAsked: Number(first.length > 0), secondAsked: Number(second.length > 0) }
  const block = tf.customGrad((...given: unknown[]) => {
    const save = given.at(-1) as (tensors: Tensor[]) => void
    const [value, ...kept] = forward(...merged())
    save([x, ...kept])
    return {
      value: value as Tensor2D,
      gradFunc: (gradient: Tensor, saved: Tensor[]) =>
        tf.tidy(() => {
          const [dx, dFirst, dSecond] = backward(...merged(), saved, gradient, asked)
          return [dx, ...gradientsOf(dFirst, first, scale), ...gradientsOf(dSecond, second, scale)]
        }),
    }
  })
  return block(x, ...matricesOf(adapter)) as Tensor2D
}

/** The attention block of operations.ts with an adapter. */
export function adaptedAttentionBlock(
  x: Tensor2D,
  gain: Tensor1D,
  qkvWeight: Tensor2D,
  qkvBias: Tensor1D,
  outputWeight: Tensor2D,
  options: AttentionOptions,
  adapter: BlockAdapter,
): Tensor2D {
  const { batch, length, heads, keyValueHeads, headWidth, epsilon, cosines, sines, segmentStart } = options
  const attributes = { batch, length, heads, keyValueHeads, headWidth, epsilon }
  return adapted(
    x,
    { first: qkvWeight, second: outputWeight },
    adapter,
    (qkvWeight, outputWeight) =>
      run(
        'SweepboardAttentionBlock',
        { x, gain, qkvWeight, qkvBias, outputWeight, cosines, sines, segmentStart },
        attributes,
      ),
    (qkvWeight, outputWeight, saved, gradient, asked) => {
      const [x, scales, qkv, attended, probabilities] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor]
      const [dx, , dQkvWeight, , dOutputWeight] = run(
        'SweepboardAttentionBlockGradient',
        { x, gain, qkvWeight, outputWeight, cosines, sines, scales, qkv, attended, probabilities, gradient },
        { ...attributes, ...asked },
      )
      return [dx!, dQkvWeight!, dOutputWeight!]
    },
  )
}

/** The feed-forward block of operations.ts with an adapter. */
export function adaptedFeedForwardBlock(
  x: Tensor2D,
  gain: Tensor1D,
  gateUpWeight: Tensor2D,
  downWeight: Tensor2D,
  epsilon: number,
  adapter: BlockAdapter,
): Tensor2D {
  return adapted(
    x,
    { first: gateUpWeight, second: downWeight },
    adapter,
    (gateUpWeight, downWeight) => run('SweepboardFeedForwardBlock', { x, gain, gateUpWeight, downWeight }, { epsilon }),
    (gateUpWeight, downWeight, saved, gradient, asked) => {
      const [x, scales, gateUp] = saved as [Tensor, Tensor, Tensor]
      const [dx, , dGateUpWeight, dDownWeight] = run(
        'SweepboardFeedForwardBlockGradient',
        { x, gain, gateUpWeight, downWeight, scales, gateUp, gradient },
        asked,
      )
      return [dx!, dGateUpWeight!, dDownWeight!]
    },
  )
}
