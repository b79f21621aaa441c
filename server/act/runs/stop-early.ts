/** A training is given up before its end, held until it is judged, or let go on. Call each in a transaction. */
import { moveJob, updateJob } from '../../../db/queries/jobs.ts'
import { moveUncheckpointedPoints } from '../../../db/queries/points.ts'
import type { Context } from '../../base/context.ts'

/**
 * A run that waits is over at once, a live one when its process has ended; what it has measured stays. Gives whether anything
 * changed: one that was asked to already is not asked twice.
 */
export function stopEarly({ database }: Context, runId: number, reason: string, now = Date.now()): boolean {
  const error = `Stopped early: ${reason}`
  if (moveJob(database, runId, ['waiting'], { status: 'stopped', held: null, error, finishedAt: now })) {
    moveUncheckpointedPoints(database, runId, ['waiting', 'training'], { status: 'stopped', error })
    return true
  }
  return moveJob(database, runId, ['starting', 'running'], {
    stopReason: 'early',
    stopRequestedAt: now,
    held: null,
    error,
  })
}

/** Asks a live run to save and leave; it waits at the rung until it is judged. */
export function holdRun({ database }: Context, runId: number, rung: number, sentence: string): void {
  const values = { stopReason: 'hold', stopRequestedAt: Date.now(), held: rung, error: sentence } as const
  moveJob(database, runId, ['starting', 'running'], values)
}

/** A run that was held may go on from where it is. */
export function releaseHeld({ database }: Context, runId: number): void {
  updateJob(database, runId, { held: null, error: null, readyAt: Date.now() })
}
