/** Trainings that wait for one of another sweep which does the same: reused when that has ended well, else run themselves. */
import { transaction } from '../../../db/client.ts'
import { insertEvents } from '../../../db/queries/events.ts'
import { findJob, listAwaiting, updateJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints } from '../../../db/queries/points.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { notify, type Context } from '../../base/context.ts'
import { isUnderWay, tryReuse } from '../../base/preparing/earlier-trainings.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { reuseTraining } from './reuse-trainings.ts'
import { settleSweep } from './settle-sweep.ts'

/** Looks at each as it stands now, so that it does not matter what was missed while no server ran. */
export function takeAwaited(context: Context): void {
  for (const run of listAwaiting(context.database)) takeOne(context, run)
}

function takeOne(context: Context, run: JobRow): void {
  const { database } = context
  const sweep = requireSweep(context, run.sweepId)
  const job = findJob(database, run.awaits!)
  const origin = job && findSweep(database, job.sweepId)
  if (!job || !origin || (job.status !== 'done' && !isUnderWay(job, origin))) return letRun(context, run, null)
  const tried = tryReuse(
    context,
    {
      definition: sweep.definition,
      evaluatedBy: sweep.definition,
      directory: sweep.directory,
      params: run.params,
      points: listRunPoints(database, run.id),
      continued: false,
    },
    { job, sweep: origin },
  )
  if ('awaits' in tried) return
  if (!('reused' in tried)) return letRun(context, run, 'reason' in tried ? tried.reason : tried.doubt)
  transaction(database, () => {
    reuseTraining(context, sweep, run, tried.reused)
    settleSweep(context, sweep.id)
  })
  notify(context, sweep.id, run.id)
}

/** Takes it into the queue. `reason`: why the other does not serve; null: it did not end well. */
function letRun(context: Context, run: JobRow, reason: string | null): void {
  const text = `Waited for a training that does the same: ${reason ?? 'it did not end well'}. It is trained here.`
  transaction(context.database, () => {
    updateJob(context.database, run.id, { awaits: null })
    insertEvents(context.database, [
      { jobId: run.id, attempt: 1, line: 0, type: 'note', body: { level: 'info', text } },
    ])
  })
  notify(context, run.sweepId, run.id)
}
