/**
 * GRPO: learning from verifiable rewards (Shao et al., arXiv 2402.03300), with DAPO's options (arXiv 2503.14476).
 *
 * One step: answer each of `prompts_per_step` prompts `samples_per_prompt` times; reward every answer; a sample's
 * advantage is its reward minus its group's mean, over the group's deviation, the same for all its tokens. Then
 * `minibatches` updates, `iterations` times over, on the clipped surrogate (surrogate.ts), by default over all tokens of the minibatch alike and
 * without a KL term, as in the published study.
 * Probabilities are those at the temperature of the rollout, old ones as they were when the token was drawn. Samples whose
 * advantage is 0 are not run through the model where they give no gradient, but they count in the average.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor2D } from '@tensorflow/tfjs'
import type { Job, SampleEvent } from '../contract/trainer.ts'
import type { Backend } from './backend.ts'
import type { GrpoConfig } from '../contract/trainer-settings.ts'
import { spread } from './advantages.ts'
import { firstNotFinite, notFinite } from './finite.ts'
import { openTraining, runCourse, type StopSignal, type Training } from './loop.ts'
import type { Reporter } from './report.ts'
import { randomStream } from './rng.ts'
import { preparePrompts } from './prompts.ts'
import { rollOut, rolloutMetrics, type Sample } from './rollout.ts'
import { klEstimate, meanEntropy, ratiosOf, surrogateLoss, tokenShares } from './surrogate.ts'
import { promptsByPassRate } from './tried.ts'
import { type PackedRows, packExamples } from './tasks/examples.ts'
import { gradientsOfBatch } from './workers/batch.ts'
import type { Loss } from './workers/loss.ts'

type UpdateFigures = {
  loss: number
  gradientNorm: number
  /** Sums over the tokens that were run through the model, and how many there were. */
  entropy: number
  clippedLow: number
  clippedHigh: number
  kl: number
  tokens: number
}

const nothingYet: UpdateFigures = {
  loss: 0,
  gradientNorm: 0,
  entropy: 0,
  clippedLow: 0,
  clippedHigh: 0,
  kl: 0,
  tokens: 0,
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

/** Tokens of a sample that count in the loss. */
function countedTokens({ tokens, finished }: Sample, config: GrpoConfig): number {
  return config.mask_truncated_completions && !finished ? 0 : tokens.length
}

/** A sample and the share of each of its tokens in the loss. */
type Weighted = { sample: Sample; share: number }

/** Samples as rows: log-probabilities when drawn, advantages, what counts and how much. */
function layOut(used: readonly Weighted[], rows: PackedRows, config: GrpoConfig) {
  const size = rows.tokens.length
  const laid = {
    old: new Float32Array(size),
    advantages: new Float32Array(size),
    weights: new Float32Array(size),
    shares: new Float32Array(size),
    /** By sample, for ratios of whole samples. */
    samples: config.importance_sampling_level === 'sequence' ? new Float32Array(used.length * size) : null,
  }
  for (const [index, { sample, share }] of used.entries()) {
    const from = rows.starts[index]!
    const to = from + sample.tokens.length
    if (countedTokens(sample, config) === 0) continue
    laid.old.set(sample.logProbabilities, from)
    laid.advantages.fill(sample.advantage, from, to)
    laid.weights.fill(1, from, to)
    laid.shares.fill(share, from, to)
    laid.samples?.fill(1 / sample.tokens.length, index * size + from, index * size + to)
  }
  return laid
}

/** The loss of some samples of a minibatch that has `counted` tokens, and sums of what is told of them. */
export const lossOfSamples: Loss<Weighted, { config: GrpoConfig; counted: number }, UpdateFigures> = {
  of({ model, reference, tokenizer }, used, { config, counted }) {
    const rows = packExamples(
      used.map(({ sample: { prompt, tokens } }) => ({ prompt: prompt.tokens, completion: tokens })),
      { packing: true, rowLength: 64, padding: tokenizer.padding },
    )
    const laid = layOut(used, rows, config)
    const { temperature } = config
    const ofAll = sumOf(used.map(({ sample }) => countedTokens(sample, config))) / Math.max(1, counted)
    return tf.tidy(() => {
      const given = {
        old: tf.tensor1d(laid.old),
        advantages: tf.tensor1d(laid.advantages),
        weights: tf.tensor1d(laid.weights),
        shares: tf.tensor1d(laid.shares),
        reference: reference?.targetLogProbabilities(rows, { temperature }).logProbabilities ?? null,
        samples:
          laid.samples === null ? null : (tf.tensor(laid.samples, [used.length, rows.tokens.length]) as Tensor2D),
      }
      let seen: { entropies: Float32Array; ratios: Float32Array; kl: Float32Array | null } | undefined
      const { value, grads } = tf.variableGrads(() => {
        const { logProbabilities, entropies } = model.targetLogProbabilities(rows, {
          temperature,
          entropyGradient: config.entropy_coefficient > 0,
        })
        seen = {
          entropies: entropies.dataSync<'float32'>().slice(),
          ratios: ratiosOf(logProbabilities, given).dataSync<'float32'>().slice(),
          kl: given.reference && klEstimate(logProbabilities, given.reference).dataSync<'float32'>().slice(),
        }
        const loss = surrogateLoss(logProbabilities, given, config)
        if (config.entropy_coefficient === 0) return loss
        return tf.sub(loss, tf.mul(meanEntropy(entropies, given.weights), config.entropy_coefficient * ofAll))
      }, [...model.trained.values()])
      const figures = { ...nothingYet, loss: value.dataSync()[0]! }
      for (let i = 0; i < rows.tokens.length; i++) {
        if (laid.weights[i] === 0) continue
        const ratio = seen!.ratios[i]!
        figures.tokens += 1
        figures.entropy += seen!.entropies[i]!
        if (laid.advantages[i]! < 0 && ratio < 1 - config.clip_low) figures.clippedLow += 1
        if (laid.advantages[i]! > 0 && ratio > 1 + config.clip_high) figures.clippedHigh += 1
        figures.kl += seen!.kl?.[i] ?? 0
      }
      return { figures, gradients: grads }
    })
  },
  tokens: ({ sample: { prompt, tokens } }) => prompt.tokens.length + tokens.length,
}

/**
 * One update from one minibatch. Returns null where no sample of it gives a gradient.
 * @param usual counted tokens of the rollout, a minibatch
 */
async function update(
  training: Training,
  config: GrpoConfig,
  samples: Sample[],
  usual: number,
  learningRate: number,
): Promise<UpdateFigures | null> {
  const needsAll = config.kl_coefficient > 0 || config.entropy_coefficient > 0
  const counted = samples.map((sample) => countedTokens(sample, config))
  const shares = tokenShares(config.loss_type, counted, config.maximum_new_tokens, usual)
  const weighted = samples.map((sample, index): Weighted => ({ sample, share: shares[index]! }))
  const used = needsAll ? weighted : weighted.filter(({ sample }) => sample.advantage !== 0)
  if (used.length === 0) return null
  const { figures: sums, gradients } = await gradientsOfBatch(training, lossOfSamples, used, {
    config,
    counted: sumOf(counted),
  })
  sums.gradientNorm = training.optimizer.update(gradients, learningRate)
  tf.dispose(gradients)
  return sums
}

/** What a step's updates were; nothing where no sample gave a gradient. */
function updateMetrics(figures: UpdateFigures[], hasReference: boolean): Record<string, number> {
  if (figures.length === 0) return {}
  const mean = (key: keyof UpdateFigures) => figures.reduce((sum, figure) => sum + figure[key], 0) / figures.length
  const perToken = (key: keyof UpdateFigures) => mean(key) / Math.max(1 / figures.length, mean('tokens'))
  return {
    loss: mean('loss'),
    entropy: perToken('entropy'),
    ...(hasReference && { kl: perToken('kl') }),
    clip_fraction_low: perToken('clippedLow'),
    clip_fraction_high: perToken('clippedHigh'),
    gradient_norm: mean('gradientNorm'),
  }
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
  const { model, reference, tokenizer } = training
  const chosen = config.pass_rate === undefined ? null : await promptsByPassRate(training, config, stop)
  if (chosen === null && config.pass_rate !== undefined) return 'stopped'
  const prompts = preparePrompts(config, tokenizer, model.config.maximumLength, chosen)
  let toldOfFewer = false
  const tellOfFewer = (step: number, kept: number, drawn: number) => {
    if (toldOfFewer || kept === config.prompts_per_step) return
    toldOfFewer = true
    report.note(
      'warning',
      `Step ${step} learns from ${kept} groups of the ${config.prompts_per_step} asked for: rewards differ in no more of the ${drawn} drawn. ` +
        'Later steps like it are told by groups_kept alone.',
    )
  }
  return runCourse(
    training,
    {
      steps: job.milestones?.values.at(-1) ?? config.steps,
      milestones: new Set(job.milestones?.values),
      stepsPerEpoch: null,
      async step(step, learningRate, place) {
        const startedAt = performance.now()
        const rollout = await rollOut(training, config, prompts, step, place)
        const seconds = (performance.now() - startedAt) / 1000
        const drawn = rollout.drawn.flat()
        for (const { logProbabilities } of drawn) {
          const fault = firstNotFinite(logProbabilities)
          if (fault !== null)
            throw notFinite(`The log-probability of a sampled token is ${fault} at step ${step}`, config)
        }
        tellOfFewer(step, rollout.kept.length, rollout.drawn.length)
        const samples = rollout.kept.flat()
        const shuffled = randomStream(config.seed, 'minibatches', step).shuffle(samples)
        const usual = sumOf(samples.map((sample) => countedTokens(sample, config))) / config.minibatches
        const figures: UpdateFigures[] = []
        // the same minibatches in each iteration; old probabilities stay those of the rollout
        for (let at = 0; at < config.minibatches * config.iterations; at++) {
          const part = at % config.minibatches
          const from = Math.floor((part * shuffled.length) / config.minibatches)
          const to = Math.floor(((part + 1) * shuffled.length) / config.minibatches)
          const done = await update(training, config, shuffled.slice(from, to), usual, learningRate)
          if (done !== null) figures.push(done)
          // what follows would be computed from it
          if (done !== null && !Number.isFinite(done.loss + done.gradientNorm)) break
        }
        const generated = drawn.reduce((sum, { tokens }) => sum + tokens.length, 0)
        const metrics = rolloutMetrics(rollout, config.dynamic_sampling)
        return {
          metrics: {
            ...metrics,
            ...updateMetrics(figures, reference !== null),
            ...(prompts.perPass !== null && { epoch: (place + rollout.drawn.length) / prompts.perPass }),
            generation_tokens_per_second: Math.round(generated / seconds),
          },
          tokens: samples.reduce((sum, { tokens }) => sum + tokens.length, 0),
          prompts: rollout.drawn.length,
          figure: -metrics.reward!,
          samples: reportedSamples(rollout.drawn, step, config),
        }
      },
    },
    stop,
  )
}

/** A step's first groups whole, or its first samples where those are asked for. */
function reportedSamples(drawn: Sample[][], step: number, config: GrpoConfig): SampleEvent[] {
  const events = drawn.slice(0, config.reported_samples ?? config.reported_groups).flatMap((group) => {
    const of = { samples: group.length, ...spread(group.map(({ reward }) => reward.total)) }
    return group.map(({ text, reward: { total, parts }, prompt, advantage }): SampleEvent => ({
      type: 'sample',
      step,
      prompt: prompt.text,
      response: text,
      reward: total,
      parts,
      advantage,
      group: of,
      answer: prompt.answer,
    }))
  })
  return config.reported_samples === undefined ? events : events.slice(0, config.reported_samples)
}
