/** Which trainings of a sweep that is to be made have been done already, by earlier sweeps of the same folder. */
import {
  findCheckpoint,
  listEvaluations,
  type CheckpointRow,
  type EvaluationRow,
} from '../../db/queries/checkpoints.ts'
import { findAttempt, findJob, listDoneTrainings, type JobRow } from '../../db/queries/jobs.ts'
import { listRunPoints } from '../../db/queries/points.ts'
import { listSweepsOfFolder, type SweepRow } from '../../db/queries/sweeps.ts'
import { evaluationCommand, initPath, trainingCommand } from '../../domain/sweep/commands.ts'
import { evaluationIdentity, trainingIdentity } from '../../domain/sweep/identity.ts'
import { planSweep, type Plan, type PlannedPoint, type PlannedRun } from '../../domain/sweep/plan.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import { missingPart } from '../formats/checkpoint-folder.ts'
import { changedFiles, codeStateOf } from './code-state.ts'
import type { Context } from './context.ts'

/** A point whose model was saved by an earlier training. */
export type ReusedPoint = {
  checkpoint: CheckpointRow
  /** Its results, where the evaluation was the same too; null: it is evaluated again. */
  evaluations: EvaluationRow[] | null
}
export type ReusedRun = { origin: JobRow; sweep: SweepRow; points: Map<number, ReusedPoint> }

export type ReusePlan = {
  /** By the run's number. */
  runs: Map<number, ReusedRun>
  /** What is reused, and why something like it is not: sentences. */
  notes: string[]
  /** What is left to do. */
  work: { trainings: number; evaluations: number }
}

const mostNotes = 8

/** Looks for trainings that are the same; the newest of several. Reads alone. `reuse` false: everything is to be done afresh. */
export function planReuse(context: Context, definition: Sweep, directory: string, reuse = true): ReusePlan {
  const plan = planSweep(definition)
  const done = reuse ? doneTrainings(context, directory) : new Map<string, never>()
  const runs = new Map<number, ReusedRun>()
  const refusals: string[] = []
  if (done.size === 0) return { runs, notes: [], work: workOf(definition, plan, runs) }
  const pointsOf = Map.groupBy(plan.points, (point) => point.runNumber)
  for (const run of plan.runs) {
    const candidates = done.get(trainingIdentity(definition, { directory, params: run.params })) ?? []
    let reason: string | null = null
    for (const candidate of candidates) {
      const tried = tryReuse(context, { definition, directory, run, points: pointsOf.get(run.number) ?? [] }, candidate)
      if (typeof tried === 'string') reason ??= tried
      else {
        runs.set(run.number, tried)
        break
      }
    }
    if (!runs.has(run.number) && reason !== null)
      refusals.push(`Run ${run.number} (${paramsOf(plan, run)}) is trained again: ${reason}.`)
  }
  return { runs, notes: notesOf(plan, runs, refusals), work: workOf(definition, plan, runs) }
}

function workOf(definition: Sweep, plan: Plan, runs: ReusePlan['runs']): ReusePlan['work'] {
  const evaluated = definition.trainer !== undefined || definition.evaluate?.command !== undefined
  const kept = keptOf(runs)
  return {
    trainings: plan.runs.length - runs.size,
    evaluations: evaluated ? plan.points.length - kept.length : 0,
  }
}

/** Points whose results are taken over. */
function keptOf(runs: ReusePlan['runs']): ReusedPoint[] {
  return [...runs.values()].flatMap(({ points }) => [...points.values()]).filter((point) => point.evaluations !== null)
}

type Wanted = { definition: Sweep; directory: string; run: PlannedRun; points: PlannedPoint[] }

/** The earlier training with a model for every point; or why it does not serve. */
function tryReuse(
  context: Context,
  wanted: Wanted,
  { job, sweep }: { job: JobRow; sweep: SweepRow },
): ReusedRun | string {
  const { definition, directory, run } = wanted
  const which = `run ${job.number} of sweep ${sweep.id} (${sweep.name})`
  const runtime = { run: job.id, slots: [], init: initPath(definition, run.params) }
  const command = trainingCommand(definition, run.params, runtime)
  const changed = codeChanged(context, job, command?.arguments ?? null, directory)
  if (changed !== null) return `${which} was the same, but ${changed}`
  const points = new Map<number, ReusedPoint>()
  const earlier = listRunPoints(context.database, job.id)
  for (const point of wanted.points) {
    const served = earlier.find((one) => one.checkpointId !== null && sameMilestone(one.milestone, point.milestone))
    const checkpoint = served && findCheckpoint(context.database, served.checkpointId!)
    const what = point.milestone === null ? 'checkpoint' : `checkpoint of ${point.milestone}`
    if (!served || !checkpoint || checkpoint.problem !== null) return `${which} was the same, but has no ${what}`
    const missing = checkpoint.path === null ? null : missingPart(checkpoint.path)
    if (missing !== null || checkpoint.removedAt !== null)
      return `${which} was the same, but its ${what} ${missing ?? 'was removed'}`
    const params = point.params
    const same =
      evaluationIdentity(definition, { directory, params }) ===
      evaluationIdentity(sweep.definition, { directory: sweep.directory, params: served.params })
    const evaluated = served.status === 'scored' && same
    const evaluation = served.evaluationJobId === null ? undefined : findJob(context.database, served.evaluationJobId)
    const template = evaluationCommand(definition, params, {
      ...runtime,
      checkpoint: checkpoint.path ?? '',
      report: '',
    })
    const unchanged =
      evaluated &&
      (evaluation === undefined || codeChanged(context, evaluation, template?.arguments ?? null, directory) === null)
    const selfReported = definition.trainer === undefined && definition.evaluate?.command === undefined
    points.set(point.number, {
      checkpoint,
      evaluations: unchanged || selfReported ? listEvaluations(context.database, [checkpoint.id]) : null,
    })
  }
  return { origin: job, sweep, points }
}

/** Which files that the command names are not what they were when the job ran; null: they are. */
function codeChanged(
  context: Context,
  job: JobRow,
  command: readonly string[] | null,
  directory: string,
): string | null {
  const now = codeStateOf(command, directory)
  const origin = job.reusedFrom ?? job.id
  const attempt = findAttempt(context.database, origin, findJob(context.database, origin)?.attempt ?? 0)
  if (!attempt?.code) return Object.keys(now).length === 0 ? null : 'it is not known what its scripts held then'
  const changed = changedFiles(attempt.code, now)
  if (changed.length === 0) return null
  return `${changed.slice(0, 3).join(', ')} ${changed.length === 1 ? 'has' : 'have'} changed since`
}

/** Trainings that ended well in sweeps of the folder, newest first, by what makes them the same. */
function doneTrainings(context: Context, directory: string) {
  const found = new Map<string, { job: JobRow; sweep: SweepRow }[]>()
  for (const sweep of listSweepsOfFolder(context.database, directory)) {
    for (const job of listDoneTrainings(context.database, sweep.id)) {
      const identity = trainingIdentity(sweep.definition, { directory: sweep.directory, params: job.params })
      const all = found.get(identity)
      if (all) all.push({ job, sweep })
      else found.set(identity, [{ job, sweep }])
    }
  }
  return found
}

function sameMilestone(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && Number(a) === Number(b))
}

function paramsOf(plan: Plan, run: PlannedRun): string {
  return plan.axes
    .filter((axis) => !axis.milestone)
    .map(({ name }) => `${name} ${run.params[name]}`)
    .join(', ')
}

function notesOf(plan: Plan, runs: Map<number, ReusedRun>, refusals: string[]): string[] {
  if (runs.size === 0 && refusals.length === 0) return []
  const sweeps = new Map([...runs.values()].map(({ sweep }) => [sweep.id, sweep.name]))
  const points = [...runs.values()].reduce((sum, run) => sum + run.points.size, 0)
  const from = [...sweeps].map(([id, name]) => `${id} (${name})`).join(', ')
  const head =
    runs.size === 0
      ? []
      : [
          `${runs.size} of ${plan.runs.length} trainings are not repeated: sweep ${from} did the same, with the same scripts. Of their ${points} points ${keptOf(runs).length} are not evaluated again.`,
        ]
  const more =
    refusals.length > mostNotes ? [`${refusals.length - mostNotes} more are trained again for such reasons.`] : []
  return [...head, ...refusals.slice(0, mostNotes), ...more]
}
