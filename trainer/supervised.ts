/**
 * Supervised training: `sft` learns to complete prompts (loss on completions only), `pretrain` learns whole texts.
 *
 * One pass of the loop: take the step's examples from the epoch's order, lay them into rows, average the negative
 * log-probability over the batch's target tokens (a micro-batch at a time where memory asks for it), clip, AdamW. All
 * that is random is derived from the seed and the step, so that a resumed run repeats an uninterrupted one exactly.
 */
import * as tf from '@tensorflow/tfjs'
import type { Scalar } from '@tensorflow/tfjs'
import type { Backend } from './backend.ts'
import type { BestOfNConfig, SupervisedConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'
import { courseOfEpochs } from './epochs.ts'
import { openTraining, runCourse, type StopSignal } from './loop.ts'
import type { Reporter } from './report.ts'
import { type Example, packExamples, trainingExamples } from './tasks/examples.ts'
import { bestExamples } from './tried.ts'
import { gradientsOfBatch } from './workers/batch.ts'
import type { Loss } from './workers/loss.ts'

type ExamplesContext = {
  /** Target tokens of the whole batch. */
  total: number
  packing: boolean
  rowLength: number
  padding: number
  weighPrompts: boolean
}

/** Tokens of an example that are learned. */
function targets({ prompt, completion }: Example, weighPrompts: boolean): number {
  return completion.length + (weighPrompts ? prompt.length - 1 : 0)
}

/** Sum of the examples' weighted negative log-probabilities divided by the batch's total. */
export const lossOfExamples: Loss<Example, ExamplesContext, { loss: number; used: number }> = {
  of({ model }, examples, context) {
    const rows = packExamples(examples, context)
    const { value, grads } = tf.variableGrads(() => {
      const { logProbabilities } = model.targetLogProbabilities(rows)
      return tf.mul(tf.sum(tf.mul(logProbabilities, tf.tensor1d(rows.weights))), -1 / context.total) as Scalar
    }, [...model.trained.values()])
    const loss = value.dataSync()[0]!
    value.dispose()
    return { figures: { loss, used: rows.used }, gradients: grads }
  },
  tokens: ({ prompt, completion }) => prompt.length + completion.length,
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
      async step(step, learningRate) {
        const batch = batchOf(step)
        const total = batch.reduce((sum, example) => sum + targets(example, packing.weighPrompts), 0)
        const { figures, gradients } = await gradientsOfBatch(training, lossOfExamples, batch, { ...packing, total })
        const gradientNorm = optimizer.update(gradients, learningRate)
        tf.dispose(gradients)
        const { loss, used } = figures
        return { metrics: { loss, gradient_norm: gradientNorm }, tokens: used, figure: loss }
      },
    },
    stop,
  )
}
