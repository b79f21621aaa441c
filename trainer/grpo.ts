/**
 * GRPO: learning from verifiable rewards (Shao et al., arXiv 2402.03300), with DAPO's options (arXiv 2503.14476).
 *
 * One step: answer each of `prompts_per_step` prompts `samples_per_prompt` times; reward every answer; a sample's
 * advantage is its reward minus its group's mean, over the group's deviation, the same for all its tokens. Then
 * `minibatches` updates on the clipped surrogate
 *     - sum over tokens of min(ratio * advantage, clip(ratio, 1 - low, 1 + high) * advantage) / number of tokens
 * with ratio = new probability / probability when sampled. As in the published study the sum runs over all completion
 * tokens of the minibatch (not response by response), and there is no KL term unless asked for.
 * Differences from the paper: samples whose advantage is 0 are not run through the model, as they give no gradient, but
 * their tokens count in the denominator.
 */
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs'
import type { Backend } from './backend.ts'
import type { GrpoConfig } from './config.ts'
import type { Job } from '../contract/trainer.ts'
import { firstNotFinite, notFinite } from './finite.ts'
import { openTraining, runCourse, type StopSignal } from './loop.ts'
import type { Qwen2 } from './model/qwen2.ts'
import type { AdamW } from './optimizer.ts'
import type { Reporter } from './report.ts'
import { randomStream } from './rng.ts'
import { prepareRollouts, type Sample } from './rollout.ts'
import { packExamples } from './tasks/examples.ts'
import type { Tokenizer } from './tokenizer.ts'

export type SurrogateRows = {
  /** Per position: log-probability when sampled, advantage, and 1 where a completion token is predicted. */
  old: Tensor1D
  advantages: Tensor1D
  weights: Tensor1D
  /** Per position: log-probability under the initial model, where the loss has a KL term. */
  reference: Tensor1D | null
  /** Completion tokens of the minibatch. */
  total: number
}

/** The clipped surrogate, with the optional KL term (k3: exp(d) - d - 1, d = reference - new). */
export function surrogateLoss(
  logProbabilities: Tensor1D,
  rows: SurrogateRows,
  config: { clip_low: number; clip_high: number; kl_coefficient: number },
): Scalar {
  const ratio = tf.exp(tf.mul(tf.sub(logProbabilities, rows.old), rows.weights))
  const clipped = tf.clipByValue(ratio, 1 - config.clip_low, 1 + config.clip_high)
  const gain = tf.minimum(tf.mul(ratio, rows.advantages), tf.mul(clipped, rows.advantages))
  let terms = tf.mul(gain, rows.weights)
  if (rows.reference !== null) {
    // 0 where no completion token is predicted, and the estimate of 0 is 0
    const apart = tf.mul(tf.sub(rows.reference, logProbabilities), rows.weights)
    terms = tf.sub(terms, tf.mul(tf.sub(tf.sub(tf.exp(apart), apart), 1), config.kl_coefficient))
  }
  return tf.mul(tf.sum(terms), -1 / rows.total) as Scalar
}

type UpdateFigures = {
  loss: number
  gradientNorm: number
  entropy: number
  clippedLow: number
  clippedHigh: number
  kl: number
  tokens: number
}

/** One update from one minibatch. Returns null where no sample of it has an advantage. */
function update(
  model: Qwen2,
  initial: Qwen2 | null,
  optimizer: AdamW,
  tokenizer: Tokenizer,
  config: GrpoConfig,
  samples: Sample[],
  learningRate: number,
): UpdateFigures | null {
  const total = samples.reduce((sum, { tokens }) => sum + tokens.length, 0)
  const used = config.kl_coefficient > 0 ? samples : samples.filter(({ advantage }) => advantage !== 0)
  if (used.length === 0) return null
  const rows = packExamples(
    used.map(({ prompt, tokens }) => ({ prompt: prompt.tokens, completion: tokens })),
    { packing: true, rowLength: 64, padding: tokenizer.padding },
  )
  const old = new Float32Array(rows.tokens.length)
  const advantages = new Float32Array(rows.tokens.length)
  for (const [index, sample] of used.entries()) {
    old.set(sample.logProbabilities, rows.starts[index]!)
    advantages.fill(sample.advantage, rows.starts[index]!, rows.starts[index]! + sample.tokens.length)
  }
  return tf.tidy(() => {
    if (config.temperature !== 1) {
      // the sampler's figures are those at its temperature; the ratio is of the model's own
      old.set(model.targetLogProbabilities(rows).logProbabilities.dataSync<'float32'>())
    }
    const reference = initial === null ? null : initial.targetLogProbabilities(rows).logProbabilities
    let entropies: Float32Array = new Float32Array()
    let current: Float32Array = new Float32Array()
    const { value, grads } = tf.variableGrads(() => {
      const output = model.targetLogProbabilities(rows)
      entropies = output.entropies.dataSync<'float32'>().slice()
      current = output.logProbabilities.dataSync<'float32'>().slice()
      return surrogateLoss(
        output.logProbabilities,
        {
          old: tf.tensor1d(old),
          advantages: tf.tensor1d(advantages),
          weights: tf.tensor1d(rows.weights),
          reference,
          total,
        },
        config,
      )
    }, [...model.parameters.values()])
    const gradientNorm = optimizer.update(grads, learningRate)
    const referenceValues = reference?.dataSync<'float32'>() ?? null
    const figures = {
      loss: value.dataSync()[0]!,
      gradientNorm,
      entropy: 0,
      clippedLow: 0,
      clippedHigh: 0,
      kl: 0,
      tokens: 0,
    }
    for (let i = 0; i < rows.tokens.length; i++) {
      if (rows.weights[i] === 0) continue
      figures.tokens += 1
      figures.entropy += entropies[i]!
      const ratio = Math.exp(current[i]! - old[i]!)
      if (advantages[i]! < 0 && ratio < 1 - config.clip_low) figures.clippedLow += 1
      if (advantages[i]! > 0 && ratio > 1 + config.clip_high) figures.clippedHigh += 1
      if (referenceValues !== null) {
        const apart = referenceValues[i]! - current[i]!
        figures.kl += Math.exp(apart) - apart - 1
      }
    }
    return figures
  })
}

/** Trains as the job says. Returns 'stopped' where it was asked to leave; the state is saved either way. */
export async function runGrpo(
  job: Job,
  config: GrpoConfig,
  backend: Backend,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  if (job.milestones?.unit === 'epoch') {
    throw new Error(
      `The milestone axis "${job.milestones.axis}" counts epochs; grpo has none: expected an axis of steps, e.g. step: { milestones: [20, 40, 60] }`,
    )
  }
  if (job.init === null)
    report.note('warning', 'There is no init: GRPO starts from untrained weights, which seldom earn any reward')
  const training = openTraining(job, config, backend, report, config.kl_coefficient > 0)
  const { model, reference, optimizer, tokenizer } = training
  const rollOut = prepareRollouts(config, tokenizer)
  return runCourse(
    training,
    {
      steps: job.milestones?.values.at(-1) ?? config.steps,
      milestones: new Set(job.milestones?.values),
      stepsPerEpoch: null,
      step(step, learningRate) {
        const startedAt = performance.now()
        const { samples, zeroVarianceShare } = rollOut(model, step)
        const seconds = (performance.now() - startedAt) / 1000
        for (const { logProbabilities } of samples) {
          const fault = firstNotFinite(logProbabilities)
          if (fault !== null)
            throw notFinite(`The log-probability of a sampled token is ${fault} at step ${step}`, config)
        }
        const shuffled = randomStream(config.seed, 'minibatches', step).shuffle(samples)
        const figures: UpdateFigures[] = []
        for (let part = 0; part < config.minibatches; part++) {
          const from = Math.floor((part * shuffled.length) / config.minibatches)
          const to = Math.floor(((part + 1) * shuffled.length) / config.minibatches)
          const done = update(model, reference, optimizer, tokenizer, config, shuffled.slice(from, to), learningRate)
          if (done !== null) figures.push(done)
          // what follows would be computed from it
          if (done !== null && !Number.isFinite(done.loss + done.gradientNorm)) break
        }
        const tokens = samples.reduce((sum, sample) => sum + sample.tokens.length, 0)
        const reward = mean(samples.map((sample) => sample.reward.total))
        return {
          metrics: {
            ...rolloutMetrics(samples),
            loss: mean(figures.map(({ loss }) => loss)),
            entropy: perToken(figures, 'entropy'),
            ...(reference === null ? {} : { kl: perToken(figures, 'kl') }),
            clip_fraction_low: perToken(figures, 'clippedLow'),
            clip_fraction_high: perToken(figures, 'clippedHigh'),
            zero_variance_groups: zeroVarianceShare,
            gradient_norm: mean(figures.map(({ gradientNorm }) => gradientNorm)),
            generation_tokens_per_second: Math.round(tokens / seconds),
          },
          tokens,
          figure: -reward,
          samples: samples.slice(0, config.reported_samples).map(({ text, reward: { total, parts }, prompt }) => ({
            type: 'sample',
            step,
            prompt: prompt.text,
            response: text,
            reward: total,
            parts,
          })),
        }
      },
    },
    stop,
  )
}

function mean(values: number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A sum over tokens of all updates, a token. */
function perToken(figures: UpdateFigures[], key: 'entropy' | 'clippedLow' | 'clippedHigh' | 'kl'): number {
  const sum = (name: typeof key | 'tokens') => figures.reduce((total, figure) => total + figure[name], 0)
  return sum(key) / Math.max(1, sum('tokens'))
}

/** What the samples say of the model: rewards by part, and how responses end. */
function rolloutMetrics(samples: Sample[]): Record<string, number> {
  const share = (fits: (sample: Sample) => boolean) => mean(samples.map((sample) => (fits(sample) ? 1 : 0)))
  const parts = new Set(samples.flatMap(({ reward }) => Object.keys(reward.parts)))
  return {
    reward: mean(samples.map(({ reward }) => reward.total)),
    ...Object.fromEntries(
      [...parts].map((name) => [`reward/${name}`, mean(samples.map(({ reward }) => reward.parts[name] ?? 0))]),
    ),
    accuracy: share(({ reward }) => reward.outcome === 'correct'),
    unparseable: share(({ reward }) => reward.outcome === 'unparseable'),
    truncated: share(({ finished }) => !finished),
    response_length: mean(samples.map((sample) => sample.tokens.length)),
  }
}
