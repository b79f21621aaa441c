/** The options of GRPO against what TRL, verl and transformers compute (record-losses.py): losses and gradients, scales, samplers, rates. */
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { rewardScales } from '../../contract/trainer-settings.ts'
import { advantagesOf } from '../advantages.ts'
import { startBackend } from '../backend.ts'
import { preferenceLoss } from '../dpo.ts'
import { drawToken, filteredWeights } from '../model/sampling.ts'
import { learningRateAt } from '../optimizer.ts'
import { klEstimate, type LossType, meanEntropy, surrogateLoss, tokenShares } from '../surrogate.ts'

type Settings = {
  loss_type?: LossType
  importance_sampling_level?: 'token' | 'sequence'
  dual_clip?: number
  kl_coefficient?: number
  mask_truncated_completions?: boolean
}
const recorded = JSON.parse(readFileSync(new URL('loss-numbers.json', import.meta.url), 'utf8')) as {
  longest: number
  usual: number
  lengths: number[]
  truncated: boolean[]
  old: number[]
  start: number[]
  reference: number[]
  entropies: number[]
  advantages: number[]
  losses: Record<string, { settings: Settings; loss: number; gradient: number[] }>
  entropyBonus: { coefficient: number; without: number; with: number }
  divergence: { chosen: number[]; reference: number[]; values: number[]; gradient: number[] }
  rewards: number[][]
  scaled: Record<(typeof rewardScales)[number], number[]>
  logits: number[]
  seen: number[]
  samplers: { options: Record<string, number>; probabilities: number[] }[]
  rates: number[]
  preferences: { loss_type: 'sigmoid' | 'hinge' | 'ipo'; beta: number; loss: number; gradient: number[] }[]
}
const columns = recorded.old.length / recorded.lengths.length

beforeAll(() => startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm'))

function expectClose(values: ArrayLike<number>, expected: readonly number[], within = 1e-4): void {
  expect(values).toHaveLength(expected.length)
  const furthest = Math.max(...expected.map((value, index) => Math.abs(values[index]! - value)))
  expect(furthest).toBeLessThan(within * Math.max(1, ...expected.map(Math.abs)))
}

/** The recorded samples laid out one a row, as the trainer lays them out in packed rows. */
function lossOf(settings: Settings): (chosen: Tensor1D) => Scalar {
  const { lengths, truncated, advantages, longest, usual } = recorded
  const counted = lengths.map((count, index) => (settings.mask_truncated_completions && truncated[index] ? 0 : count))
  const shares = tokenShares(settings.loss_type ?? 'bnpo', counted, longest, usual)
  const byToken = (value: (sample: number) => number) =>
    tf.tensor1d(
      counted.flatMap((count, sample) => Array.from({ length: columns }, (_, at) => (at < count ? value(sample) : 0))),
    )
  const rows = {
    old: tf.tensor1d(recorded.old),
    advantages: byToken((sample) => advantages[sample]!),
    weights: byToken(() => 1),
    shares: byToken((sample) => shares[sample]!),
    reference: settings.kl_coefficient === undefined ? null : tf.tensor1d(recorded.reference),
    samples:
      settings.importance_sampling_level === 'sequence'
        ? (tf.stack(counted.map((count, sample) => byToken((other) => (other === sample ? 1 / count : 0)))) as Tensor2D)
        : null,
  }
  const config = {
    clip_low: 0.2,
    clip_high: 0.28,
    kl_coefficient: settings.kl_coefficient ?? 0,
    dual_clip: settings.dual_clip,
  }
  return (chosen) => surrogateLoss(chosen, rows, config)
}

for (const [name, { settings, loss, gradient }] of Object.entries(recorded.losses)) {
  test(`the loss and its gradient: ${name}`, () => {
    const { value, grad } = tf.valueAndGrad((chosen) => lossOf(settings)(chosen as Tensor1D))(
      tf.tensor1d(recorded.start),
    )
    expectClose(value.dataSync(), [loss])
    expectClose(grad.dataSync(), gradient)
  })
}

for (const { loss_type: type, beta, loss, gradient } of recorded.preferences) {
  test(`the loss of preferences and its gradient: ${type}, beta ${beta}`, () => {
    const { lengths, reference, start } = recorded
    // a pair a row: 1 (or 1 a token) at the better response's tokens, as much below 0 at the worse one's
    const signs = [0, 2, 4].map((first) =>
      lengths.flatMap((count, sample) =>
        Array.from({ length: columns }, (_, at) => {
          if (at >= count || (sample !== first && sample !== first + 1)) return 0
          return (sample === first ? 1 : -1) / (type === 'ipo' ? count : 1)
        }),
      ),
    )
    const lossOfChosen = (chosen: tf.Tensor) => {
      const apart = tf.reshape(tf.sub(chosen, tf.tensor1d(reference)), [-1, 1])
      const differences = tf.reshape(tf.matMul(tf.tensor2d(signs), apart as Tensor2D), [-1]) as Tensor1D
      return preferenceLoss(differences, { beta, loss_type: type })
    }
    const { value, grad } = tf.valueAndGrad(lossOfChosen)(tf.tensor1d(start))
    expectClose(value.dataSync(), [loss])
    expectClose(grad.dataSync(), gradient)
  })
}

test('the loss of preferences has a slope at no difference, where every run begins', () => {
  const slope = tf.grad((x) => preferenceLoss(x as Tensor1D, { beta: 0.1, loss_type: 'sigmoid' }))(tf.tensor1d([0, 0]))
  expectClose(slope.dataSync(), [-0.025, -0.025], 1e-7)
})

test('the entropy bonus is the mean over tokens', () => {
  const weights = recorded.lengths.flatMap((count) => Array.from({ length: columns }, (_, at) => (at < count ? 1 : 0)))
  const bonus = meanEntropy(tf.tensor1d(recorded.entropies), tf.tensor1d(weights)).dataSync()[0]!
  const { coefficient, without, with: total } = recorded.entropyBonus
  expect(without - coefficient * bonus).toBeCloseTo(total, 4)
})

test('the estimate of the divergence is bounded, and so is its gradient, where log-probabilities lie 30 apart', () => {
  const { chosen, reference, values, gradient } = recorded.divergence
  const estimate = (x: tf.Tensor) => klEstimate(x as Tensor1D, tf.tensor1d(reference))
  expectClose(estimate(tf.tensor1d(chosen)).dataSync(), values)
  expectClose(
    tf
      .grad((x) => tf.sum(estimate(x)))(tf.tensor1d(chosen))
      .dataSync(),
    gradient,
  )
})

for (const scale of rewardScales) {
  test(`advantages scaled by ${scale}: the sample's deviation`, () => {
    expectClose(advantagesOf(recorded.rewards, scale).flat(), recorded.scaled[scale], 1e-6)
  })
}

for (const { options, probabilities } of recorded.samplers) {
  test(`the sampler with ${JSON.stringify(options)}`, () => {
    const {
      temperature = 1,
      top_k: topK = 0,
      top_p: topP = 1,
      min_p: minP = 0,
      repetition_penalty: repetitionPenalty = 1,
    } = options
    const filters = { topK, topP, minP, repetitionPenalty }
    const weights = filteredWeights(recorded.logits, recorded.seen, temperature, filters)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    expectClose(
      weights.map((weight) => weight / total),
      probabilities,
      1e-6,
    )
    // what is drawn follows the filtered distribution, what is told of it the whole one
    const whole = recorded.logits.map((logit) => Math.exp(logit / temperature))
    const wholeTotal = whole.reduce((sum, weight) => sum + weight, 0)
    let reached = 0
    for (const [token, probability] of probabilities.entries()) {
      if (probability === 0) continue
      const [drawn, logProbability] = drawToken(
        recorded.logits,
        recorded.seen,
        temperature,
        filters,
        reached + probability / 2,
      )
      expect(drawn).toBe(token)
      expect(Math.exp(logProbability)).toBeCloseTo(whole[token]! / wholeTotal, 6)
      reached += probability
    }
  })
}

test('the learning rate rises to the peak, and the cosine begins there', () => {
  const settings = { learningRate: 2, warmUpSteps: 10, minimumRatio: 0, schedule: 'cosine' as const }
  expectClose(
    recorded.rates.map((_, index) => learningRateAt(index + 1, 100, settings)),
    recorded.rates,
    1e-9,
  )
})
