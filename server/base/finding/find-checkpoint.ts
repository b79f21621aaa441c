import { findCheckpoint, type CheckpointRow } from '../../../db/queries/checkpoints.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../context.ts'

/** The checkpoint of that number. Throws `not-found` when there is none. */
export function requireCheckpoint(context: Context, id: number): CheckpointRow {
  const checkpoint = findCheckpoint(context.database, id)
  if (!checkpoint) throw new SweepboardError('not-found', `There is no checkpoint ${id}.`)
  return checkpoint
}

/** How a sentence names a checkpoint: `step 120`, `epoch 3`, else `checkpoint`. */
export function checkpointName({ step, epoch }: Pick<CheckpointRow, 'step' | 'epoch'>): string {
  if (step !== null) return `step ${step.toLocaleString('en-US')}`
  return epoch === null ? 'checkpoint' : `epoch ${epoch}`
}
