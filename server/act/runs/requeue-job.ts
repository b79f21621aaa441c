import { updatePoint, listRunPoints } from '../../../db/queries/points.ts'
import { moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import type { Context } from '../../base/context.ts'

/**
 * Puts an ended job back in the queue with its retries afresh, and the points that wait for it back to waiting.
 * The next attempt resumes from the last checkpoint. False: it is not failed or cancelled (a lost race), nor
 * an evaluation that ended and gave its point no score.
 */
export function requeueJob(context: Context, job: JobRow): boolean {
  const { database } = context
  const points = listRunPoints(database, job.runId ?? job.id)
  // its report lacked a benchmark, say: the point has no score though nothing broke
  const gaveNoScore = points.some((point) => point.evaluationJobId === job.id && point.status === 'failed')
  const moved = moveJob(database, job.id, gaveNoScore ? ['failed', 'cancelled', 'done'] : ['failed', 'cancelled'], {
    status: 'waiting',
    failures: 0,
    losses: 0,
    stopReason: null,
    stopRequestedAt: null,
    finishedAt: null,
    error: null,
    readyAt: Date.now(),
  })
  if (!moved) return false
  for (const point of points) {
    const waitsForJob = job.kind === 'training' ? point.checkpointId === null : point.evaluationJobId === job.id
    if (waitsForJob && (point.status === 'failed' || point.status === 'cancelled')) {
      updatePoint(database, point.id, { status: job.kind === 'training' ? 'waiting' : 'evaluating', error: null })
    }
  }
  return true
}
