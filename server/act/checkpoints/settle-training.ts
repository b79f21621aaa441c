/** A training has ended: each of its points gets the checkpoint that is its own, or the reason why there is none. */
import path from 'node:path'
import {
  findCheckpoint,
  findCheckpointByStep,
  findLastCheckpoint,
  insertCheckpoint,
  listCheckpoints,
  updateCheckpoint,
  type CheckpointRow,
} from '../../../db/queries/checkpoints.ts'
import { insertEvents } from '../../../db/queries/events.ts'
import { findAttempt } from '../../../db/queries/attempts.ts'
import { type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, updatePoint, type PointRow } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { expandAxis, milestoneAxisName, milestoneUnit } from '../../../domain/sweep/axes/axes.ts'
import { chooseSaved, lastSaved } from '../../../domain/life/milestone-checkpoints.ts'
import { isScored } from '../../../domain/sweep/scoring.ts'
import { axisMetric } from '../../../domain/asking/step-places.ts'
import { measureSizeBytes } from '../../base/process/measure-size.ts'
import { giveCheckpoint, hasEvaluation } from './record-checkpoint.ts'
import { scorePoint } from './score-point.ts'
import { storeBeside } from './score-beside.ts'
import type { Context } from '../../base/context.ts'
import { isPattern } from '../../../domain/sweep/commands/shared-paths.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import { metricNames } from '../../base/finding/metric-names.ts'
import { expectedName, findSaved, namesMilestone, type FoundModel } from './find-saved.ts'

/** A checkpoint of a point and what a person should know of how it was found. */
type Settled = { checkpoint: CheckpointRow; note: string | null }

/**
 * Gives the points that wait for this training their checkpoints. `error`: why it failed; milestones that it had saved whole before
 * are scored all the same, the other points fail with that. null: it ended well.
 */
export function settleTraining(context: Context, sweep: SweepRow, run: JobRow, error: string | null): void {
  tellStartFromScratch(context, run)
  for (const point of listRunPoints(context.database, run.id)) {
    // what it logged up to a milestone may have come after the milestone was scored
    if (point.status === 'scored' || point.status === 'done') storeBeside(context, sweep, point, { ended: true })
    if (point.status !== 'training' && point.status !== 'waiting') continue
    if (point.checkpointId === null) {
      const found = findPointCheckpoint(context, sweep, run, point, error === null)
      if (typeof found === 'string' && error === null && needsNoModel(sweep, point)) {
        scorePoint(context, sweep, point, { final: true })
        continue
      }
      if (typeof found === 'string') {
        // of a training that broke off its own error says more than what it did not come to save
        updatePoint(context.database, point.id, { status: 'failed', error: error ?? found })
        continue
      }
      giveCheckpoint(context, sweep, point, found.checkpoint)
      point.checkpointId = found.checkpoint.id
      if (found.checkpoint.problem !== null) continue
      if (found.note !== null) say(context, run, found.note)
    }
    if (!hasEvaluation(sweep)) scorePoint(context, sweep, point, { final: true })
  }
}

/**
 * Whether a training that ended well is all that there is to a point: nothing is scored, or a metric of the whole training, and no path
 * of a checkpoint promised.
 */
function needsNoModel({ definition }: SweepRow, { milestone }: PointRow): boolean {
  const { objective, evaluate, checkpoint } = definition
  if (evaluate?.command !== undefined || checkpoint !== undefined) return false
  return !isScored(definition) || (objective !== undefined && milestone === null)
}

/** Says where a training that was to go on from a shorter one began at its own start: then it is one of the whole length. */
function tellStartFromScratch(context: Context, run: JobRow): void {
  const from = run.continues === null ? undefined : findCheckpoint(context.database, run.continues.checkpointId)
  const first = findAttempt(context.database, run.id, 1)?.firstStep ?? null
  if (from === undefined || from.step === null || first === null || first > from.step) return
  const text = `It was given ${from.path} of step ${from.step} to go on from, and began at step ${first}: it trained from the start.`
  say(context, run, text)
}

function say(context: Context, run: JobRow, text: string): void {
  insertEvents(context.database, [
    { jobId: run.id, attempt: run.attempt, line: 0, type: 'note', body: { level: 'info', text } },
  ])
}

/** The checkpoint of a point whose training has ended and reported none for it; or why there is none. */
function findPointCheckpoint(
  context: Context,
  sweep: SweepRow,
  run: JobRow,
  point: PointRow,
  complete: boolean,
): Settled | string {
  if (sweep.definition.checkpoint !== undefined) return findOnDisk(context, sweep, run, point, complete)
  const reported = findReported(context, sweep, run, point, complete)
  if (typeof reported !== 'string') return reported
  // an evaluation that takes no checkpoint needs none
  return complete && !needsCheckpoint(sweep)
    ? { checkpoint: withoutFiles(context, sweep, run, point), note: null }
    : reported
}

/** Which of the models on the disk is the point's. */
function findOnDisk(
  context: Context,
  sweep: SweepRow,
  run: JobRow,
  point: PointRow,
  complete: boolean,
): Settled | string {
  const { definition } = sweep
  const found = findSaved(context, sweep, run, point, { complete })
  if (typeof found === 'string') return found
  const { models, refused } = found
  const milestones = milestonesOf(sweep)
  const own = namesMilestone(sweep)
  if (!isPattern(definition.checkpoint!)) {
    // the last path of a training that broke off is a milestone's only where it says so
    if (!complete && !own) return 'The training broke off.'
    const model = models[0]
    if (model) return store(context, sweep, run, point, model, otherEpoch(milestones, point, model))
    return (
      refused[0] ??
      `The training ended, and its checkpoint ${path.resolve(sweep.directory, expectedName(sweep, run, point))} is not there.`
    )
  }
  const pattern = expectedName(sweep, run, point)
  if (models.length === 0) {
    const stale = refused.length > 0 ? ` ${refused.slice(0, 2).join(' ')}` : ''
    return `The training ended, and it saved nothing that ${pattern} stands for.${stale}`
  }
  if (own || milestones === null) {
    if (!complete && !own) return 'The training broke off.'
    const last = models[lastSaved(models)!]!
    const note =
      own && models.length > 1
        ? `Of the ${models.length} that ${pattern} stands for, ${last.name} was taken: it is the last.`
        : null
    return store(context, sweep, run, point, last, note)
  }
  const chosen = chooseSaved(models, milestones, { measured: measuredEpochs(context, run), complete })
  const choice = chosen[milestones.values.indexOf(Number(point.milestone))]!
  if (choice.index === null)
    return `Which checkpoint is of ${milestones.unit} ${point.milestone} is not known: ${choice.reason}.`
  return store(context, sweep, run, point, models[choice.index]!, choice.note)
}

/** Says where what stands at a milestone's path calls itself another epoch. */
function otherEpoch(milestones: ReturnType<typeof milestonesOf>, point: PointRow, model: FoundModel): string | null {
  const said = milestones?.unit === 'epoch' ? model.epoch : milestones === null ? null : model.step
  if (said === null || Math.abs(said - Number(point.milestone)) < 1e-6) return null
  return `${model.name} stands for ${milestones!.unit} ${point.milestone} and says that it is of ${milestones!.unit} ${said}.`
}

/** Which of the checkpoints that the training reported is the point's. */
function findReported(
  context: Context,
  sweep: SweepRow,
  run: JobRow,
  point: PointRow,
  complete: boolean,
): Settled | string {
  const { database } = context
  const reported = listCheckpoints(database, run.id)
  const milestones = milestonesOf(sweep)
  if (milestones === null && complete) {
    const last = findLastCheckpoint(database, run.id) ?? reported.at(-1)
    if (last) return { checkpoint: last, note: null }
  }
  const steps = reported.map((row) => `step ${row.step}${row.epoch === null ? '' : ` (epoch ${row.epoch})`}`)
  const saw =
    steps.length === 0
      ? 'The training ended and reported no checkpoint'
      : `The training reported ${steps.slice(0, 5).join(', ')}`
  const advice = 'Report it with a checkpoint event, or give `checkpoint` in the sweep file.'
  if (milestones === null) return `${saw}. ${advice}`
  const saved = reported.filter((row) => row.step !== null)
  const models = saved.map(({ step, epoch }) => ({ name: `The checkpoint of step ${step}`, step, epoch }))
  const chosen = chooseSaved(models, milestones, { measured: measuredEpochs(context, run), complete })
  const choice = chosen[milestones.values.indexOf(Number(point.milestone))]!
  if (choice.index === null) return `${saw}, none at ${milestones.axis} ${point.milestone}. ${advice}`
  const row = saved[choice.index]!
  return { checkpoint: row, note: choice.note }
}

/** Stores a model that was found on the disk as the point's checkpoint; a sentence where not all of it is there. */
function store(
  context: Context,
  sweep: SweepRow,
  run: JobRow,
  point: PointRow,
  model: FoundModel,
  note: string | null,
): Settled | string {
  const missing = missingPart(model.path)
  if (missing !== null) return `The checkpoint ${model.path} ${missing}.`
  const { database } = context
  const milestones = milestonesOf(sweep)
  const atMilestone = milestones?.unit === 'epoch' ? Number(point.milestone) : null
  const values = {
    attempt: run.attempt,
    step: model.step,
    epoch: model.epoch ?? atMilestone,
    path: model.path,
    sizeBytes: measureSizeBytes(model.path),
  }
  const known = model.step === null ? undefined : findCheckpointByStep(database, run.id, model.step)
  if (known === undefined) return { checkpoint: insertCheckpoint(database, { runId: run.id, ...values }), note }
  const mended = {
    path: known.path ?? values.path,
    epoch: known.epoch ?? values.epoch,
    sizeBytes: known.sizeBytes ?? values.sizeBytes,
  }
  updateCheckpoint(database, known.id, mended)
  return { checkpoint: { ...known, ...mended }, note }
}

/** A row for a point whose evaluation takes no checkpoint. */
function withoutFiles(context: Context, sweep: SweepRow, run: JobRow, point: PointRow): CheckpointRow {
  const epoch = milestonesOf(sweep)?.unit === 'epoch' ? Number(point.milestone) : null
  return insertCheckpoint(context.database, { runId: run.id, attempt: run.attempt, step: null, epoch, path: null })
}

function needsCheckpoint({ definition }: SweepRow): boolean {
  if (definition.trainer !== undefined || definition.evaluate?.command === undefined) return true
  return [...definition.evaluate.command, ...Object.values(definition.evaluate.env)].some((text) =>
    text.includes('${checkpoint}'),
  )
}

function milestonesOf({ definition }: SweepRow): { axis: string; unit: 'epoch' | 'step'; values: number[] } | null {
  const axis = milestoneAxisName(definition.axes)
  if (axis === null) return null
  return { axis, unit: milestoneUnit(axis), values: expandAxis(axis, definition.axes[axis]!).values.map(Number) }
}

/** The newest epoch that the run reported as a metric, with its step; none where it reported none. */
function measuredEpochs(context: Context, run: JobRow): { step: number; epoch: number }[] {
  const metric = axisMetric(metricNames(context.series, run.id), 'epoch')
  if (metric === null) return []
  return context.series.last([run.id], [metric]).map(({ step, value }) => ({ step, epoch: value }))
}
