/** Evaluations that were asked for again: taken back, or tried once more. */
import { transaction } from '../../../db/client.ts'
import { findJob, type JobRow } from '../../../db/queries/jobs.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { type Context, notify } from '../../base/context.ts'
import { cancelJobs } from '../runs/cancel-jobs.ts'
import { requeueJob } from '../runs/requeue-job.ts'
import { settleSweep } from '../sweeps/settle-sweep.ts'

function requireRepeats(context: Context, jobIds: number[]): JobRow[] {
  return jobIds.map((id) => {
    const job = findJob(context.database, id)
    if (!job || job.again === null) throw new SweepboardError('not-found', `There is no evaluation ${id} to change.`)
    return job
  })
}

/** Takes evaluations that were asked for out of the queue, and stops those that run. What they measured by then stays. */
export function cancelRepeats(context: Context, jobIds: number[]): void {
  const jobs = requireRepeats(context, jobIds)
  const changed = transaction(context.database, () => {
    const count = cancelJobs(context, jobs)
    // finalists are waited for, and no others
    for (const sweepId of new Set(jobs.map((job) => job.sweepId))) settleSweep(context, sweepId)
    return count
  })
  if (changed === 0) throw new SweepboardError('conflict', 'It has ended already; there is nothing to cancel.')
  tell(context, jobs)
}

/** Queues evaluations that failed or were cancelled once more, with the same settings. */
export function retryRepeats(context: Context, jobIds: number[]): void {
  const jobs = requireRepeats(context, jobIds)
  const changed = transaction(context.database, () => jobs.filter((job) => requeueJob(context, job)).length)
  if (changed === 0)
    throw new SweepboardError('conflict', 'Only an evaluation that failed or was cancelled can be tried again.')
  tell(context, jobs)
}

function tell(context: Context, jobs: JobRow[]): void {
  for (const job of jobs) notify(context, job.sweepId, job.runId)
  context.signals.emit('work')
}
