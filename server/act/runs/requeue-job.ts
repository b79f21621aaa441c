import { updatePoint, listRunPoints } from '../../../db/queries/points.ts'
import { spare } from '../../../db/queries/judgements.ts'
import { moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import type { Context } from '../../base/context.ts'

/**
 * Puts an ended job back in the queue with its retries afresh, and the points that wait for it back to waiting.
 * The next attempt resumes from the last checkpoint. A training that was stopped early goes on to its end, whatever it is
 * worth. False: it is not failed, cancelled or stopped (a lost race), nor an evaluation that ended and gave its point no score.
 */
export function requeueJob(context: Context, job: JobRow): boolean {
  const { database } = context
  const points = listRunPoints(database, job.runId ?? job.id)
  // its report lacked a benchmark, say: the point has no score though nothing broke
  const gaveNoScore = points.some((point) => point.evaluationJobId === job.id && point.status === 'failed')
  const from: JobRow['status'][] = ['failed', 'cancelled', 'stopped']
  const moved = moveJob(database, job.id, gaveNoScore ? [...from, 'done'] : from, {
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
  if (job.status === 'stopped') spare(database, job.id, Date.now())
  for (const point of points) {
    const waitsForJob = job.kind === 'training' ? point.checkpointId === null : point.evaluationJobId === job.id
    if (waitsForJob && ['failed', 'cancelled', 'stopped'].includes(point.status)) {
      updatePoint(database, point.id, { status: job.kind === 'training' ? 'waiting' : 'evaluating', error: null })
    }
  }
  return true
}
