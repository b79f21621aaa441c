/** A loss that is a sum over items, so that its gradients can be summed over micro-batches, and over workers. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Qwen2 } from '../model/qwen2.ts'
import type { Tokenizer } from '../tokenizer.ts'

/** What a loss is computed with: every worker has one of its own. */
export type Replica = { model: Qwen2; reference: Qwen2 | null; tokenizer: Tokenizer }

/** Sums that are told of a step, `loss` among them, and gradients by the names of the model's trained parameters' variables. */
export type LossPart<Figures> = { figures: Figures; gradients: Record<string, Tensor> }

/** A trainer's loss. Items and context are plain data: they are sent to workers. */
export type Loss<Item, Context, Figures extends Record<string, number>> = {
  of(replica: Replica, items: readonly Item[], context: Context): LossPart<Figures>
  /** Tokens that an item brings along. */
  tokens(item: Item): number
}

/** Adds `more` to `sums` name by name, giving the memory of both back. */
function addGradients(sums: Record<string, Tensor>, more: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => {
      const result = tf.add(sum, more[name]!)
      sum.dispose()
      more[name]!.dispose()
      return [name, result]
    }),
  )
}

/** Sums of figures, name by name. */
export function addFigures<Figures extends Record<string, number>>(sums: Figures, more: Figures): Figures {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum + more[name]!])) as Figures
}

/** The loss of some items, `size` of them at a time; 0 for all at once. */
export function sumOfItems<Item, Context, Figures extends Record<string, number>>(
  replica: Replica,
  loss: Loss<Item, Context, Figures>,
  items: readonly Item[],
  context: Context,
  size: number,
): LossPart<Figures> {
  const each = size === 0 ? items.length : size
  let sum: LossPart<Figures> | null = null
  for (let from = 0; from < items.length; from += each) {
    const part = loss.of(replica, items.slice(from, from + each), context)
    sum =
      sum === null
        ? part
        : {
            figures: addFigures(sum.figures, part.figures),
            gradients: addGradients(sum.gradients, part.gradients),
          }
  }
  if (sum === null) throw new Error('a loss of no items was asked for')
  return sum
}

/** Items in `count` runs of about as many tokens each, in their order. The first has one at least, where there are any; others may be empty. */
export function portions<Item>(items: readonly Item[], tokens: (item: Item) => number, count: number): Item[][] {
  const result = Array.from({ length: count }, (): Item[] => [])
  const total = items.reduce((sum, item) => sum + tokens(item), 0)
  let before = 0
  for (const [index, item] of items.entries()) {
    const own = tokens(item)
    // an item belongs where its middle falls
    const at = index === 0 ? 0 : Math.floor((count * (before + own / 2)) / Math.max(total, 1))
    result[Math.min(at, count - 1)]!.push(item)
    before += own
  }
  return result
}
