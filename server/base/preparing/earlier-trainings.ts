/** Trainings that earlier sweeps of a folder did or are doing, and whether one of them serves in place of a planned one. */
import { isEvaluated } from '../../../domain/sweep/scoring.ts'
import {
  findCheckpoint,
  listEvaluations,
  type CheckpointRow,
  type EvaluationRow,
} from '../../../db/queries/checkpoints.ts'
import { findAttempt } from '../../../db/queries/attempts.ts'
import { findJob, listSweepJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, type PointRow } from '../../../db/queries/points.ts'
import { listSweepsOfFolder, type SweepRow } from '../../../db/queries/sweeps.ts'
import { evaluationCommand, initPath, trainingCommand } from '../../../domain/sweep/commands/commands.ts'
import { lastMilestone } from '../../../domain/sweep/reuse/going-on.ts'
import { evaluationIdentity, trainingIdentity } from '../../../domain/sweep/reuse/identity.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import { changedFiles, codeStateOf } from './code-state.ts'
import type { Context } from '../context.ts'

export type Earlier = { job: JobRow; sweep: SweepRow }

/** A point whose model was saved by an earlier training. */
export type ReusedPoint = {
  checkpoint: CheckpointRow
  /** Its results, where the evaluation was the same too; null: it is evaluated again. */
  evaluations: EvaluationRow[] | null
}
export type ReusedRun = { origin: JobRow; sweep: SweepRow; points: Map<number, ReusedPoint> }

/** A training that is to be done, and the points that want a model of it. */
export type WantedTrainings = {
  definition: Sweep
  /** By what the points are evaluated: the same, but where `definition` is a shortened one. */
  evaluatedBy: Sweep
  directory: string
  params: Record<string, string>
  points: readonly { number: number; milestone: string | null; params: Record<string, string> }[]
  /** Whether one serves that a person let go on from a shorter one although that is not known to be the same. */
  continued: boolean
}

/** `evaluated`: how many of the points will have their results by it. */
export type Tried =
  | { reused: ReusedRun }
  | { awaits: JobRow; evaluated: number }
  | { reason: string }
  /** It serves only where a person says so, and why. */
  | { doubt: string }

export type EarlierTrainings = {
  /** Those that were told the same, the newest first; failed and cancelled ones left out. */
  of(identity: string): readonly Earlier[]
  /** The last milestones that sweeps of the folder had. */
  lasts: ReadonlySet<string>
}

/** Trainings of the folder by what makes them the same. */
export function earlierTrainings(context: Context, directory: string): EarlierTrainings {
  const found = new Map<string, Earlier[]>()
  const lasts = new Set<string>()
  for (const sweep of listSweepsOfFolder(context.database, directory)) {
    const milestone = lastMilestone(sweep.definition)
    if (milestone !== null) lasts.add(milestone.last)
    for (const job of listSweepJobs(context.database, sweep.id, 'training')) {
      if (job.status !== 'done' && !isUnderWay(job, sweep)) continue
      const identity = trainingIdentity(sweep.definition, { directory: sweep.directory, params: job.params })
      const all = found.get(identity)
      if (all) all.push({ job, sweep })
      else found.set(identity, [{ job, sweep }])
    }
  }
  return { of: (identity) => found.get(identity) ?? [], lasts }
}

/** Whether a training that has not ended will: what waits in a paused or cancelled sweep may wait for ever. */
export function isUnderWay(job: JobRow, sweep: SweepRow): boolean {
  const starts = sweep.deletedAt === null && (sweep.status === 'waiting' || sweep.status === 'running')
  if (job.status === 'waiting') return starts
  return (job.status === 'starting' || job.status === 'running') && job.stopReason !== 'cancel'
}

/** Whether an earlier training, told the same, has a model for every point; will have; or why it does not serve. */
export function tryReuse(context: Context, wanted: WantedTrainings, { job, sweep }: Earlier): Tried {
  const { definition, directory, params } = wanted
  const which = `run ${job.number} of sweep ${sweep.id} (${sweep.name})`
  const runtime = { run: job.id, slots: [], init: initPath(definition, params) }
  const command = trainingCommand(definition, params, runtime)?.arguments ?? null
  const changed = codeChanged(context, job, command, directory)
  if (changed !== null) return { reason: `${which} was the same, but ${changed}` }
  if (job.continues?.told && !wanted.continued)
    return { doubt: 'there it went on from the end of a shorter one as told, which is not known to be the same' }
  const points = new Map<number, ReusedPoint>()
  const earlier = listRunPoints(context.database, job.id)
  let evaluated = 0
  let open = job.status !== 'done'
  for (const point of wanted.points) {
    const what = point.milestone === null ? 'checkpoint' : `checkpoint of ${point.milestone}`
    const served = earlier.find((one) => sameMilestone(one.milestone, point.milestone))
    if (!served) return { reason: `${which} was the same, but has no ${what}` }
    const same = isSameEvaluation(wanted, point.params, sweep, served)
    if (same) evaluated++
    // its evaluation is under way, too
    if (same && served.status === 'evaluating' && isOpenEvaluation(context, served, sweep)) open = true
    if (open) continue
    const checkpoint = served.checkpointId === null ? undefined : findCheckpoint(context.database, served.checkpointId)
    if (!checkpoint || checkpoint.problem !== null) return { reason: `${which} was the same, but has no ${what}` }
    const missing = checkpoint.path === null ? null : missingPart(checkpoint.path)
    if (missing !== null || checkpoint.removedAt !== null)
      return { reason: `${which} was the same, but its ${what} ${missing ?? 'was removed'}` }
    const kept = same && hasKeptResults(context, wanted, served, checkpoint, point.params)
    points.set(point.number, {
      checkpoint,
      evaluations: kept ? listEvaluations(context.database, [checkpoint.id]) : null,
    })
  }
  return open ? { awaits: job, evaluated } : { reused: { origin: job, sweep, points } }
}

function isSameEvaluation(
  { evaluatedBy, directory }: WantedTrainings,
  params: Record<string, string>,
  sweep: SweepRow,
  served: PointRow,
): boolean {
  const here = evaluationIdentity(evaluatedBy, { directory, params })
  return here === evaluationIdentity(sweep.definition, { directory: sweep.directory, params: served.params })
}

function isOpenEvaluation(context: Context, { evaluationJobId }: PointRow, sweep: SweepRow): boolean {
  const job = evaluationJobId === null ? undefined : findJob(context.database, evaluationJobId)
  // between two rungs of a race no job is
  if (job?.status === 'done' && job.rung !== null) return sweep.status === 'waiting' || sweep.status === 'running'
  return job !== undefined && isUnderWay(job, sweep)
}

/** Whether the results of an evaluation that was told the same hold: it gave a score, and its scripts are what they were. */
function hasKeptResults(
  context: Context,
  { evaluatedBy: definition, directory }: WantedTrainings,
  served: PointRow,
  checkpoint: CheckpointRow,
  params: Record<string, string>,
): boolean {
  // what a training reports itself was made with it
  if (!isEvaluated(definition)) return true
  // of one that its race gave up only some questions are known
  if (served.status !== 'scored' || served.asked !== null) return false
  // results that were taken over know which evaluation measured them
  const measuredBy = served.evaluationJobId ?? listEvaluations(context.database, [checkpoint.id])[0]?.jobId ?? null
  const evaluation = measuredBy === null ? undefined : findJob(context.database, measuredBy)
  if (evaluation === undefined) return false
  const runtime = { run: served.runId, slots: [], init: initPath(definition, params) }
  const template = evaluationCommand(definition, params, { ...runtime, checkpoint: checkpoint.path ?? '', report: '' })
  return codeChanged(context, evaluation, template?.arguments ?? null, directory) === null
}

/** Which files that the command names are not what they were when the job ran; null: they are. */
export function codeChanged(
  context: Context,
  job: JobRow,
  command: readonly string[] | null,
  directory: string,
): string | null {
  const now = codeStateOf(command, directory)
  const origin = job.reusedFrom ?? job.id
  const attempt = findAttempt(context.database, origin, findJob(context.database, origin)?.attempt ?? 0)
  if (!attempt?.code) {
    // one that has not begun will run them as they are
    if (job.status !== 'done' || Object.keys(now).length === 0) return null
    return 'it is not known what its scripts held then'
  }
  const then = attempt.code
  // what came to be since is what the command wrote, or what it could do without
  const changed = changedFiles(then, now).filter((name) => Object.hasOwn(then, name))
  if (changed.length === 0) return null
  return `${changed.slice(0, 3).join(', ')} ${changed.length === 1 ? 'has' : 'have'} changed since`
}

function sameMilestone(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && Number(a) === Number(b))
}
