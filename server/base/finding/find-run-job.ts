import { findAnyJob, findJob, type AnyJobRow, type JobRow } from '../../../db/queries/jobs.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { isMeasurement } from '../preparing/measured-baseline.ts'
import type { Context } from '../context.ts'

/** The run of that number, of a sweep or of its own. Throws `not-found` when there is none. */
export function requireAnyRun(context: Context, id: number): AnyJobRow {
  const job = findAnyJob(context.database, id)
  const isRun = job?.kind === 'training' || (job !== undefined && isMeasurement(job))
  if (!isRun) throw new SweepboardError('not-found', `There is no run ${id}.`)
  return job
}

/** The training of that number, or the evaluation that measures a sweep's baseline. Throws `not-found` when there is none. */
export function requireRun(context: Context, id: number): JobRow {
  const job = findJob(context.database, id)
  if (!job || (job.kind !== 'training' && !isMeasurement(job)))
    throw new SweepboardError('not-found', `There is no run ${id}.`)
  return job
}

/** The run itself, or one of its evaluations. Throws `not-found` when the evaluation is not one of that run. */
export function findRunJob(context: Context, runId: number, evaluationJobId?: number): JobRow {
  const run = requireRun(context, runId)
  if (evaluationJobId === undefined) return run
  const job = findJob(context.database, evaluationJobId)
  if (!job || job.runId !== run.id)
    throw new SweepboardError('not-found', `Run ${run.number} has no evaluation ${evaluationJobId}.`)
  return job
}
