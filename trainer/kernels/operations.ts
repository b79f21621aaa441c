/**
 * The operations that the model is made of. There are two sets with the same meaning: `plainOperations` (plain.ts),
 * compositions of TensorFlow.js's own operations that run on every back end and are the reference in tests, and
 * `fusedOperations` (fused.ts), one kernel forward and one backward each.
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'

/** How rows fall into sequences, and attention's shape. */
export type AttentionOptions = {
  batch: number
  length: number
  heads: number
  keyValueHeads: number
  headWidth: number
  epsilon: number
  /** RoPE's tables, [length or more, headWidth / 2]. */
  cosines: Tensor2D
  sines: Tensor2D
  /** For each row, the first position of its sequence that it may see: packed examples do not see each other. */
  segmentStart: Tensor1D
}

/** What an adapter adds to a weight's columns from `column` on: down^T up times a scale, down (rank, inputs) and up (rank, columns). */
export type LowRank = { down: Tensor2D; up: Tensor2D; column: number }

/** What an adapter adds to a block's first and second weight. These themselves, and all else of the block, are frozen then. */
export type BlockAdapter = { scale: number; first: readonly LowRank[]; second: readonly LowRank[] }

export type Operations = {
  /** Rows of the table, (rows, width). */
  embed(tokens: Tensor1D, table: Tensor2D): Tensor2D
  /** x + attention(norm(x) qkvWeight + qkvBias) outputWeight. */
  attentionBlock(
    x: Tensor2D,
    gain: Tensor1D,
    qkvWeight: Tensor2D,
    qkvBias: Tensor1D,
    outputWeight: Tensor2D,
    options: AttentionOptions,
    adapter?: BlockAdapter | null,
  ): Tensor2D
  /** x + swiglu(norm(x) gateUpWeight) downWeight. */
  feedForwardBlock(
    x: Tensor2D,
    gain: Tensor1D,
    gateUpWeight: Tensor2D,
    downWeight: Tensor2D,
    epsilon: number,
    adapter?: BlockAdapter | null,
  ): Tensor2D
  /**
   * Log-probabilities of the targets under softmax(norm(x) table^T), and each row's entropy. The entropies serve
   * reports: no gradient flows through them. None is computed for a table that is frozen.
   */
  head(
    x: Tensor2D,
    gain: Tensor1D,
    table: Tensor2D,
    targets: Tensor1D,
    epsilon: number,
    isFrozen?: boolean,
  ): { logProbabilities: Tensor1D; entropies: Tensor1D }
}
