/** What a person does with a sweep once it exists. Each is one conditional change; a lost race is a `conflict`. */
import { transaction } from '../../../db/client.ts'
import { moveSweepJobs } from '../../../db/queries/jobs.ts'
import { listOpenRepeats } from '../../../db/queries/repeat-evaluations.ts'
import { moveSweepPoints } from '../../../db/queries/points.ts'
import { moveSweep, updateSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { notify, type Context } from '../../base/context.ts'
import { explainUnmeasured } from '../baselines/explain-unmeasured.ts'
import { cancelJobs } from '../runs/cancel-jobs.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { settleSweep } from './settle-sweep.ts'

/** Starts nothing new; what runs goes on to its end. */
export function pauseSweep(context: Context, id: number, reason = 'Paused by you.'): void {
  const sweep = requireSweep(context, id)
  if (!moveSweep(context.database, id, ['waiting', 'running'], { status: 'paused', pauseReason: reason })) {
    throw new SweepboardError(
      'conflict',
      `${sweep.name} is ${sweep.status}; only a waiting or running sweep can be paused.`,
    )
  }
  notify(context, id)
}

/** Lets a paused sweep go on. */
export function resumeSweep(context: Context, id: number): void {
  const sweep = requireSweep(context, id)
  const values = {
    status: sweep.startedAt === null ? ('waiting' as const) : ('running' as const),
    pauseReason: null,
    breakerResetAt: Date.now(),
  }
  if (!moveSweep(context.database, id, ['paused'], values)) {
    throw new SweepboardError('conflict', `${sweep.name} is ${sweep.status}; only a paused sweep can go on.`)
  }
  settleSweep(context, id)
  notify(context, id)
  context.signals.emit('work')
}

/** Takes waiting jobs out of the queue and asks live ones to stop; what is scored stays. */
export function cancelSweep(context: Context, id: number): void {
  const { database } = context
  const sweep = requireSweep(context, id)
  transaction(database, () => {
    if (
      !moveSweep(database, id, ['waiting', 'running', 'paused'], {
        status: 'cancelled',
        pauseReason: null,
        finishedAt: Date.now(),
      })
    ) {
      throw new SweepboardError('conflict', `${sweep.name} is ${sweep.status}; it cannot be cancelled.`)
    }
    const now = Date.now()
    moveSweepJobs(database, id, ['waiting'], { status: 'cancelled', finishedAt: now, error: 'Cancelled.' })
    moveSweepJobs(database, id, ['starting', 'running'], { stopReason: 'cancel', stopRequestedAt: now })
    moveSweepPoints(database, id, ['waiting', 'training', 'evaluating'], { status: 'cancelled', error: 'Cancelled.' })
    explainUnmeasured(context, id)
  })
  notify(context, id)
  context.signals.emit('work')
}

/** Writes what a person says of a sweep, in Markdown. */
export function noteSweep(context: Context, { id, note }: { id: number; note: string }): void {
  requireSweep(context, id)
  updateSweep(context.database, id, { note: note.trim() })
  notify(context, id)
}

/** Hides a sweep; what is live of it is cancelled. Undone by `restoreSweep`. */
export function removeSweep(context: Context, id: number): void {
  const sweep = requireSweep(context, id)
  if (!isSweepFinished(sweep.status)) cancelSweep(context, id)
  cancelJobs(context, listOpenRepeats(context.database, id))
  updateSweep(context.database, id, { deletedAt: Date.now() })
  notify(context, id)
}

/** Brings a removed sweep back as it was. */
export function restoreSweep(context: Context, id: number): void {
  requireSweep(context, id)
  updateSweep(context.database, id, { deletedAt: null })
  notify(context, id)
}
