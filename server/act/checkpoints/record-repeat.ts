/** What an evaluation that was asked for again measured. Points, their scores and the sweep's own evaluations are not touched. */
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { listEvaluations } from '../../../db/queries/checkpoints.ts'
import type { JobRow } from '../../../db/queries/jobs.ts'
import { listMeasuredAgain, saveRepeatEvaluation } from '../../../db/queries/repeat-evaluations.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { poolMeasurements, type QuestionOutcomes } from '../../../domain/score/again.ts'
import type { EvaluationEvent } from '../../../contract/trainer.ts'
import type { Context } from '../../base/context.ts'
import type { ReportResult } from '../../formats/read-report.ts'
import { ownValue } from '../../../domain/own-value.ts'

/** Stores a benchmark that the job reported as an event. `items`: absolute. Call inside the ingest's transaction. */
export function recordRepeat(
  context: Context,
  job: JobRow,
  event: Omit<EvaluationEvent, 'items'> & { items: string | null },
): void {
  const { benchmark, correct, total, items, samples, outcomes } = event
  const each = outcomes === undefined ? null : { samples: samples ?? 1, correct: outcomes }
  const questions = samples !== undefined && total % samples === 0 ? total / samples : null
  save(context, job, { benchmark, accuracy: correct / total, correct, total, error: null }, { each, questions, items })
}

/** Stores what a job's report holds beyond its events, once it is done. */
export function finishRepeat(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
  status: JobRow['status'],
  report: ReportResult[] | string,
): void {
  if (status !== 'done' || typeof report === 'string') return
  const counted = new Set(listMeasuredAgain(context.database, job.id))
  for (const result of report) {
    if (counted.has(result.benchmark)) continue
    const each = result.outcomes ?? null
    save(context, job, result, {
      each,
      questions: questionsOf(context, sweep, job, result),
      items: result.items ?? null,
    })
  }
}

/**
 * How many questions a report without outcomes rests on: as many as the sweep's own evaluation had, or fewer; a total above
 * that counts the samples.
 */
function questionsOf(context: Context, sweep: SweepRow, job: JobRow, result: ReportResult): number | null {
  const { benchmark, total } = result
  const own = listEvaluations(context.database, [job.checkpointId!]).find((row) => row.benchmark === benchmark)
  const known = own?.total ?? ownValue(scoringOf(sweep.definition).questions, benchmark) ?? null
  if (known === null || total === null) return known ?? total
  return Math.min(known, total)
}

function save(
  context: Context,
  job: JobRow,
  result: Omit<ReportResult, 'outcomes' | 'items'>,
  measured: { each: QuestionOutcomes | null; questions: number | null; items: string | null },
): void {
  const { benchmark, accuracy, correct, total, error } = result
  const { samples, temperature, seed } = job.again!
  const questions = measured.each === null ? measured.questions : Object.keys(measured.each.correct).length
  const pooled =
    accuracy === null ? null : poolMeasurements([{ accuracy, questions, outcomes: measured.each, samples }])
  saveRepeatEvaluation(context.database, {
    checkpointId: job.checkpointId!,
    jobId: job.id,
    benchmark,
    samples: measured.each?.samples ?? samples,
    temperature,
    seed,
    accuracy,
    correct,
    total,
    questions,
    standardError: pooled?.standardError ?? null,
    outcomes: measured.each,
    items: measured.items,
    error,
    createdAt: Date.now(),
  })
}
