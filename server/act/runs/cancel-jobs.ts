import { moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import type { Context } from '../../base/context.ts'

/** Takes waiting jobs out of the queue and asks live ones to stop; those that have ended stay. Gives how many it concerned. */
export function cancelJobs(context: Context, jobs: JobRow[]): number {
  const now = Date.now()
  return jobs.filter((job) => {
    const values = { status: 'cancelled' as const, finishedAt: now, error: 'Cancelled.' }
    if (moveJob(context.database, job.id, ['waiting'], values)) return true
    const stop = { stopReason: 'cancel' as const, stopRequestedAt: now }
    return moveJob(context.database, job.id, ['starting', 'running'], stop)
  }).length
}
