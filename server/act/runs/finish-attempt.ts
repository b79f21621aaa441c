/** An attempt has ended: what becomes of its job, its points and its sweep. One transaction, after its last event was read. */
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import {
  findLastCheckpoint,
  insertCheckpoint,
  listCheckpoints,
  listEvaluations,
  saveEvaluation,
  type EvaluationRow,
} from '../../../db/queries/checkpoints.ts'
import { findAttempt, listAttempts, moveJob, updateAttempt, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, moveUncheckpointedPoints, updatePoint, type PointRow } from '../../../db/queries/points.ts'
import { listMeasuredAgain } from '../../../db/queries/repeat-evaluations.ts'
import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { attemptOutcome, type AttemptEnd } from '../../../domain/life/attempt-outcome.ts'
import { milestoneAxisName, milestoneUnit } from '../../../domain/sweep/axes.ts'
import { checkpointPath, initPath, reportFile } from '../../../domain/sweep/commands.ts'
import { readFileEnd, UnreadableFile } from '../../attempt-files/open-file.ts'
import { measureSizeBytes } from '../../base/measure-size.ts'
import { finishRepeat } from '../checkpoints/record-repeat.ts'
import { giveCheckpoint, hasEvaluation } from '../checkpoints/record-checkpoint.ts'
import { scorePoint } from '../checkpoints/score-point.ts'
import { attemptFolder, notify, type Context } from '../../base/context.ts'
import { readReport, type ReportedResult } from '../../formats/read-report.ts'

/**
 * Records the end of a job's newest attempt and decides what comes next. Gives the job's new status, or null when
 * somebody else had recorded it already (a lost race).
 */
export function finishAttempt(
  context: Context,
  job: JobRow,
  end: AttemptEnd,
  endedAt: number,
): JobRow['status'] | null {
  const { database } = context
  const sweep = findSweep(database, job.sweepId)!
  const folder = attemptFolder(context, job.id, job.attempt)
  const succeeded = end !== 'vanished' && end.exitCode === 0
  const report = job.kind === 'evaluation' && succeeded ? readEvaluation(context, sweep, job, folder) : []
  const outcome = attemptOutcome({
    end,
    stopReason: job.stopReason,
    timeoutSeconds: timeoutSecondsOf(sweep, job),
    complete: job.progressTotal !== null && job.progressDone !== null && job.progressDone >= job.progressTotal,
    complaint: typeof report === 'string' ? report : null,
    lastLine: lastLineOf(folder, 'stderr.log') ?? lastLineOf(folder, 'stdout.log'),
    failures: job.failures,
    losses: job.losses,
    retries: retriesOf(sweep, job),
  })
  const finished = transaction(database, () => {
    const moved = moveJob(database, job.id, ['starting', 'running'], {
      status: outcome.jobStatus,
      failures: outcome.failures,
      losses: outcome.losses,
      slots: null,
      stopReason: null,
      stopRequestedAt: null,
      error: outcome.jobStatus === 'done' ? null : outcome.error,
      readyAt: Date.now(),
      finishedAt: outcome.jobStatus === 'waiting' ? null : endedAt,
    })
    if (!moved) return false
    updateAttempt(database, job.id, job.attempt, {
      status: outcome.attemptStatus,
      finishedAt: endedAt,
      exitCode: end === 'vanished' ? null : end.exitCode,
      signal: outcome.signal,
      error: outcome.error,
    })
    if (job.kind === 'training') finishTraining(context, sweep, job, outcome.jobStatus, outcome.error)
    else if (job.again !== null) finishRepeat(context, sweep, job, outcome.jobStatus, report)
    else finishEvaluation(context, sweep, job, outcome.jobStatus, outcome.error, report)
    return true
  })
  if (!finished) return null
  notify(context, sweep.id, job.runId ?? job.id)
  return outcome.jobStatus
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
  const { database } = context
  if (status === 'done') {
    for (const point of listRunPoints(database, job.id)) settlePoint(context, sweep, job, point)
  } else if (status === 'failed') {
    moveUncheckpointedPoints(database, job.id, ['waiting', 'training'], { status: 'failed', error })
    settleReportedPoints(context, sweep, job)
  } else if (status === 'cancelled') {
    moveUncheckpointedPoints(database, job.id, ['waiting', 'training'], { status: 'cancelled', error })
    settleReportedPoints(context, sweep, job)
  }
}

/** Points that have a checkpoint and wait for results that the trainer itself would have reported. */
function settleReportedPoints(context: Context, sweep: SweepRow, job: JobRow): void {
  if (hasEvaluation(sweep)) return
  for (const point of listRunPoints(context.database, job.id)) {
    if (point.status === 'training' && point.checkpointId !== null) scorePoint(context, sweep, point, { final: true })
  }
}

/** After the training's end: the point's checkpoint must be there now, and its evaluations where the trainer reports them. */
function settlePoint(context: Context, sweep: SweepRow, job: JobRow, point: PointRow): void {
  const { database } = context
  if (point.status !== 'training' && point.status !== 'waiting') return
  if (point.checkpointId === null) {
    const found = findPointCheckpoint(context, sweep, job, point)
    if (typeof found === 'string') {
      updatePoint(database, point.id, { status: 'failed', error: found })
      return
    }
    giveCheckpoint(context, sweep, point, found)
    point.checkpointId = found.id
  }
  if (!hasEvaluation(sweep)) scorePoint(context, sweep, point, { final: true })
}

/** The checkpoint of a point whose training is done and reported none for it; or why there is none. */
function findPointCheckpoint(context: Context, sweep: SweepRow, job: JobRow, point: PointRow) {
  const { database } = context
  const { definition } = sweep
  const axis = milestoneAxisName(definition.axes)
  const unit = axis === null ? null : milestoneUnit(axis)
  const reached = point.milestone === null ? null : Number(point.milestone)
  const template = checkpointPath(definition, point.params, { run: job.id, init: initPath(definition, point.params) })
  if (template !== null) {
    const file = path.resolve(sweep.directory, template)
    if (!existsSync(file)) return `The training ended, and its checkpoint ${file} is not there.`
    const epoch = unit === 'epoch' ? reached : null
    return insertCheckpoint(database, {
      runId: job.id,
      attempt: job.attempt,
      step: null,
      epoch,
      path: file,
      sizeBytes: measureSizeBytes(file),
    })
  }
  const reported = listCheckpoints(database, job.id)
  const atMilestone = reported.find((row) => reached !== null && (unit === 'epoch' ? row.epoch : row.step) === reached)
  if (atMilestone) return atMilestone
  if (axis === null) {
    const last = findLastCheckpoint(database, job.id) ?? reported.at(-1)
    if (last) return last
  }
  const needsCheckpoint =
    definition.trainer !== undefined ||
    definition.evaluate?.command === undefined ||
    [...definition.evaluate.command, ...Object.values(definition.evaluate.env)].some((text) =>
      text.includes('${checkpoint}'),
    )
  if (!needsCheckpoint) {
    const epoch = unit === 'epoch' ? reached : null
    return insertCheckpoint(database, { runId: job.id, attempt: job.attempt, step: null, epoch, path: null })
  }
  const steps = reported.map((row) => `step ${row.step}${row.epoch === null ? '' : ` (epoch ${row.epoch})`}`)
  const saw =
    steps.length === 0
      ? 'The training ended and reported no checkpoint'
      : `The training reported ${steps.slice(0, 5).join(', ')}`
  const wanted = point.milestone === null ? '' : `, none at ${axis} ${point.milestone}`
  return `${saw}${wanted}. Report it with a checkpoint event, or give \`checkpoint\` in the sweep file.`
}

function finishEvaluation(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
  status: JobRow['status'],
  error: string | null,
  report: ReportedResult[] | string,
): void {
  const { database } = context
  const point = listRunPoints(database, job.runId!).find((candidate) => candidate.evaluationJobId === job.id)
  if (!point) return
  if (status === 'done') {
    const counted = new Set(
      listEvaluations(database, [job.checkpointId!])
        .filter((row) => isOfThisEvaluation(context, job, row))
        .map((row) => row.benchmark),
    )
    for (const result of typeof report === 'string' ? [] : report) {
      // What the evaluation reported as events has its counts already.
      if (!counted.has(result.benchmark)) {
        saveEvaluation(database, { ...result, checkpointId: job.checkpointId!, jobId: job.id, createdAt: Date.now() })
      }
    }
    scorePoint(context, sweep, point, { final: true })
  } else if (status === 'failed') {
    updatePoint(database, point.id, { status: 'failed', error: `Evaluation failed. ${error}` })
  } else if (status === 'cancelled') {
    updatePoint(database, point.id, { status: 'cancelled', error })
  }
}

/** Whether the job measured it since it was last done: one that gave no score may be run again, and its report is new then. */
function isOfThisEvaluation({ database }: Context, job: JobRow, row: EvaluationRow): boolean {
  if (row.jobId !== job.id) return false
  const attempts = listAttempts(database, job.id)
  const done = attempts.find((attempt) => attempt.status === 'done' && attempt.number < job.attempt)
  const first = attempts.findLast((attempt) => attempt.number > (done?.number ?? 0))
  return done === undefined || row.createdAt >= (first?.claimedAt ?? 0)
}

/** The report's results, or why it gives none. An evaluation that reported events needs no report. */
function readEvaluation(context: Context, sweep: SweepRow, job: JobRow, folder: string): ReportedResult[] | string {
  const { definition } = sweep
  const hasEvents = () =>
    job.again === null
      ? listEvaluations(context.database, [job.checkpointId!]).some((row) => isOfThisEvaluation(context, job, row))
      : listMeasuredAgain(context.database, job.id).length > 0
  if (definition.evaluate?.command === undefined) {
    return hasEvents() ? [] : 'The evaluation reported no results.'
  }
  const checkpoint = listCheckpoints(context.database, job.runId!).find((row) => row.id === job.checkpointId)
  const init = initPath(definition, job.params)
  const file = path.resolve(
    sweep.directory,
    reportFile(definition, job.params, {
      run: job.runId!,
      slots: job.slots ?? [],
      init: init === null ? null : path.resolve(sweep.directory, init),
      checkpoint: checkpoint?.path ?? '',
      report: path.join(folder, 'report.json'),
    }),
  )
  const written = statSync(file, { throwIfNoEntry: false })
  if (!written && hasEvents()) return []
  // A report of an earlier evaluation at the same path says nothing about this one. File systems may keep whole seconds.
  const startedAt = findAttempt(context.database, job.id, job.attempt)!.claimedAt
  if (written && written.mtimeMs < startedAt - 2000)
    return `The evaluation left the report ${file} as it was before; it wrote none.`
  return readReport(file, definition.evaluate.report.accuracies)
}

/** The last line of a log that says something, cut to a readable length; null when there is none, or no log to read. */
function lastLineOf(folder: string, log: string): string | null {
  let end: Buffer | null
  try {
    end = readFileEnd(path.join(folder, log), [folder], 4096)
  } catch (error) {
    if (error instanceof UnreadableFile) return null
    throw error
  }
  const line = end
    ?.toString('utf8')
    .split(/[\r\n]+/)
    .map((text) => text.trim())
    .findLast((text) => text !== '')
  return line?.slice(0, 300) ?? null
}
