/** What an attempt is run with, of a stored job or of a try: its job file, and the command and the environment as they will be. */
import path from 'node:path'
import type { Job } from '../../../contract/trainer.ts'
import type { AgainSettings } from '../../../domain/score/again.ts'
import { expandAxis, milestoneAxisName, milestoneUnit } from '../../../domain/sweep/axes/axes.ts'
import {
  evaluationCommand,
  initPath,
  trainerConfig,
  trainingCommand,
  withFilesFrom,
} from '../../../domain/sweep/commands/commands.ts'
import { executorOf, type ExecutorName } from '../../../domain/sweep/executor.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../../base/context.ts'
import type { Environment } from '../../formats/environment.ts'
import type { Attempt, Launch } from '../../executors/executor.ts'
import { trackerPlaces } from '../../base/preparing/whose-trackers.ts'
import { describeTracking, intakeOf } from './track-attempt.ts'

const builtInTrainer = path.resolve(import.meta.dirname, '../../../trainer/main.ts')

/** What is to be run: everything that decides how, and nothing of where it is stored. */
export type ToRun = {
  sweep: { id: number; name: string; definition: Sweep; directory: string }
  kind: Job['kind']
  run: number
  attempt: number
  params: Record<string, string>
  /** Of a baseline's measuring, which has no values of axes to start from. */
  isMeasurement: boolean
  executor: ExecutorName
  slots: string[]
  slotCount: number
  ports: number[]
  at: Attempt
  resume: string | null
  evaluation: Job['evaluation']
  again: AgainSettings | null
  /** The file that names the questions to ask; null where nobody says which. */
  questions: string | null
}

export type Described = {
  job: Job
  launch: Launch
  inherited: Environment
  variables: Record<string, string>
  builtIn: boolean
}

/** What an attempt is given: the job file, and the command as it will run. */
export function describeAttempt(context: Context, given: ToRun): Described {
  const { sweep, kind, run, attempt, params, slots, ports, resume, evaluation, questions } = given
  const { definition } = sweep
  const { folder } = given.at
  const init = initPath(definition, given.isMeasurement ? {} : params)
  const runtime = { run, slots, ports, init: init === null ? null : path.resolve(sweep.directory, init) }
  const settings = withFilesFrom(trainerConfig(definition, params), (file) => path.resolve(sweep.directory, file))
  const description: Job = {
    kind,
    run,
    attempt,
    sweep: { id: sweep.id, name: sweep.name },
    params,
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
      ? trainingCommand(definition, params, runtime)
      : evaluationCommand(definition, params, { ...runtime, ...evaluation, questions })
  const place = executorOf(definition, kind)
  // an agent's process has what its own shell has, in place of the server's
  const inherited = place === 'agents' ? {} : inheritedEnvironment(context.config.environment)
  const variables = own?.environment ?? (evaluation === null ? definition.train : definition.evaluate)?.env ?? {}
  // a log is read while it is written
  const inherits = { ...inherited, PYTHONUNBUFFERED: '1', ...variables }
  // the built-in trainer says all it has to say as events, and an evaluation has no curves
  const track = own === null || evaluation !== null ? null : describeTracking(sweep, params, run, inherits)
  const intake = track ? intakeOf(folder, description, track, inherits, trackerPlaces(definition, inherits)) : null
  return {
    inherited,
    variables,
    builtIn: own === null,
    job: { ...description, track },
    launch: {
      ...given.at,
      command: own?.arguments ?? [process.execPath, builtInTrainer],
      directory: own ? sweep.directory : folder,
      ...(intake === null ? {} : { door: intake.door }),
      ...(typeof place === 'string' ? {} : { request: { gpus: given.slotCount, name: sweep.name, ...place } }),
      environment: {
        ...inherits,
        ...intake?.environment,
        SWEEPBOARD_JOB: path.join(folder, 'job.json'),
        SWEEPBOARD_EVENTS: description.eventsFile,
        SWEEPBOARD_RUN_DIR: folder,
        SWEEPBOARD_RUN: String(run),
        SWEEPBOARD_ATTEMPT: String(attempt),
        ...(given.again === null ? {} : againEnvironment(given.again)),
        ...(questions === null ? {} : { SWEEPBOARD_QUESTIONS: questions }),
        ...(resume === null ? {} : { SWEEPBOARD_RESUME: resume }),
        ...context.executors[given.executor].environment(slots),
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
  /^(npm_|SWEEPBOARD_(TOKEN|DATA|JOB|EVENTS|RUN|RUN_DIR|ATTEMPT|RESUME|SAMPLES|TEMPERATURE|SEED|BENCHMARKS|QUESTIONS|INTAKE(_\w+)?|TENSORBOARD)$|NODE_ENV$|PORT$|HOST$|INIT_CWD$)/

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

function describeMilestones(definition: Sweep): Job['milestones'] {
  const axis = milestoneAxisName(definition.axes)
  if (axis === null) return null
  return { axis, unit: milestoneUnit(axis), values: expandAxis(axis, definition.axes[axis]!).values.map(Number) }
}
