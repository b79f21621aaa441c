import { isSweepFinished } from '../../../domain/life/run-status.ts'
import type { Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { resumeSweep } from '../sweeps/change-sweep.ts'
import { retrySweep } from '../sweeps/retry-sweep.ts'

/** Sweeps whose points are being put back in the queue: a large one stands as it ended until the last of them is. */
const underWay = new WeakMap<Context, Set<number>>()

/** Whether the sweep is about to go on although its status does not say so yet. */
export function isBeingRetried(context: Context, sweepId: number): boolean {
  return underWay.get(context)?.has(sweepId) ?? false
}

/** Puts what failed or was cancelled of a stage's sweep back in the queue, and lets it go on where it is paused. */
export async function retryStage(context: Context, sweepId: number): Promise<void> {
  const { status, deletedAt } = requireSweep(context, sweepId)
  if (deletedAt !== null || status === 'done' || !(isSweepFinished(status) || status === 'paused')) return
  const known = underWay.get(context) ?? new Set<number>()
  underWay.set(context, known)
  known.add(sweepId)
  try {
    await retrySweep(context, sweepId)
    // a sweep that is paused with nothing failed has nothing to retry
    if (requireSweep(context, sweepId).status === 'paused') resumeSweep(context, sweepId)
  } finally {
    known.delete(sweepId)
  }
}
