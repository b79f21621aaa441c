/** What a person does with one run. */
import { transaction } from '../../../db/client.ts'
import { listRunEvaluations, updateJob, type JobRow } from '../../../db/queries/jobs.ts'
import { resumeInRace } from '../../../db/queries/requeue.ts'
import { moveRunPoints, moveUncheckpointedPoints } from '../../../db/queries/points.ts'
import { moveSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { isRacing } from '../../../domain/sweep/race-questions.ts'
import { isJobFinished } from '../../../domain/life/run-status.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireRun } from '../../base/finding/find-run-job.ts'
import { isMeasurement } from '../../base/preparing/measured-baseline.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { explainUnmeasured } from '../baselines/explain-unmeasured.ts'
import { retryMeasurement } from '../baselines/measure-baseline.ts'
import { evaluateLeft } from '../checkpoints/evaluate-left.ts'
import { settleSweep } from '../sweeps/settle-sweep.ts'
import { cancelJobs } from './cancel-jobs.ts'
import { requeueJob } from './requeue-job.ts'

/** A run that is a training. Throws `conflict` for the evaluation that measures a baseline. */
function requireTraining(context: Context, id: number): JobRow {
  const run = requireRun(context, id)
  if (isMeasurement(run))
    throw new SweepboardError(
      'conflict',
      'It measures the baseline of its sweep; the sweep is cancelled, and measures it again, as a whole.',
    )
  return run
}

/** Writes what a person says of a run, in Markdown. */
export function noteRun(context: Context, { id, note }: { id: number; note: string }): void {
  const run = requireRun(context, id)
  updateJob(context.database, id, { note: note.trim() })
  notify(context, run.sweepId, id)
}

/** Stops a run, waiting or live, and the evaluations of it that have not ended. Scores that it has stay. */
export function cancelRun(context: Context, id: number): void {
  const { database } = context
  const run = requireTraining(context, id)
  const jobs = [run, ...listRunEvaluations(database, id)].filter((job) => !isJobFinished(job.status))
  if (jobs.length === 0)
    throw new SweepboardError('conflict', `Run ${run.number} is ${run.status}; there is nothing to cancel.`)
  transaction(database, () => {
    cancelJobs(context, jobs)
    moveRunPoints(database, id, ['evaluating'], { status: 'cancelled', error: 'Cancelled.' })
    moveUncheckpointedPoints(database, id, ['waiting', 'training'], { status: 'cancelled', error: 'Cancelled.' })
  })
  settleSweep(context, run.sweepId)
  notify(context, run.sweepId, id)
  context.signals.emit('work')
}

/**
 * Runs a failed, cancelled or early stopped run, and failed or cancelled evaluations of it, again. What is scored is not repeated.
 */
export function retryRun(context: Context, id: number): void {
  const { database } = context
  const run = requireTraining(context, id)
  const sweep = requireSweep(context, run.sweepId)
  const again = transaction(database, () => {
    const requeued = [run, ...listRunEvaluations(database, id)].filter(
      (job) => job.again === null && requeueJob(context, job),
    )
    const resumed =
      resumeInRace(database, { runId: id }) + evaluateLeft(context, sweep, { runId: id }, ['cancelled', 'stopped'])
    if (requeued.length + resumed > 0) {
      moveSweep(database, run.sweepId, ['failed', 'cancelled', 'done'], {
        status: sweep.startedAt === null ? 'waiting' : 'running',
        finishedAt: null,
      })
      // what it is asked waits for the baseline
      if (isRacing(sweep.definition)) {
        retryMeasurement(context, sweep)
        explainUnmeasured(context, sweep.id)
      }
    }
    return requeued.length + resumed
  })
  if (again === 0)
    throw new SweepboardError(
      'conflict',
      `Run ${run.number} is ${run.status}; only one that failed, was cancelled or stopped early can go on.`,
    )
  notify(context, run.sweepId, id)
  context.signals.emit('work')
}
