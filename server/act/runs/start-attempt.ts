/** Claiming a job in the database, and starting its process: two steps, so that a death between them is found again. */
import { closeSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { findCheckpoint, listCheckpoints } from '../../../db/queries/checkpoints.ts'
import { findAttempt, insertAttempt, updateAttempt, type AttemptRow } from '../../../db/queries/attempts.ts'
import { listLiveJobs, moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, moveRunPoints } from '../../../db/queries/points.ts'
import { moveSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { rungStride } from '../../../domain/score/race.ts'
import { takesQuestions } from '../../../domain/sweep/race-questions.ts'
import { portsOf } from '../../../domain/sweep/commands/commands.ts'
import { checkpointsBefore, findLastSaved } from '../checkpoints/find-saved.ts'
import { questionsOfJob } from '../checkpoints/race-rungs.ts'
import { writeQuestions } from '../checkpoints/questions-file.ts'
import { reportsBefore } from '../checkpoints/read-evaluation.ts'
import { type ExecutorName, isCluster } from '../../../domain/sweep/executor.ts'
import { codeStateOf } from '../../base/preparing/code-state.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import type { Job } from '../../../contract/trainer.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { openForAppending, replaceFile } from '../../attempt-files/write-file.ts'
import { attemptOf, notify, type Context } from '../../base/context.ts'
import { isMeasurement, measuredPath } from '../../base/preparing/measured-baseline.ts'
import { tracesOf } from '../../base/evaluation-files/traces.ts'
import type { Launch } from '../../executors/executor.ts'
import { type AttemptToLookAt, type Look, type Looked } from '../../provenance/look-at-attempt.ts'
import { keepLooked } from './keep-looked.ts'
import { describeAttempt, type Described, type ToRun } from './describe-attempt.ts'

/** Claims a waiting job for its next attempt. Null: it is not waiting any more (a lost race). Durable when it returns. */
export function claimJob(context: Context, job: JobRow, slots: string[], executor: ExecutorName): JobRow | null {
  const { database } = context
  const now = Date.now()
  const attempt = job.attempt + 1
  const values = {
    status: 'starting' as const,
    attempt,
    slots,
    executor,
    claimedAt: now,
    startedAt: now,
    finishedAt: null,
    error: null,
  }
  const claimed = transaction(database, () => {
    if (!moveJob(database, job.id, ['waiting'], values)) return false
    insertAttempt(database, { jobId: job.id, number: attempt, status: 'starting', slots, claimedAt: now })
    if (job.kind === 'training') moveRunPoints(database, job.id, ['waiting'], { status: 'training' })
    moveSweep(database, job.sweepId, ['waiting'], { status: 'running', startedAt: now })
    return true
  })
  if (!claimed) return null
  notify(context, job.sweepId, job.runId ?? job.id)
  return { ...job, ...values }
}

/** What an executor launches, and what the attempt's row is to remember (`rememberLaunches`) before it may. */
export type PreparedLaunch = { job: JobRow; launch: Launch; remember: Partial<AttemptRow>; looked: Looked | null }

/**
 * Makes the folder of a claimed attempt and gives what its executor launches. May be called again after a crash: the
 * folder's claim lets one start only.
 */
export async function prepareLaunch(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
  look: Look,
): Promise<PreparedLaunch> {
  const { folder, control } = attemptOf(context, job)
  // first of the two: an attempt that has no control folder is one of a version before this
  mkdirSync(control, { recursive: true })
  mkdirSync(folder, { recursive: true })
  // a name that is there already is not seen late, whenever a node begins to write
  if (isCluster(job.executor)) closeSync(openForAppending(path.join(folder, 'events.jsonl')))
  const ports = await portsFor(context, sweep, job, control)
  const plan = describeAttempt(context, toRun(context, sweep, job, ports))
  replaceFile(path.join(folder, 'job.json'), `${JSON.stringify(plan.job, null, 2)}\n`)
  const attempt = findAttempt(context.database, job.id, job.attempt)!
  const remember: Partial<AttemptRow> = {}
  if (attempt.before === null) remember.before = whatWasBefore(context, sweep, job)
  if (attempt.code === null) remember.code = codeBefore(sweep, job, plan.launch)
  if (plan.job.resume !== null) remember.resumedFrom = plan.job.resume
  const looked = attempt.ran === null ? await look(whatToLookAt(context, job, plan)) : null
  return { job, launch: plan.launch, remember, looked }
}

/** Writes what the attempts' rows are to remember: one commit for all that start together, before any of them may. */
export function rememberLaunches({ database }: Context, prepared: PreparedLaunch[]): void {
  transaction(database, () => {
    for (const { job, remember, looked } of prepared) {
      const values = looked === null ? remember : { ...remember, ...keepLooked(database, looked) }
      if (Object.keys(values).length > 0) updateAttempt(database, job.id, job.attempt, values)
    }
  })
}

/**
 * What stands where the job's files are expected before its process can have started. A training's first attempt stands for the
 * run: what that one wrote is the run's own.
 */
function whatWasBefore(context: Context, sweep: SweepRow, job: JobRow): AttemptRow['before'] {
  if (job.kind === 'training') return job.attempt > 1 ? null : checkpointsBefore(context, sweep, job)
  const reports = reportsBefore(context, sweep, job)
  // what is measured, so that it is known to be the same in the end
  const file = isMeasurement(job) ? measuredPath(sweep.definition, sweep.directory) : null
  return file === null ? reports : { ...reports, ...tracesOf([file]) }
}

/** What the scripts hold that the command names, before its process can have started. A file of the attempt's own folder was made for it. */
function codeBefore({ definition, directory }: SweepRow, job: JobRow, { command, folder }: Launch): AttemptRow['code'] {
  const own = definition[job.kind === 'training' ? 'train' : 'evaluate']?.command !== undefined
  const isMade = (argument: string) => path.resolve(directory, argument).startsWith(`${folder}${path.sep}`)
  return codeStateOf(own ? command.filter((argument) => !isMade(argument)) : null, directory)
}

/** What the attempt is run with, as provenance looks at it. */
function whatToLookAt(context: Context, { executor }: JobRow, described: Described): AttemptToLookAt {
  const { job, launch, inherited, variables, builtIn } = described
  const checkpoints = [job.evaluation?.checkpoint, job.init, job.resume].filter((file) => !!file)
  return {
    command: launch.command,
    directory: launch.directory,
    builtIn,
    inherited,
    variables,
    data: [
      path.join(context.config.dataFolder, 'runs'),
      ...checkpoints.map((file) => path.resolve(launch.directory, file!)),
    ],
    here: executor === 'local',
    gpus: context.executors.local.slots.kind === 'gpu',
  }
}

function toRun(context: Context, sweep: SweepRow, job: JobRow, ports: number[]): ToRun {
  const at = attemptOf(context, job)
  const isEvaluation = job.kind === 'evaluation'
  return {
    ...job,
    sweep,
    run: job.runId ?? job.id,
    slots: job.slots ?? [],
    isMeasurement: isMeasurement(job),
    ports,
    at,
    resume: isEvaluation ? null : resumePath(context, sweep, job),
    evaluation: isEvaluation ? describeEvaluation(context, sweep, job, at.folder) : null,
    questions: isEvaluation ? tellQuestions(context, sweep, job, at.folder) : null,
  }
}

/** The attempt's ports: given once, and different from those of every other attempt that lives. */
async function portsFor(context: Context, sweep: SweepRow, job: JobRow, control: string): Promise<number[]> {
  const count = portsOf(sweep.definition, job.kind)
  if (count === 0) return []
  const earlier = readPorts(control)
  if (earlier.length === count) return earlier
  const taken = new Set(listLiveJobs(context.database).flatMap((live) => readPorts(attemptOf(context, live).control)))
  const ports = await context.executors[job.executor].freePorts(count, taken)
  replaceFile(path.join(control, 'ports.json'), `${JSON.stringify(ports)}\n`)
  return ports
}

function readPorts(control: string): number[] {
  const text = readWholeFile(path.join(control, 'ports.json'), [control], 1 << 16)
  const ports: unknown = text === null || text === '' ? [] : JSON.parse(text)
  return Array.isArray(ports) ? ports.filter((port) => typeof port === 'number') : []
}

/** Writes which questions a command is to ask and gives the file. null where it is not told: it asks all. */
function tellQuestions(context: Context, sweep: SweepRow, job: JobRow, folder: string): string | null {
  if (job.rung === null && !takesQuestions(sweep.definition)) return null
  const asked = questionsOfJob(context, sweep, job)
  return asked && writeQuestions(folder, asked.places)
}

function describeEvaluation(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
  folder: string,
): NonNullable<Job['evaluation']> {
  const checkpoint = findCheckpoint(context.database, job.checkpointId!)!
  const number = job.number % rungStride
  const point = listRunPoints(context.database, job.runId!).find((candidate) => candidate.number === number)
  const questions = job.rung === null ? null : questionsOfJob(context, sweep, job)
  return {
    checkpoint: checkpoint.path ?? '',
    step: checkpoint.step ?? Number(point?.milestone ?? 0),
    epoch: checkpoint.epoch,
    report: path.join(folder, 'report.json'),
    again: job.again,
    ...(questions && { questions }),
  }
}

/** What an attempt goes on from: the run's last checkpoint, else the end of the shorter training that it continues. */
function resumePath(context: Context, sweep: SweepRow, job: JobRow): string | null {
  const own = job.attempt > 1 ? lastCheckpointPath(context, sweep, job) : null
  if (own !== null || job.continues === null) return own
  const from = findCheckpoint(context.database, job.continues.checkpointId)?.path ?? null
  return from === null || missingPart(from) !== null ? null : from
}

/** The newest checkpoint of the run that is there whole: what stood above it may be gone, or was being written when it died. */
function lastCheckpointPath(context: Context, sweep: SweepRow, job: JobRow): string | null {
  const reported = listCheckpoints(context.database, job.id)
    .toReversed()
    .flatMap(({ path: file, step, problem }) => (file === null || step === null || problem !== null ? [] : [file]))
  const files = [...reported, ...findLastSaved(context, sweep, job).map((model) => model.path)]
  return files.find((file) => missingPart(file) === null) ?? null
}
