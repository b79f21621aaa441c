/** An attempt has ended: what becomes of its job, its points and its sweep. One transaction, after its last event was read. */
import { transaction } from '../../../db/client.ts'
import {
  findCheckpoint,
  findLastCheckpoint,
  listCheckpoints,
  listEvaluations,
  saveEvaluation,
} from '../../../db/queries/checkpoints.ts'
import { insertEvents, type NewEvent } from '../../../db/queries/events.ts'
import { updateAttempt } from '../../../db/queries/attempts.ts'
import { moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, moveUncheckpointedPoints, updatePoint } from '../../../db/queries/points.ts'
import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { attemptOutcome, type AttemptEnd, type Interruption } from '../../../domain/life/attempt-outcome.ts'
import { reasonInLogs } from '../../base/saying/reason-in-logs.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { isPattern } from '../../../domain/sweep/commands/shared-paths.ts'
import { isMeasurement } from '../../base/preparing/measured-baseline.ts'
import { finishMeasurement } from '../baselines/measure-baseline.ts'
import { isOfThisEvaluation, readEvaluation } from '../checkpoints/read-evaluation.ts'
import { settleTraining } from '../checkpoints/settle-training.ts'
import { finishRepeat } from '../checkpoints/record-repeat.ts'
import { hasEvaluation } from '../checkpoints/record-checkpoint.ts'
import { recordRungResult, rungComplaint, sumRungs, uniteAll } from '../checkpoints/race-rungs.ts'
import { scorePoint } from '../checkpoints/score-point.ts'
import { attemptFolder, notify, type Context } from '../../base/context.ts'
import type { ReportResult } from '../../formats/read-report.ts'

/** Thrown in place of an end that hangs on files which a node may have written and this machine does not see yet. */
export class FilesAwaited extends Error {}

/**
 * Records the end of a job's newest attempt and decides what comes next. Gives the job's new status, or null when
 * somebody else had recorded it already (a lost race). `mayAwait`: files that it wrote may still be on their way here; where what is
 * missing would decide, FilesAwaited is thrown and nothing is recorded.
 */
export function finishAttempt(
  context: Context,
  job: JobRow,
  end: AttemptEnd,
  endedAt: number,
  { interruption = null, mayAwait = false }: { interruption?: Interruption | null; mayAwait?: boolean } = {},
): JobRow['status'] | null {
  const { database } = context
  const sweep = findSweep(database, job.sweepId)!
  const folder = attemptFolder(context, job.id, job.attempt)
  // what could not be followed is not read here either
  const readable = job.stopReason !== 'trouble'
  const mayHaveReport = readable && job.kind === 'evaluation' && (end === 'vanished' || end.exitCode === 0)
  const read = mayHaveReport ? readEvaluation(context, sweep, job) : []
  const report =
    mayHaveReport && job.rung !== null && typeof read !== 'string' ? (rungComplaint(context, job, read) ?? read) : read
  const united =
    mayHaveReport && job.rung !== null && typeof report !== 'string' ? uniteAll(context, sweep, job, report) : {}
  if (mayAwait && typeof report === 'string') throw new FilesAwaited(report)
  // what says that all was done is asked only where the end itself does not
  const hasAll =
    readable &&
    (end === 'vanished' || job.stopReason !== null || interruption !== null) &&
    (job.kind === 'training' ? hasEveryCheckpoint(context, job) : isWholeReport(context, sweep, job, report))
  const outcome = attemptOutcome({
    end,
    stopReason: job.stopReason,
    timeoutSeconds: timeoutSecondsOf(sweep, job),
    complete: hasAll || isAtItsEnd(job),
    complaint: typeof report === 'string' ? report : null,
    reason: end === 'vanished' || end.exitCode === 0 ? null : reasonInLogs(folder),
    whole: hasAll,
    interruption,
    advanced: interruption?.costs === 'progress' && hasSaved(context, job),
    trouble: job.stopReason === 'trouble' ? job.error : null,
    failures: job.failures,
    losses: job.losses,
    retries: retriesOf(sweep, job),
  })
  // why it is given up, or held, was written when that was asked for
  const told = outcome.jobStatus === 'stopped' || (outcome.jobStatus === 'waiting' && job.stopReason === 'hold')
  const error = told ? (job.error ?? outcome.error) : outcome.error
  const finished = transaction(database, () => {
    const moved = moveJob(database, job.id, ['starting', 'running'], {
      status: outcome.jobStatus,
      failures: outcome.failures,
      losses: outcome.losses,
      slots: null,
      stopReason: null,
      stopRequestedAt: null,
      error: outcome.jobStatus === 'done' ? null : error,
      readyAt: Date.now(),
      finishedAt: outcome.jobStatus === 'waiting' ? null : endedAt,
    })
    if (!moved) return false
    if (end === 'vanished' && outcome.jobStatus === 'done') insertEvents(database, [takenUnseen(job)])
    updateAttempt(database, job.id, job.attempt, {
      status: outcome.attemptStatus,
      finishedAt: endedAt,
      exitCode: end === 'vanished' ? null : end.exitCode,
      signal: outcome.signal,
      error: outcome.error,
    })
    if (job.kind === 'training') {
      finishTraining(context, sweep, job, outcome.jobStatus, error)
      if (mayAwait && outcome.jobStatus === 'done') awaitCheckpoints(context, sweep, job)
    } else if (job.again !== null) finishRepeat(context, sweep, job, outcome.jobStatus, report)
    else finishEvaluation(context, sweep, job, outcome, report, united)
    return true
  })
  if (!finished) return null
  notify(context, sweep.id, job.runId ?? job.id)
  return outcome.jobStatus
}

/** Whether the job's own progress says that it has done all that it would. */
function isAtItsEnd({ progressDone: done, progressTotal: total }: JobRow): boolean {
  return done !== null && total !== null && done >= total
}

/** Whether this attempt saved a checkpoint that a later one can go on from. */
function hasSaved({ database }: Context, job: JobRow): boolean {
  return listCheckpoints(database, job.id).some(({ attempt, path: file }) => attempt === job.attempt && file !== null)
}

/** Whether every milestone of a training has its checkpoint; without milestones, whether it saved after its last step. */
function hasEveryCheckpoint({ database }: Context, job: JobRow): boolean {
  const points = listRunPoints(database, job.id)
  if (points.some((point) => point.milestone !== null)) return points.every((point) => point.checkpointId !== null)
  const last = findLastCheckpoint(database, job.id)
  return isAtItsEnd(job) && last?.path != null && last.step! >= (job.lastStep ?? 0)
}

/** Whether a report gives all that its point's score needs. */
function isWholeReport(context: Context, sweep: SweepRow, job: JobRow, report: ReportResult[] | string): boolean {
  // of a rung nothing stands against taking it
  if (job.rung !== null && typeof report !== 'string') return true
  if (typeof report === 'string' || report.length === 0) return false
  return Object.keys(baselineOf(context, sweep).accuracies).every((benchmark) =>
    report.some((result) => result.benchmark === benchmark && result.accuracy !== null),
  )
}

function takenUnseen(job: JobRow): NewEvent {
  const what = job.kind === 'training' ? 'every checkpoint that it was for is there' : 'its report is there, whole'
  const message = `The process that watched this attempt was killed, so how it ended is not known; ${what}, and is taken.`
  return { jobId: job.id, attempt: job.attempt, line: 0, type: 'problem', body: { text: '', message } }
}

/** How long an attempt of the job may take; null: as long as it likes. Each sample of a question has the time of one. */
export function timeoutSecondsOf({ definition }: SweepRow, job: JobRow): number | null {
  const limit = (job.kind === 'training' ? definition.train : definition.evaluate)?.timeout_seconds
  return limit === undefined ? null : limit * (job.again?.samples ?? 1)
}

function retriesOf(sweep: SweepRow, job: JobRow): number {
  const { train, evaluate } = sweep.definition
  const training = train?.retries ?? 0
  return job.kind === 'training' ? training : (evaluate?.retries ?? training)
}

function finishTraining(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
  status: JobRow['status'],
  error: string | null,
): void {
  if (status === 'done' || status === 'failed') {
    settleTraining(context, sweep, job, status === 'done' ? null : error)
  } else if (status === 'cancelled' || status === 'stopped') {
    moveUncheckpointedPoints(context.database, job.id, ['waiting', 'training'], { status, error })
    settleReportedPoints(context, sweep, job)
  } else if (job.stopReason === 'hold') {
    moveUncheckpointedPoints(context.database, job.id, ['training'], { status: 'waiting' })
  }
}

/** Throws FilesAwaited where a checkpoint was looked for and not found, or found by a pattern that another one may yet match. */
function awaitCheckpoints({ database }: Context, { definition }: SweepRow, job: JobRow): void {
  const isOpen = definition.checkpoint !== undefined && isPattern(definition.checkpoint)
  const lacks = listRunPoints(database, job.id).some(
    (point) => point.status === 'failed' && point.checkpointId === null,
  )
  if (isOpen || lacks) throw new FilesAwaited('A checkpoint is looked for.')
}

/** Points that have a checkpoint and wait for results that the trainer itself would have reported. */
function settleReportedPoints(context: Context, sweep: SweepRow, job: JobRow): void {
  if (hasEvaluation(sweep)) return
  for (const point of listRunPoints(context.database, job.id)) {
    if (point.status === 'training' && point.checkpointId !== null) scorePoint(context, sweep, point, { final: true })
  }
}

function finishEvaluation(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
  { jobStatus: status, error }: { jobStatus: JobRow['status']; error: string | null },
  report: ReportResult[] | string,
  united: Readonly<Record<string, string>>,
): void {
  const { database } = context
  if (isMeasurement(job)) {
    if (status === 'done') saveResults(context, job, report)
    if (status !== 'waiting') finishMeasurement(context, sweep, job.id)
    return
  }
  const point = listRunPoints(database, job.runId!).find((candidate) => candidate.evaluationJobId === job.id)
  if (!point) return
  const problem = findCheckpoint(database, job.checkpointId!)?.problem ?? null
  if (status === 'done' && problem !== null) {
    updatePoint(database, point.id, { status: 'failed', error: problem })
  } else if (status === 'done' && job.rung !== null) {
    for (const result of typeof report === 'string' ? [] : report) recordRungResult(context, job, result)
    sumRungs(context, job, united)
    // of all others the race says what comes next
    if (job.rung === sweep.race!.rungs.length) scorePoint(context, sweep, point, { final: true })
  } else if (status === 'done') {
    saveResults(context, job, report)
    scorePoint(context, sweep, point, { final: true })
  } else if (status === 'failed') {
    updatePoint(database, point.id, { status: 'failed', error: `Evaluation failed. ${error}` })
  } else if (status === 'cancelled') {
    updatePoint(database, point.id, { status: 'cancelled', error })
  }
}

/** Stores what a report holds beside what the evaluation reported as events, which has its counts already. */
function saveResults(context: Context, job: JobRow, report: ReportResult[] | string): void {
  const { database } = context
  const counted = new Set(
    listEvaluations(database, [job.checkpointId!])
      .filter((row) => isOfThisEvaluation(context, job, row))
      .map((row) => row.benchmark),
  )
  for (const result of typeof report === 'string' ? [] : report) {
    if (counted.has(result.benchmark)) continue
    saveEvaluation(database, { ...result, checkpointId: job.checkpointId!, jobId: job.id, createdAt: Date.now() })
  }
}
