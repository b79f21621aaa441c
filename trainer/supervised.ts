/**
 * Supervised training: `sft` learns to complete prompts (loss on completions only), `pretrain` learns whole texts.
 *
 * One pass of the loop: take the step's examples from the epoch's order, lay them into rows, average the negative
 * log-probability over the batch's target tokens (a micro-batch at a time where memory asks for it), clip, AdamW. All
 * that is random is derived from the seed and the step, so that a resumed run repeats an uninterrupted one exactly.
 */
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { Backend } from './backend.ts'
import type { BestOfNConfig, SupervisedConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'
import { courseOfEpochs } from './epochs.ts'
import { openTraining, runCourse, type StopSignal } from './loop.ts'
import type { Qwen2 } from './model/qwen2.ts'
import type { Reporter } from './report.ts'
import { type Example, packExamples, trainingExamples } from './tasks/examples.ts'
import { bestExamples } from './tried.ts'

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
  }, [...model.trained.values()])
  const loss = value.dataSync()[0]!
  value.dispose()
  return { loss, gradients: grads, used: rows.used }
}

/** Adds `more` to `sums` name by name, giving the memory of both back. */
export function addGradients(
  sums: Record<string, Tensor> | null,
  more: Record<string, Tensor>,
): Record<string, Tensor> {
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
  config: SupervisedConfig | BestOfNConfig,
  backend: Backend,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  const training = openTraining(job, config, backend, report, false)
  const { model, optimizer, tokenizer } = training
  if (job.init === null && config.trainer === 'best_of_n')
    report.note('warning', 'There is no init: untrained weights seldom answer anything right')
  const examples =
    config.trainer === 'best_of_n'
      ? await bestExamples(training, config, stop)
      : trainingExamples(config, tokenizer, model.config.maximumLength)
  if (examples === null) return 'stopped'
  const { batchOf, ...course } = courseOfEpochs(job, config, examples)
  const packing = {
    packing: config.packing,
    rowLength: config.row_length,
    padding: tokenizer.padding,
    weighPrompts: config.trainer === 'pretrain',
  }
  report.note(
    'info',
    `${model.parameterCount} parameters, ${examples.length} examples, ${course.stepsPerEpoch} steps an epoch, ${course.steps} steps`,
  )

  return runCourse(
    training,
    {
      ...course,
      step(step, learningRate) {
        const batch = batchOf(step)
        const total = batch.reduce(
          (sum, { prompt, completion }) => sum + completion.length + (packing.weighPrompts ? prompt.length - 1 : 0),
          0,
        )
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
        return { metrics: { loss, gradient_norm: gradientNorm }, tokens: used, figure: loss }
      },
    },
    stop,
  )
}
