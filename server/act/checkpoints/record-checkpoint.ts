/** A checkpoint came to be: it is stored, and the point that waits for it gets its evaluation. */
import { existsSync } from 'node:fs'
import {
  findCheckpointByStep,
  insertCheckpoint,
  updateCheckpoint,
  type CheckpointRow,
} from '../../../db/queries/checkpoints.ts'
import { findEvaluationJob, insertJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, updatePoint, type PointRow } from '../../../db/queries/points.ts'
import { startRung } from './race-rungs.ts'
import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { milestoneAxisName, milestoneUnit } from '../../../domain/sweep/axes/axes.ts'
import { isRacing } from '../../../domain/sweep/race-questions.ts'
import { isEvaluated } from '../../../domain/sweep/scoring.ts'
import { explainUnmeasured } from '../baselines/explain-unmeasured.ts'
import { claimedTwice, reportedTooOld } from './judge-checkpoint.ts'
import { resolveLinks } from '../../base/evaluation-files/traces.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { measureSizeBytes } from '../../base/process/measure-size.ts'

/**
 * Stores a checkpoint that a trainer reported, and gives it to the point whose milestone it is.
 * A later attempt that saves the same step again replaces files that are gone, and otherwise changes nothing:
 * what was evaluated stays what it was. Call inside the ingest's transaction.
 */
export function recordCheckpoint(
  context: Context,
  run: JobRow,
  found: { attempt: number; step: number; epoch: number | null; path: string | null },
): CheckpointRow {
  const { database } = context
  const known = findCheckpointByStep(database, run.id, found.step)
  // what `latest` points to now, not what it will point to
  const file = found.path === null ? null : resolveLinks(attemptFolder(context, run.id, found.attempt), found.path)
  const sizeBytes = file === null ? null : measureSizeBytes(file)
  const problem = file === null ? null : (reportedTooOld(context, run, file) ?? claimedTwice(context, run, file))
  const checkpoint = known ?? insertCheckpoint(database, { runId: run.id, ...found, path: file, sizeBytes, problem })
  const replaced = known && (known.path === null || known.problem !== null || !existsSync(known.path))
  if (replaced && file !== null) {
    const renewed = { path: file, attempt: found.attempt, epoch: found.epoch ?? known.epoch, problem }
    updateCheckpoint(database, known.id, { ...renewed, sizeBytes, removedAt: null })
    Object.assign(known, renewed)
  }
  const sweep = findSweep(database, run.sweepId)!
  const axis = milestoneAxisName(sweep.definition.axes)
  if (axis !== null && checkpoint.path !== null) {
    const reached = milestoneUnit(axis) === 'epoch' ? checkpoint.epoch : checkpoint.step
    const point = listRunPoints(database, run.id).find(
      (candidate) => candidate.checkpointId === null && Number(candidate.milestone) === reached,
    )
    if (point) giveCheckpoint(context, sweep, point, checkpoint)
  }
  return checkpoint
}

/** Ties a point to its checkpoint and queues the evaluation, where the sweep has one. */
export function giveCheckpoint(context: Context, sweep: SweepRow, point: PointRow, checkpoint: CheckpointRow): void {
  const { database } = context
  updatePoint(database, point.id, { checkpointId: checkpoint.id })
  if (checkpoint.problem !== null) {
    updatePoint(database, point.id, { status: 'failed', error: checkpoint.problem })
    return
  }
  // A sweep that was cancelled meanwhile keeps its checkpoint and starts nothing.
  if (point.status === 'cancelled' || point.status === 'stopped' || sweep.status === 'cancelled') return
  if (!hasEvaluation(sweep)) return
  const job =
    findEvaluationJob(database, sweep.id, point.number) ??
    (isRacing(sweep.definition) ? startRung(context, sweep, point, checkpoint.id, 1) : null) ??
    insertJobs(database, [
      {
        sweepId: sweep.id,
        kind: 'evaluation',
        number: point.number,
        runId: point.runId,
        checkpointId: checkpoint.id,
        params: point.params,
        status: 'waiting',
        slotCount: sweep.definition.evaluate?.gpus ?? 1,
        readyAt: Date.now(),
      },
    ])[0]!
  updatePoint(database, point.id, { status: 'evaluating', evaluationJobId: job.id, error: null })
  if (job.rung !== null) explainUnmeasured(context, sweep.id)
}

/** Whether checkpoints are evaluated by jobs of their own; else the trainer reports evaluations itself. */
export function hasEvaluation(sweep: SweepRow): boolean {
  return isEvaluated(sweep.definition)
}
