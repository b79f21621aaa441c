/** The end of an attempt that nothing else can end: its rows alone, without a look at anything that it left. */
import { transaction } from '../../../db/client.ts'
import { updateAttempt } from '../../../db/queries/attempts.ts'
import { moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, moveUncheckpointedPoints, updatePoint } from '../../../db/queries/points.ts'
import { notify, type Context } from '../../base/context.ts'
import { isMeasurement } from '../../base/preparing/measured-baseline.ts'
import { explainUnmeasured } from '../baselines/explain-unmeasured.ts'

/** Ends it as failed, its slots free; no process of it may live. Gives the job's new status, null where it had ended before. */
export function giveUpAttempt(context: Context, job: JobRow, error: string): JobRow['status'] | null {
  const { database } = context
  const now = Date.now()
  const given = transaction(database, () => {
    const ended = {
      status: 'failed' as const,
      failures: job.failures + 1,
      slots: null,
      stopReason: null,
      stopRequestedAt: null,
      error,
      finishedAt: now,
    }
    if (!moveJob(database, job.id, ['starting', 'running'], ended)) return false
    updateAttempt(database, job.id, job.attempt, { status: 'failed', finishedAt: now, error })
    if (job.kind === 'training')
      moveUncheckpointedPoints(database, job.id, ['waiting', 'training'], { status: 'failed', error })
    else if (isMeasurement(job)) explainUnmeasured(context, job.sweepId)
    else
      for (const point of listRunPoints(database, job.runId!))
        if (point.evaluationJobId === job.id && job.again === null)
          updatePoint(database, point.id, { status: 'failed', error: `Evaluation failed. ${error}` })
    return true
  })
  if (!given) return null
  notify(context, job.sweepId, job.runId ?? job.id)
  return 'failed'
}
