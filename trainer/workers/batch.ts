/** The gradients of a batch, by this thread alone or by workers beside it, summed in the workers' order. */
import * as tf from '@tensorflow/tfjs'
import type { TrainerConfig } from '../../contract/trainer-settings.ts'
import { addParts, type Loss, type Part, portions, type Replica, sumOfItems } from './loss.ts'
import type { Workers } from './workers.ts'

/**
 * The loss of a batch and its gradients. Each worker takes a run of the items; what the sums are, to the last bit, depends on the items and
 * the number of workers.
 * @throws where a worker ended
 */
export async function gradientsOfBatch<Item, Context, Figures extends Record<string, number>>(
  replica: Replica & { workers: Workers | null; config: TrainerConfig },
  loss: Loss<Item, Context, Figures>,
  items: readonly Item[],
  context: Context,
): Promise<Part<Figures>> {
  const { workers, model } = replica
  const { trainer, micro_batch_size: size } = replica.config
  if (workers === null) return sumOfItems(replica, loss, items, context, size)
  const [own = [], ...others] = portions(items, loss.tokens, workers.count)
  const answers = workers.ask<'gradients'>(
    others.map((part) => (part.length === 0 ? null : { kind: 'gradients', trainer, items: part, context, size })),
  )
  let sum = own.length === 0 ? null : sumOfItems(replica, loss, own, context, size)
  for (const [thread, figures] of (await answers).entries()) {
    if (figures === null) continue
    const laid = workers.gradients(thread)
    const gradients = Object.fromEntries(
      [...model.trained].map(([name, variable]) => [variable.name, tf.tensor(laid.get(name)!, variable.shape)]),
    )
    sum = addParts(sum, { figures: figures as Figures, gradients })
  }
  if (sum === null) throw new Error('a loss of no items was asked for')
  return sum
}
