/** Steps of a training that goes through its examples in passes, shuffled anew for each. */
import type { Job } from '../contract/trainer.ts'
import type { Course } from './loop.ts'
import { randomStream } from './rng.ts'

type EpochSettings = { seed: number; batch_size: number; epochs: number; steps?: number | undefined }

/** How long it is, where it is saved, and the examples of each step: by the seed and the step alone. */
export function courseOfEpochs<Item>(
  job: Job,
  config: EpochSettings,
  items: readonly Item[],
): Omit<Course, 'step'> & { stepsPerEpoch: number; batchOf: (step: number) => Item[] } {
  const stepsPerEpoch = Math.ceil(items.length / config.batch_size)
  const inEpochs = job.milestones?.unit === 'epoch'
  const last = job.milestones?.values.at(-1)
  const epochs = inEpochs ? last! : config.epochs
  const steps = job.milestones?.unit === 'step' ? last! : (config.steps ?? Math.ceil(epochs * stepsPerEpoch))
  const milestones = new Set(
    job.milestones?.values.map((value) => (inEpochs ? Math.ceil(value * stepsPerEpoch) : value)),
  )
  let order: Item[] = []
  let orderOfEpoch = -1
  return {
    steps,
    milestones,
    stepsPerEpoch,
    batchOf(step) {
      const epoch = Math.floor((step - 1) / stepsPerEpoch)
      if (epoch !== orderOfEpoch) {
        order = randomStream(config.seed, 'order', epoch).shuffle(items)
        orderOfEpoch = epoch
      }
      const first = ((step - 1) % stepsPerEpoch) * config.batch_size
      return order.slice(first, first + config.batch_size)
    },
  }
}
