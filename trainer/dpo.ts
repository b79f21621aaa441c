/**
 * Direct preference optimization (Rafailov et al., arXiv 2305.18290) on the shared loop: from pairs of a better and a worse
 * response to a prompt, without samples or rewards of its own. The loss of a pair is a function of
 *
 *     d = (log p(better) - log p(worse)) - (the same under the model that the run started from)
 *
 * `sigmoid`: -log sigmoid(beta d); `hinge`: max(0, 1 - beta d); `ipo` (arXiv 2310.12036): (d - 1 / (2 beta))² with log-probabilities
 * a token. Names are those of TRL's DPOConfig.
 */
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { DpoConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'
import type { Backend } from './backend.ts'
import { courseOfEpochs } from './epochs.ts'
import { openTraining, runCourse, type StopSignal } from './loop.ts'
import type { Reporter } from './report.ts'
import { packExamples } from './tasks/examples.ts'
import { type Pair, preferencePairs } from './tasks/pairs.ts'
import { gradientsOfBatch } from './workers/batch.ts'
import type { Loss } from './workers/loss.ts'

/** Mean loss of the pairs whose differences these are. */
export function preferenceLoss(
  differences: Tensor1D,
  { beta, loss_type: type }: Pick<DpoConfig, 'beta' | 'loss_type'>,
): Scalar {
  if (type === 'ipo') return tf.mean(tf.square(tf.sub(differences, 1 / (2 * beta))))
  const margin = tf.mul(differences, beta)
  if (type === 'hinge') return tf.mean(tf.relu(tf.sub(1, margin)))
  // the logarithm of a softmax over (x, 0): smooth at 0, where every run begins
  const logSigmoids = tf.logSoftmax(tf.stack([margin, tf.zerosLike(margin)], 1))
  return tf.mul(tf.sum(tf.mul(logSigmoids, tf.tensor2d([[1, 0]]))), -1 / differences.size) as Scalar
}

type PairFigures = { loss: number; used: number; chosen: number; rejected: number; right: number }

/** The loss of some pairs of a batch of `total`, and sums of what is told of them. */
export const lossOfPairs: Loss<Pair, { config: DpoConfig; total: number }, PairFigures> = {
  of({ model, reference, tokenizer }, pairs, { config, total }) {
    const rows = packExamples(
      pairs.flatMap(({ prompt, chosen, rejected }) => [
        { prompt, completion: chosen },
        { prompt, completion: rejected },
      ]),
      { packing: config.packing, rowLength: config.row_length, padding: tokenizer.padding },
    )
    const size = rows.tokens.length
    const signs = new Float32Array(pairs.length * size)
    const ends = pairs.flatMap(({ chosen, rejected }) => [chosen.length, rejected.length])
    for (const [index, length] of ends.entries()) {
      const pair = Math.floor(index / 2)
      const share = config.loss_type === 'ipo' ? 1 / length : 1
      const from = pair * size + rows.starts[index]!
      signs.fill(index % 2 === 0 ? share : -share, from, from + length)
    }
    const before = tf.tidy(() => reference!.targetLogProbabilities(rows).logProbabilities.clone())
    const places = tf.tensor2d(signs, [pairs.length, size])
    let apart: Float32Array = new Float32Array()
    const { value, grads } = tf.variableGrads(() => {
      const difference = tf.sub(model.targetLogProbabilities(rows).logProbabilities, before) as Tensor1D
      apart = difference.dataSync<'float32'>().slice()
      const differences = tf.reshape(tf.matMul(places as Tensor2D, tf.reshape(difference, [-1, 1])), [-1]) as Tensor1D
      return tf.mul(preferenceLoss(differences, config), pairs.length / total) as Scalar
    }, [...model.trained.values()])
    const figures = { loss: value.dataSync()[0]!, used: rows.used, chosen: 0, rejected: 0, right: 0 }
    tf.dispose([before, places, value])
    for (const index of pairs.keys()) {
      const [better, worse] = [0, 1].map((side) => {
        const from = rows.starts[2 * index + side]!
        return config.beta * apart.subarray(from, from + ends[2 * index + side]!).reduce((sum, one) => sum + one, 0)
      }) as [number, number]
      figures.chosen += better
      figures.rejected += worse
      if (better > worse) figures.right += 1
    }
    return { figures, gradients: grads }
  },
  tokens: ({ prompt, chosen, rejected }) => 2 * prompt.length + chosen.length + rejected.length,
}

/** Trains as the job says. Returns 'stopped' where it was asked to leave; the state is saved either way. */
export async function runDpo(
  job: Job,
  config: DpoConfig,
  backend: Backend,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  if (job.init === null)
    report.note('warning', 'There is no init: DPO starts from untrained weights, which prefer nothing that makes sense')
  const training = openTraining(job, config, backend, report, true)
  const { model, optimizer, tokenizer } = training
  const pairs = preferencePairs(config, tokenizer, model.config.maximumLength)
  const { batchOf, ...course } = courseOfEpochs(job, config, pairs)
  report.note(
    'info',
    `${model.parameterCount} parameters, ${pairs.length} pairs, ${course.stepsPerEpoch} steps an epoch, ${course.steps} steps`,
  )
  return runCourse(
    training,
    {
      ...course,
      async step(step, learningRate) {
        const batch = batchOf(step)
        const context = { config, total: batch.length }
        const { figures: sums, gradients } = await gradientsOfBatch(training, lossOfPairs, batch, context)
        const gradientNorm = optimizer.update(gradients, learningRate)
        tf.dispose(gradients)
        return {
          metrics: {
            loss: sums.loss,
            'rewards/chosen': sums.chosen / batch.length,
            'rewards/rejected': sums.rejected / batch.length,
            'rewards/margins': (sums.chosen - sums.rejected) / batch.length,
            'rewards/accuracies': sums.right / batch.length,
            gradient_norm: gradientNorm,
          },
          tokens: sums.used,
          figure: sums.loss,
        }
      },
    },
    stop,
  )
}
