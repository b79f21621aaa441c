/** Which trainings of a sweep that is to be made have been done already, by earlier sweeps of the same folder. */
import { isEvaluated } from '../../../domain/sweep/scoring.ts'
import type { CheckpointRow } from '../../../db/queries/checkpoints.ts'
import type { JobRow } from '../../../db/queries/jobs.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { milestoneUnit } from '../../../domain/sweep/axes/axes.ts'
import { goingOnDoubt, lastMilestone, shortenedTo } from '../../../domain/sweep/reuse/going-on.ts'
import { trainingIdentity } from '../../../domain/sweep/reuse/identity.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import type { Plan, PlannedPoint, PlannedRun } from '../../../domain/sweep/plan.ts'
import { reuseNotes, type ReuseFacts } from '../../../domain/sweep/reuse/reuse-notes.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import type { Context } from '../context.ts'
import {
  type EarlierTrainings,
  earlierTrainings,
  type ReusedRun,
  tryReuse,
  type WantedTrainings,
} from './earlier-trainings.ts'

/** What a person said of what is there. `reuse` false: everything is done afresh. `continue`: shorter trainings are gone on from. */
export type HowToReuse = { reuse?: boolean | undefined; continue?: boolean | undefined }

/** A training that goes on from the end of a shorter one, whose points it keeps. */
export type ContinuedRun = ReusedRun & { from: CheckpointRow; milestone: string; doubt: string | null }

export type ReusePlan = {
  /** By the run's number, as are the others. */
  runs: Map<number, ReusedRun>
  awaited: Map<number, { origin: JobRow; evaluated: number }>
  continued: Map<number, ContinuedRun>
  /** What is reused, and why something like it is not: sentences. */
  notes: string[]
  /** What is left to do. `continuable`: trainings that would go on from a shorter one if they were told to. */
  work: { trainings: number; evaluations: number; continued: number; continuable: number }
}

/** Looks for trainings that are the same; the newest of several. Reads alone. */
export function planReuse(context: Context, definition: Sweep, directory: string, how: HowToReuse = {}): ReusePlan {
  const search = searchOf(definition)
  // what a search will propose is not known yet
  const plan = search.firstPoints(definition)
  const found: Found = { runs: new Map(), awaited: new Map(), continued: new Map(), continuable: [], refusals: [] }
  const earlier = how.reuse === false ? null : earlierTrainings(context, directory)
  const pointsOf = Map.groupBy(plan.points, (point) => point.runNumber)
  for (const run of earlier === null ? [] : plan.runs) {
    const points = pointsOf.get(run.number) ?? []
    const wanted: WantedTrainings = {
      definition,
      evaluatedBy: definition,
      directory,
      params: run.params,
      points,
      continued: how.continue ?? false,
    }
    const same = findSame(context, earlier!, wanted, run, found)
    if (same === 'found') continue
    const shorter = findShorter(context, earlier!, wanted, run, found)
    const refused = shorter === 'found' ? null : (same ?? shorter)
    if (refused !== null)
      found.refusals.push(`Run ${run.number} (${paramsOf(plan, run)}) is trained again: ${refused.why}.`)
  }
  const { runs, awaited, continued } = found
  const axis = lastMilestone(definition)?.axis
  return {
    runs,
    awaited,
    continued,
    notes: reuseNotes(factsOf(context, plan, found), axis === undefined ? 'epoch' : milestoneUnit(axis)),
    work: workOf(definition, search.size(definition), found),
  }
}

type Found = Omit<ReusePlan, 'notes' | 'work'> & {
  continuable: { milestone: string; sweep: SweepRow; doubt: string }[]
  refusals: string[]
}

/** Takes a training that is the same, or is becoming it. Else why one that looks so does not serve; null: there is nothing like it. */
function findSame(
  context: Context,
  earlier: EarlierTrainings,
  wanted: WantedTrainings,
  run: PlannedRun,
  found: Found,
): 'found' | { why: string } | null {
  const { definition, directory, params } = wanted
  let reason: string | null = null
  let doubted: Found['continuable'][number] | null = null
  for (const candidate of earlier.of(trainingIdentity(definition, { directory, params }))) {
    const tried = tryReuse(context, wanted, candidate)
    if ('reused' in tried) {
      found.runs.set(run.number, tried.reused)
      found.awaited.delete(run.number)
      return 'found'
    }
    if ('awaits' in tried)
      found.awaited.set(
        run.number,
        found.awaited.get(run.number) ?? { origin: tried.awaits, evaluated: tried.evaluated },
      )
    else if ('doubt' in tried)
      doubted ??= { milestone: lastMilestone(definition)!.last, sweep: candidate.sweep, doubt: tried.doubt }
    else reason ??= tried.reason
  }
  if (found.awaited.has(run.number)) return 'found'
  if (doubted === null) return why(reason)
  found.continuable.push(doubted)
  return 'found'
}

/** The same of a training that ended at an earlier milestone, the latest of several, and can be gone on from. */
function findShorter(
  context: Context,
  earlier: EarlierTrainings,
  wanted: WantedTrainings,
  run: PlannedRun,
  found: Found,
): 'found' | { why: string } | null {
  const own = lastMilestone(wanted.definition)
  if (own === null) return null
  let reason: string | null = null
  for (const last of [...earlier.lasts].toSorted((a, b) => Number(b) - Number(a))) {
    const definition = shortenedTo(wanted.definition, last)
    if (definition === null) continue
    const params = { ...run.params, [own.axis]: last }
    const points = wanted.points.filter(({ milestone }) => Number(milestone) <= Number(last))
    const end = { number: 0, milestone: last, params: { ...params } }
    for (const candidate of earlier.of(trainingIdentity(definition, { directory: wanted.directory, params }))) {
      const tried = tryReuse(context, { ...wanted, definition, params, points: [...points, end] }, candidate)
      const unit = milestoneUnit(own.axis)
      if ('awaits' in tried) {
        reason ??= `run ${tried.awaits.number} of sweep ${candidate.sweep.id} (${candidate.sweep.name}), which it could go on from, has not come to ${unit} ${last} yet`
        continue
      }
      if ('reason' in tried || 'doubt' in tried) {
        if ('reason' in tried) reason ??= tried.reason
        continue
      }
      const from = tried.reused.points.get(end.number)!.checkpoint
      const lacks = lacksState(wanted.definition, from)
      if (lacks !== null) {
        reason ??= `run ${candidate.job.number} of sweep ${candidate.sweep.id} (${candidate.sweep.name}) ended at ${unit} ${last}, but ${lacks}`
        continue
      }
      tried.reused.points.delete(end.number)
      const doubt = goingOnDoubt(wanted.definition, run.params)
      if (doubt === null || wanted.continued)
        found.continued.set(run.number, { ...tried.reused, from, milestone: last, doubt })
      else found.continuable.push({ milestone: last, sweep: candidate.sweep, doubt })
      return 'found'
    }
  }
  return why(reason)
}

const why = (reason: string | null) => (reason === null ? null : { why: reason })

/** Why no training can go on from a checkpoint; null where it can as far as is known. */
function lacksState({ trainer }: Sweep, { path }: CheckpointRow): string | null {
  if (path === null) return 'it is not known where its checkpoint is'
  if (trainer === undefined) return null
  const missing = ['trainer.json', 'optimizer.safetensors'].find((name) => missingPart(`${path}/${name}`) !== null)
  return missing === undefined ? null : `its checkpoint has no ${missing}`
}

function workOf(definition: Sweep, size: { trainings: number; points: number }, found: Found): ReusePlan['work'] {
  const evaluated = isEvaluated(definition)
  const awaited = [...found.awaited.values()].reduce((sum, one) => sum + one.evaluated, 0)
  const kept = keptOf(found.runs) + keptOf(found.continued) + awaited
  return {
    trainings: size.trainings - found.runs.size - found.awaited.size,
    evaluations: evaluated ? size.points - kept : 0,
    continued: found.continued.size,
    continuable: found.continuable.length,
  }
}

/** How many points keep their results. */
function keptOf(runs: ReadonlyMap<number, ReusedRun>): number {
  const points = [...runs.values()].flatMap((run) => [...run.points.values()])
  return points.filter(({ evaluations }) => evaluations !== null).length
}

function factsOf(context: Context, plan: Plan, found: Found): ReuseFacts {
  const awaited = [...found.awaited.values()].map(({ origin }) => findSweep(context.database, origin.sweepId)!)
  return {
    trainings: plan.runs.length,
    reused: {
      sweeps: distinct([...found.runs.values()].map(({ sweep }) => sweep)),
      trainings: found.runs.size,
      points: [...found.runs.values()].reduce((sum, run) => sum + run.points.size, 0),
      kept: keptOf(found.runs),
    },
    awaited: { sweeps: distinct(awaited), trainings: found.awaited.size },
    continued: counted([...found.continued.values()]),
    continuable: counted(found.continuable),
    refusals: found.refusals,
  }
}

function distinct(sweeps: readonly SweepRow[]): SweepRow[] {
  return [...new Map(sweeps.map((sweep) => [sweep.id, sweep])).values()]
}

/** The same end, sweep and doubt said once, with how many. */
function counted<One extends { milestone: string; sweep: SweepRow; doubt: string | null }>(all: readonly One[]) {
  const groups = Map.groupBy(all, ({ milestone, sweep, doubt }) => JSON.stringify([milestone, sweep.id, doubt]))
  return [...groups.values()].map((group) => ({ ...group[0]!, trainings: group.length }))
}

function paramsOf(plan: Plan, run: PlannedRun): string {
  return plan.axes
    .filter((axis) => !axis.milestone)
    .map(({ name }) => `${name} ${run.params[name]}`)
    .join(', ')
}

/** Whether a point of the plan is there already, with its model. */
export function isReused({ runs, continued }: ReusePlan, { number, runNumber }: PlannedPoint): boolean {
  return runs.has(runNumber) || (continued.get(runNumber)?.points.has(number) ?? false)
}
