/** Models that runs of their own saved, and what they reached on benchmarks: checkpoints, as those of a sweep's runs are. */
import { transaction } from '../../../db/client.ts'
import {
  findCheckpointByStep,
  insertCheckpoint,
  listCheckpoints,
  saveEvaluation,
  updateCheckpoint,
} from '../../../db/queries/checkpoints.ts'
import { takeCheckpointEvents } from '../../../db/queries/events.ts'
import type { AnyJobRow } from '../../../db/queries/jobs.ts'
import type { EvaluationEvent } from '../../../contract/trainer.ts'
import { resolveLinks } from '../../base/evaluation-files/traces.ts'
import { attemptFolder, fileOfAttempt, type Context } from '../../base/context.ts'
import { measureSizeBytes } from '../../base/process/measure-size.ts'

type Saved = { step: number; epoch?: number | undefined; path: string }

/**
 * Stores a model that a run of its own saved; the same place at the same step again changes nothing. What was evaluated at the step before its
 * model came is that model.
 */
export function recordOwnCheckpoint(context: Context, runId: number, saved: Saved, attempt = 1): void {
  const { step, epoch = null } = saved
  const path = resolveLinks(attemptFolder(context, runId, attempt), fileOfAttempt(context, runId, attempt, saved.path))
  const ofStep = listCheckpoints(context.database, runId).filter((row) => row.step === step)
  if (ofStep.some((row) => row.path === path)) return
  const values = { attempt, epoch, path, sizeBytes: measureSizeBytes(path) }
  const awaiting = ofStep.find((row) => row.path === null)
  if (awaiting) updateCheckpoint(context.database, awaiting.id, values)
  else insertCheckpoint(context.database, { runId, step, ...values })
}

/** Stores what a run of its own reached on a benchmark at a step: of the model that it saved there last, else of the step alone. */
export function recordOwnEvaluation(context: Context, job: AnyJobRow, event: EvaluationEvent): void {
  const { database } = context
  const { step, benchmark, correct, total } = event
  const checkpoint =
    findCheckpointByStep(database, job.id, step) ??
    insertCheckpoint(database, { runId: job.id, attempt: job.attempt, step, path: null })
  saveEvaluation(database, {
    checkpointId: checkpoint.id,
    benchmark,
    accuracy: total > 0 ? correct / total : null,
    correct,
    total,
    items: event.items === undefined ? null : fileOfAttempt(context, job.id, job.attempt, event.items),
    error: total > 0 ? null : 'it has no questions',
    jobId: job.id,
    createdAt: Date.now(),
  })
}

/** Makes checkpoints of what versions before this one kept of models as events alone. Call when the data folder is opened. */
export function takeKeptModels(context: Context): void {
  transaction(context.database, () => {
    for (const { jobId, body } of takeCheckpointEvents(context.database))
      recordOwnCheckpoint(context, jobId, body as unknown as Saved)
  })
}
