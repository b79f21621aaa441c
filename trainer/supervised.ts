/**
 * Supervised training: `sft` learns to complete prompts (loss on completions only), `pretrain` learns whole texts.
 *
 * One pass of the loop: take the step's examples from the epoch's order, lay them into rows, average the negative
 * log-probability over the batch's target tokens (a micro-batch at a time where memory asks for it), clip, AdamW. All
 * that is random is derived from the seed and the step, so that a resumed run repeats an uninterrupted one exactly.
 */
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs'
import type { Backend } from './backend.ts'
import { CheckpointKeeper } from './checkpoint-keeper.ts'
import { readCheckpoint, readModel } from './checkpoint.ts'
import type { SupervisedConfig, TrainerConfig } from './config.ts'
import type { Job } from './contract.ts'
import { defaultFeedForward, type ModelConfig } from './model/config.ts'
import { initialWeights, Qwen2 } from './model/qwen2.ts'
import { AdamW, learningRateAt } from './optimizer.ts'
import type { Reporter } from './report.ts'
import { randomStream } from './rng.ts'
import { type Example, packExamples, trainingExamples } from './tasks/examples.ts'
import { arithmeticTokenizer, type Tokenizer } from './tokenizer.ts'

/** Tells a loop that it was asked to leave. */
export type StopSignal = { requested: boolean }

/** The shape of a new model. */
export function newModelConfig(config: TrainerConfig, tokenizer: Tokenizer): ModelConfig {
  return {
    vocabulary: tokenizer.vocabulary,
    width: config.width,
    layers: config.layers,
    heads: config.heads,
    keyValueHeads: config.key_value_heads ?? config.heads,
    headWidth: config.width / config.heads,
    feedForward: config.feed_forward ?? defaultFeedForward(config.width),
    ropeBase: config.rope_base,
    normEpsilon: 1e-6,
    tieEmbeddings: config.tie_embeddings,
    maximumLength: 1024,
  }
}

/** Sum of the rows' weighted negative log-probabilities divided by `total`, and its gradients by variable name. */
export function lossAndGradients(
  model: Qwen2,
  examples: readonly Example[],
  total: number,
  options: { packing: boolean; rowLength: number; padding: number; weighPrompts: boolean },
): { loss: number; gradients: Record<string, Tensor>; used: number } {
  const rows = packExamples(examples, options)
  const { value, grads } = tf.variableGrads(() => {
    const { logProbabilities } = model.targetLogProbabilities(rows)
    return tf.mul(tf.sum(tf.mul(logProbabilities, tf.tensor1d(rows.weights))), -1 / total) as Scalar
  }, [...model.parameters.values()])
  const loss = value.dataSync()[0]!
  value.dispose()
  return { loss, gradients: grads, used: rows.used }
}

/** Adds `more` to `sums` name by name, giving the memory of both back. */
function addGradients(sums: Record<string, Tensor> | null, more: Record<string, Tensor>): Record<string, Tensor> {
  if (sums === null) return more
  return Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => {
      const result = tf.add(sum, more[name]!)
      sum.dispose()
      more[name]!.dispose()
      return [name, result]
    }),
  )
}

/** Trains as the job says. Returns 'stopped' where it was asked to leave; the state is saved either way. */
export async function runSupervised(
  job: Job,
  config: SupervisedConfig,
  backend: Backend,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  const resumed = job.resume === null ? null : readCheckpoint(job.resume)
  const initial = resumed ?? (job.init === null ? null : readModel(job.init))
  const tokenizer = initial?.tokenizer ?? arithmeticTokenizer()
  const shape = initial?.config ?? newModelConfig(config, tokenizer)
  const model = new Qwen2(shape, initial?.weights ?? initialWeights(shape, config.seed), backend)
  const optimizer = new AdamW(
    model.parameters as Map<string, Variable>,
    {
      beta1: config.beta1,
      beta2: config.beta2,
      epsilon: config.adam_epsilon,
      weightDecay: config.weight_decay,
      gradientClip: config.gradient_clip,
    },
    backend.kernels,
    resumed === null ? undefined : { updates: resumed.state.updates, moments: resumed.moments },
  )
  const examples = trainingExamples(config, tokenizer)
  const stepsPerEpoch = Math.ceil(examples.length / config.batch_size)
  const lastMilestone = job.milestones?.values.at(-1)
  const epochs = job.milestones?.unit === 'epoch' ? lastMilestone! : config.epochs
  const steps = job.milestones?.unit === 'step' ? lastMilestone! : (config.steps ?? Math.ceil(epochs * stepsPerEpoch))
  const milestones = new Set(
    job.milestones?.values.map((value) =>
      job.milestones!.unit === 'epoch' ? Math.ceil(value * stepsPerEpoch) : value,
    ),
  )
  const packing = {
    packing: config.packing,
    rowLength: config.row_length,
    padding: tokenizer.padding,
    weighPrompts: config.trainer === 'pretrain',
  }
  const keeper = new CheckpointKeeper(path.join(job.runFolder, 'checkpoints'), report, {
    last: config.keep_last,
    best: config.keep_best,
  })
  const save = (step: number, milestone: boolean) =>
    keeper.save({
      model,
      optimizer,
      tokenizer,
      milestone,
      state: {
        trainer: config.trainer,
        step,
        epoch: step / stepsPerEpoch,
        updates: optimizer.updates,
        tokens: tokensSeen,
        config,
      },
    })
  report.note(
    'info',
    `${model.parameterCount} parameters, ${examples.length} examples, ${stepsPerEpoch} steps an epoch, ${steps} steps`,
  )

  let order: Example[] = []
  let orderOfEpoch = -1
  let tokensSeen = resumed?.state.tokens ?? 0
  const firstStep = resumed?.state.step ?? 0
  for (let step = firstStep + 1; step <= steps; step++) {
    const startedAt = performance.now()
    const epoch = Math.floor((step - 1) / stepsPerEpoch)
    if (epoch !== orderOfEpoch) {
      order = randomStream(config.seed, 'order', epoch).shuffle(examples)
      orderOfEpoch = epoch
    }
    const first = ((step - 1) % stepsPerEpoch) * config.batch_size
    const batch = order.slice(first, first + config.batch_size)
    const total = batch.reduce(
      (sum, { prompt, completion }) => sum + completion.length + (packing.weighPrompts ? prompt.length - 1 : 0),
      0,
    )
    const learningRate = learningRateAt(step, steps, {
      learningRate: config.learning_rate,
      warmUpSteps: config.warm_up_steps,
      minimumRatio: config.minimum_learning_rate_ratio,
      schedule: config.schedule,
    })
    const size = config.micro_batch_size === 0 ? batch.length : config.micro_batch_size
    let loss = 0
    let used = 0
    let gradients: Record<string, Tensor> | null = null
    for (let from = 0; from < batch.length; from += size) {
      const part = lossAndGradients(model, batch.slice(from, from + size), total, packing)
      loss += part.loss
      used += part.used
      gradients = addGradients(gradients, part.gradients)
    }
    const gradientNorm = optimizer.update(gradients!, learningRate)
    tf.dispose(gradients!)
    tokensSeen += used
    const seconds = (performance.now() - startedAt) / 1000
    report.metrics(step, {
      loss,
      learning_rate: learningRate,
      gradient_norm: gradientNorm,
      tokens_per_second: Math.round(used / seconds),
      tokens: tokensSeen,
      epoch: step / stepsPerEpoch,
    })
    keeper.observe(loss)
    if (!Number.isFinite(loss))
      throw new Error(
        `The loss is ${loss} at step ${step}; a lower learning_rate than ${config.learning_rate} may help`,
      )
    if (step % 10 === 0 || step === steps) report.event({ type: 'progress', done: step, total: steps })
    const atMilestone = milestones.has(step) || step === steps
    const inBetween = config.checkpoint_every_steps > 0 && step % config.checkpoint_every_steps === 0
    // signals are handled between steps
    await setImmediate()
    if (atMilestone || inBetween || stop.requested) save(step, atMilestone)
    if (stop.requested && step < steps) return 'stopped'
  }
  if (firstStep >= steps) save(firstStep, true)
  return 'done'
}
