/** Rows of a sweep whose trainings are not repeated: done from the start, with the checkpoints and results of the earlier ones. */
import { insertCheckpoint, saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { listSweepJobs, markReused } from '../../../db/queries/jobs.ts'
import { listRunPoints } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Context } from '../../base/context.ts'
import type { ReusePlan } from '../../base/plan-reuse.ts'
import { giveCheckpoint, hasEvaluation } from '../checkpoints/record-checkpoint.ts'
import { updatePoint } from '../../../db/queries/points.ts'
import { scorePoint } from '../checkpoints/score-point.ts'

/** Call in the transaction that makes the sweep: rows before processes, so that a kill leaves all of it or nothing. */
export function reuseTrainings(context: Context, sweep: SweepRow, plan: ReusePlan): void {
  const { database } = context
  for (const run of listSweepJobs(database, sweep.id, 'training')) {
    const reused = plan.runs.get(run.number)
    if (!reused) continue
    markReused(database, run.id, reused.origin.reusedFrom ?? reused.origin.id)
    /** One copy of a checkpoint that serves several points. */
    const copies = new Map<number, ReturnType<typeof insertCheckpoint>>()
    for (const point of listRunPoints(database, run.id)) {
      const served = reused.points.get(point.number)!
      const { step, epoch, path, sizeBytes, attempt } = served.checkpoint
      const copy =
        copies.get(served.checkpoint.id) ??
        insertCheckpoint(database, { runId: run.id, attempt, step, epoch, path, sizeBytes })
      copies.set(served.checkpoint.id, copy)
      if (served.evaluations === null && hasEvaluation(sweep)) {
        giveCheckpoint(context, sweep, { ...point, status: 'training' }, copy)
        continue
      }
      updatePoint(database, point.id, { checkpointId: copy.id })
      for (const { benchmark, accuracy, correct, total, items, error } of served.evaluations ?? [])
        saveEvaluation(database, {
          checkpointId: copy.id,
          benchmark,
          accuracy,
          correct,
          total,
          items,
          error,
          createdAt: Date.now(),
        })
      scorePoint(context, sweep, { ...point, checkpointId: copy.id }, { final: true })
    }
  }
}
