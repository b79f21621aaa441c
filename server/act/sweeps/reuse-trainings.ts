/** Rows of a sweep whose trainings are not repeated: done from the start, with the checkpoints and results of the earlier ones. */
import { insertCheckpoint, saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { insertEvents } from '../../../db/queries/events.ts'
import { listSweepJobs, markReused, updateJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, updatePoint } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Context } from '../../base/context.ts'
import type { ReusedRun } from '../../base/preparing/earlier-trainings.ts'
import type { ReusePlan } from '../../base/preparing/plan-reuse.ts'
import { giveCheckpoint, hasEvaluation } from '../checkpoints/record-checkpoint.ts'
import { scorePoint } from '../checkpoints/score-point.ts'

/** Call in the transaction that makes the sweep: rows before processes, so that a kill leaves all of it or nothing. */
export function reuseTrainings(context: Context, sweep: SweepRow, plan: ReusePlan): void {
  const { database } = context
  for (const run of listSweepJobs(database, sweep.id, 'training')) {
    const reused = plan.runs.get(run.number)
    const continued = plan.continued.get(run.number)
    const awaited = plan.awaited.get(run.number)
    if (reused) reuseTraining(context, sweep, run, reused)
    else if (awaited) updateJob(database, run.id, { awaits: awaited.origin.id })
    else if (continued) {
      const { from, doubt, origin, milestone } = continued
      const what = `the end of run ${origin.number} of sweep ${continued.sweep.id} (${continued.sweep.name}) at ${milestone}`
      tell(context, run, `Goes on from ${from.path}, ${what}${doubt === null ? '' : `, as told: ${doubt}`}.`)
      updateJob(database, run.id, { continues: { checkpointId: from.id, told: doubt !== null } })
      takePoints(context, sweep, run, continued)
    }
  }
}

function tell(context: Context, run: JobRow, text: string): void {
  insertEvents(context.database, [{ jobId: run.id, attempt: 1, line: 0, type: 'note', body: { level: 'info', text } }])
}

/** Makes one training done by an earlier one. Call in a transaction. */
export function reuseTraining(context: Context, sweep: SweepRow, run: JobRow, reused: ReusedRun): void {
  const { origin } = reused
  const { continues } = origin
  markReused(context.database, run.id, { reusedFrom: origin.reusedFrom ?? origin.id, continues })
  takePoints(context, sweep, run, reused)
}

/** Gives the points that an earlier training has a model for its checkpoint, and its results or an evaluation. */
function takePoints(context: Context, sweep: SweepRow, run: JobRow, reused: ReusedRun): void {
  const { database } = context
  /** One copy of a checkpoint that serves several points. */
  const copies = new Map<number, ReturnType<typeof insertCheckpoint>>()
  for (const point of listRunPoints(database, run.id)) {
    const served = reused.points.get(point.number)
    if (!served) continue
    const { id, step, epoch, path, sizeBytes, attempt } = served.checkpoint
    const copyOf = served.checkpoint.copyOf ?? id
    const copy =
      copies.get(id) ?? insertCheckpoint(database, { runId: run.id, attempt, step, epoch, path, sizeBytes, copyOf })
    copies.set(id, copy)
    if (served.evaluations === null && hasEvaluation(sweep)) {
      giveCheckpoint(context, sweep, { ...point, status: 'training' }, copy)
      continue
    }
    updatePoint(database, point.id, { checkpointId: copy.id })
    for (const { benchmark, accuracy, correct, total, items, error, jobId } of served.evaluations ?? [])
      saveEvaluation(database, {
        checkpointId: copy.id,
        benchmark,
        accuracy,
        correct,
        total,
        items,
        error,
        jobId,
        createdAt: Date.now(),
      })
    scorePoint(context, sweep, { ...point, checkpointId: copy.id }, { final: true })
  }
}
