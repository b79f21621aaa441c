/** The gradients of a batch, by this thread alone or by workers beside it, summed in the workers' order. */
import type { TrainerConfig } from '../../contract/trainer-settings.ts'
import { addFigures, type Loss, type LossPart, portions, type Replica, sumOfItems } from './loss.ts'
import { addTo } from './values.ts'
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
): Promise<LossPart<Figures>> {
  const { workers, model } = replica
  const { trainer, micro_batch_size: size } = replica.config
  if (workers === null) return sumOfItems(replica, loss, items, context, size)
  const [own = [], ...others] = portions(items, loss.tokens, workers.count)
  const answers = workers.ask<'gradients'>(
    others.map((part) => (part.length === 0 ? null : { kind: 'gradients', trainer, items: part, context, size })),
  )
  const sum = sumOfItems(replica, loss, own, context, size)
  for (const [thread, figures] of (await answers).entries()) {
    if (figures === null) continue
    sum.figures = addFigures(sum.figures, figures as Figures)
    for (const [name, values] of workers.gradients(thread)) {
      const { name: key } = model.trained.get(name)!
      sum.gradients[key] = addTo(model, sum.gradients[key]!, values)
    }
  }
  return sum
}
