/** What finalists of a sweep would cost at most and tell, in a sentence, before anything is spent. */
import { slotHours } from '../../../domain/life/slot-hours.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../context.ts'
import { measuredSeconds } from './measured-durations.ts'

/** What its slot hours are called. */
export function hoursUnit(context: Context, definition: Sweep): string {
  const isGpu = executorNameOf(definition, 'training') !== 'local' || context.executors.local.slots.kind === 'gpu'
  return isGpu ? 'GPU hours' : 'CPU slot hours'
}

/** Mean slot hours of a training and of an evaluation by earlier ones of the same program; null where none was measured. */
export function hoursEach(context: Context, definition: Sweep): { training: number | null; evaluation: number | null } {
  const measured = measuredSeconds(context, definition)
  const mean = (seconds: readonly number[], slots: number) =>
    seconds.length === 0 ? null : slotHours((1000 * seconds.reduce((sum, one) => sum + one, 0)) / seconds.length, slots)
  return {
    training: mean(measured.training, definition.train?.gpus ?? 1),
    evaluation: mean(measured.evaluation, definition.evaluate?.gpus ?? 1),
  }
}
