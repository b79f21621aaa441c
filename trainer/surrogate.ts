/**
 * The loss of GRPO (Shao et al., arXiv 2402.03300) over the tokens of one update, with the options of DAPO (2503.14476),
 * Dr. GRPO (2503.20783) and GSPO (2507.18071). Names are those of TRL's GRPOConfig.
 *
 *     - sum over tokens of share * (min(ratio * advantage, clip(ratio, 1 - low, 1 + high) * advantage) - kl_coefficient * kl)
 *
 * with ratio = probability now / probability when sampled, both at the temperature of the rollout.
 */
import type { lossTypes } from '../contract/trainer-settings.ts'
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs'

export type SurrogateRows = {
  /** Per position: log-probability when sampled, advantage, and 1 where a completion token is predicted that counts. */
  old: Tensor1D
  advantages: Tensor1D
  weights: Tensor1D
  /** Per position: the share of its term in the loss, 0 where nothing counts. */
  shares: Tensor1D
  /** Per position: log-probability under the initial model, where the loss has a KL term. */
  reference: Tensor1D | null
  /** (samples, positions): 1 over the sample's counted tokens at each of them. For ratios of whole samples only. */
  samples: Tensor2D | null
}

export type SurrogateConfig = {
  clip_low: number
  clip_high: number
  kl_coefficient: number
  dual_clip?: number | undefined
}

/**
 * Log of the ratio at each position: the token's own, bounded to ±20 as in verl, or the mean over its sample (GSPO); 0 where
 * nothing counts.
 */
function logRatios(logProbabilities: Tensor1D, rows: SurrogateRows): Tensor1D {
  const own = tf.mul(tf.clipByValue(tf.sub(logProbabilities, rows.old), -20, 20), rows.weights) as Tensor1D
  if (rows.samples === null) return own
  const means = tf.matMul(rows.samples, tf.reshape(own, [-1, 1])) as Tensor2D
  const places = tf.cast(tf.greater(rows.samples, 0), 'float32') as Tensor2D
  return tf.reshape(tf.matMul(places, means, true), [-1]) as Tensor1D
}

/**
 * Schulman's k3 estimate of the divergence from the initial model, exp(d) - d - 1 with d = reference - new, bounded as verl
 * bounds it: d to ±20 and the estimate to ±10, beyond which no gradient flows.
 */
export function klEstimate(logProbabilities: Tensor1D, reference: Tensor1D): Tensor1D {
  const apart = tf.clipByValue(tf.sub(reference, logProbabilities), -20, 20)
  return tf.clipByValue(tf.sub(tf.sub(tf.exp(apart), apart), 1), -10, 10)
}

/** Probability now over probability when sampled, at each position; 1 where nothing counts. */
export function ratiosOf(logProbabilities: Tensor1D, rows: SurrogateRows): Tensor1D {
  return tf.exp(logRatios(logProbabilities, rows))
}

/** The loss of one update. */
export function surrogateLoss(logProbabilities: Tensor1D, rows: SurrogateRows, config: SurrogateConfig): Scalar {
  const ratio = ratiosOf(logProbabilities, rows)
  const clipped = tf.clipByValue(ratio, 1 - config.clip_low, 1 + config.clip_high)
  let gain = tf.minimum(tf.mul(ratio, rows.advantages), tf.mul(clipped, rows.advantages)) as Tensor1D
  if (config.dual_clip !== undefined) {
    // a sample that is worse than its group never costs more than so many times its advantage
    const floor = tf.mul(rows.advantages, config.dual_clip)
    gain = tf.where(tf.less(rows.advantages, 0), tf.maximum(gain, floor), gain)
  }
  if (rows.reference !== null) {
    gain = tf.sub(gain, tf.mul(klEstimate(logProbabilities, rows.reference), config.kl_coefficient))
  }
  return tf.neg(tf.sum(tf.mul(gain, rows.shares))) as Scalar
}

export type LossType = (typeof lossTypes)[number]

/**
 * The share of each token's term, by sample. `bnpo`: of the update's tokens, all alike; `dapo`: of as many tokens as an update
 * of the rollout has on average; `grpo`: of a sample's tokens, and of the samples alike; `dr_grpo`: of `samples * longest`, so
 * that a response's own length divides nothing.
 * @param counted tokens that count, by sample; 0 where it is masked
 * @param longest tokens after which a response is cut off
 * @param usual tokens that count in the whole rollout, an update
 */
export function tokenShares(type: LossType, counted: readonly number[], longest: number, usual: number): number[] {
  const tokens = counted.reduce((sum, count) => sum + count, 0)
  return counted.map((count) => {
    if (type === 'grpo') return 1 / (Math.max(1, count) * counted.length)
    if (type === 'dr_grpo') return 1 / (counted.length * longest)
    return 1 / Math.max(1, type === 'dapo' ? usual : tokens)
  })
}

/** Mean entropy of the tokens that count, whatever the loss averages over (TRL's entropy bonus). */
export function meanEntropy(entropies: Tensor1D, weights: Tensor1D): Scalar {
  return tf.div(tf.sum(tf.mul(entropies, weights)), tf.maximum(tf.sum(weights), 1))
}
