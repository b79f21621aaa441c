/** Claiming a job in the database, and starting its process: two steps, so that a death between them is found again. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { findCheckpoint, listCheckpoints } from '../../../db/queries/checkpoints.ts'
import { findAttempt, insertAttempt, updateAttempt, type AttemptRow } from '../../../db/queries/attempts.ts'
import { listLiveJobs, moveJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, moveRunPoints } from '../../../db/queries/points.ts'
import { moveSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import type { AgainSettings } from '../../../domain/score/again.ts'
import { rungStride } from '../../../domain/score/race.ts'
import { takesQuestions } from '../../../domain/sweep/race-questions.ts'
import { expandAxis, milestoneAxisName, milestoneUnit } from '../../../domain/sweep/axes.ts'
import {
  evaluationCommand,
  initPath,
  portsOf,
  trainerConfig,
  trainingCommand,
  withFilesFrom,
} from '../../../domain/sweep/commands.ts'
import { checkpointsBefore, findLastSaved } from '../checkpoints/find-saved.ts'
import { questionsOfJob } from '../checkpoints/race-rungs.ts'
import { questionsFile, reportsBefore } from '../checkpoints/read-evaluation.ts'
import { executorOf, type ExecutorName } from '../../../domain/sweep/executor.ts'
import { codeStateOf } from '../../base/code-state.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import type { Job } from '../../../contract/trainer.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import { attemptOf, notify, type Context } from '../../base/context.ts'
import { isMeasurement, measuredPath } from '../../base/measured-baseline.ts'
import { tracesOf } from '../../base/traces.ts'
import type { Environment } from '../../formats/environment.ts'
import type { Launch } from '../../executors/executor.ts'
import { type AttemptToLookAt, type Look, type Looked } from '../../provenance/look-at-attempt.ts'
import { keepLooked } from './keep-looked.ts'
import { describeTracking, intakeOf } from './track-attempt.ts'

const builtInTrainer = path.resolve(import.meta.dirname, '../../../trainer/main.ts')

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
  const ports = await portsFor(context, sweep, job, control)
  const plan = describeAttempt(context, sweep, job, folder, ports)
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

/** What the scripts hold that the command names, before its process can have started. */
function codeBefore(sweep: SweepRow, job: JobRow, { command }: Launch): AttemptRow['code'] {
  const own = sweep.definition[job.kind === 'training' ? 'train' : 'evaluate']?.command !== undefined
  return codeStateOf(own ? command : null, sweep.directory)
}

type Described = {
  job: Job
  launch: Launch
  inherited: Environment
  variables: Record<string, string>
  builtIn: boolean
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

/** What an attempt is given: the job file, and the command as it will run. */
function describeAttempt(context: Context, sweep: SweepRow, job: JobRow, folder: string, ports: number[]): Described {
  const { definition } = sweep
  const runId = job.runId ?? job.id
  const slots = job.slots ?? []
  const init = initPath(definition, isMeasurement(job) ? {} : job.params)
  const resume = job.kind === 'training' ? resumePath(context, sweep, job) : null
  const runtime = { run: runId, slots, ports, init: init === null ? null : path.resolve(sweep.directory, init) }
  const evaluation = job.kind === 'evaluation' ? describeEvaluation(context, sweep, job, folder) : null
  const questions = evaluation === null ? null : writeQuestions(context, sweep, job, folder)
  const settings = withFilesFrom(trainerConfig(definition, job.params), (file) => path.resolve(sweep.directory, file))
  const description: Job = {
    kind: job.kind,
    run: runId,
    attempt: job.attempt,
    sweep: { id: sweep.id, name: sweep.name },
    params: job.params,
    config: definition.trainer ? { trainer: definition.trainer, ...settings } : {},
    milestones: describeMilestones(definition),
    init: runtime.init,
    resume,
    evaluation,
    runFolder: folder,
    eventsFile: path.join(folder, 'events.jsonl'),
    slots,
  }
  const own =
    evaluation === null
      ? trainingCommand(definition, job.params, runtime)
      : evaluationCommand(definition, job.params, { ...runtime, ...evaluation, questions })
  const inherited = inheritedEnvironment(context.config.environment)
  const variables = own?.environment ?? (evaluation === null ? definition.train : definition.evaluate)?.env ?? {}
  // a log is read while it is written
  const given = { ...inherited, PYTHONUNBUFFERED: '1', ...variables }
  // the built-in trainer says all it has to say as events, and an evaluation has no curves
  const place = executorOf(definition, job.kind)
  const track =
    own === null || evaluation !== null || place !== 'local' ? null : describeTracking(sweep, job, runId, given)
  const intake = track ? intakeOf(folder, description, track, given) : null
  return {
    inherited,
    variables,
    builtIn: own === null,
    job: { ...description, track },
    launch: {
      ...attemptOf(context, job),
      command: own?.arguments ?? [process.execPath, builtInTrainer],
      directory: own ? sweep.directory : folder,
      ...(intake === null ? {} : { door: intake.door }),
      ...(place === 'local' ? {} : { request: { gpus: job.slotCount, name: sweep.name, ...place } }),
      environment: {
        ...given,
        ...intake?.environment,
        SWEEPBOARD_JOB: path.join(folder, 'job.json'),
        SWEEPBOARD_EVENTS: description.eventsFile,
        SWEEPBOARD_RUN_DIR: folder,
        SWEEPBOARD_RUN: String(runId),
        SWEEPBOARD_ATTEMPT: String(job.attempt),
        ...(job.again === null ? {} : againEnvironment(job.again)),
        ...(questions === null ? {} : { SWEEPBOARD_QUESTIONS: questions }),
        ...(resume === null ? {} : { SWEEPBOARD_RESUME: resume }),
        ...context.executors[job.executor].environment(slots),
      },
    },
  }
}

/** What a command of one's own may heed when its evaluation is asked for again. */
function againEnvironment({ samples, temperature, seed, benchmarks }: AgainSettings): Record<string, string> {
  return {
    SWEEPBOARD_SAMPLES: String(samples),
    SWEEPBOARD_TEMPERATURE: String(temperature),
    SWEEPBOARD_SEED: String(seed),
    ...(benchmarks.length > 0 ? { SWEEPBOARD_BENCHMARKS: JSON.stringify(benchmarks) } : {}),
  }
}

/** What npm, Next and the server keep for themselves. */
const ownVariables =
  /^(npm_|SWEEPBOARD_(TOKEN|DATA|JOB|EVENTS|RUN|RUN_DIR|ATTEMPT|RESUME|SAMPLES|TEMPERATURE|SEED|BENCHMARKS|QUESTIONS|INTAKE|INTAKE_KEY|INTAKE_FIRST|TENSORBOARD)$|NODE_ENV$|PORT$|HOST$|INIT_CWD$)/

/**
 * What names one process of one run, and is of the shell that started the server where it stands there: a training that took it
 * for its own would wait for others of its group, or write into somebody else's run.
 */
const variablesOfOneRun =
  /^((LOCAL_|GROUP_|ROLE_|NODE_)?RANK|(LOCAL_|GROUP_|ROLE_)?WORLD_SIZE|ROLE_NAME|MASTER_(ADDR|PORT)|TORCHELASTIC_\w+|SLURM_(PROCID|LOCALID|NODEID|GTIDS)|OMPI_COMM_WORLD_\w+|PMI_\w+|PMIX_\w+|WANDB_(RUN_ID|RUN_NAME|NAME|RESUME|SWEEP_ID|SWEEP_PARAM_PATH|SERVICE|_SERVICE)|MLFLOW_RUN_ID)$/

/** What a trainer has of the server's environment. */
function inheritedEnvironment(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !ownVariables.test(name) && !variablesOfOneRun.test(name)),
  )
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

/**
 * Writes which questions a command is to ask and gives the file: an object from each benchmark to its questions' places. null where it is not
 * told: it asks all.
 */
function writeQuestions(context: Context, sweep: SweepRow, job: JobRow, folder: string): string | null {
  if (job.rung === null && !takesQuestions(sweep.definition)) return null
  const asked = questionsOfJob(context, sweep, job)
  if (asked === null) return null
  const file = path.join(folder, questionsFile)
  replaceFile(file, `${JSON.stringify(asked.places)}\n`)
  return file
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

function describeMilestones(definition: SweepRow['definition']): Job['milestones'] {
  const axis = milestoneAxisName(definition.axes)
  if (axis === null) return null
  return { axis, unit: milestoneUnit(axis), values: expandAxis(axis, definition.axes[axis]!).values.map(Number) }
}
