/**
 * Models that a training left where its sweep's `checkpoint` says: those of this run alone, and which is of which milestone.
 * A model that stood there before the run began, as it stands now, is of somebody else.
 */
import path from 'node:path'
import { findAttempt } from '../../../db/queries/attempts.ts'
import { type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, type PointRow } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { expandAxis, milestoneAxisName } from '../../../domain/sweep/axes/axes.ts'
import { checkpointTemplate, initPath } from '../../../domain/sweep/commands/commands.ts'
import { lastSaved, type SavedModel } from '../../../domain/life/milestone-checkpoints.ts'
import { isUnchanged, type Traces } from '../../../domain/life/traces.ts'
import { substitute } from '../../../domain/sweep/commands/placeholders.ts'
import { isPattern } from '../../../domain/sweep/commands/shared-paths.ts'
import type { Context } from '../../base/context.ts'
import { matchPattern, substitutePattern } from '../../base/evaluation-files/path-pattern.ts'
import { realPath, resolveLinks, traceOf, tracesOf, writtenTime } from '../../base/evaluation-files/traces.ts'
import { readName, readSavedPlace } from '../../formats/checkpoint-folder.ts'

/** A model of this run on the disk. `path`: without links, so that what `latest` pointed to stays known. */
export type FoundModel = SavedModel & { path: string }

export type Found = {
  models: FoundModel[]
  /** Why what stands there is not of this run, a sentence each. */
  refused: string[]
}

/** What stands where the checkpoints of a run's points are expected; for links, what stands beside them too. */
export function checkpointsBefore(context: Context, sweep: SweepRow, run: JobRow): Traces | null {
  if (sweep.definition.checkpoint === undefined) return null
  const places = new Set<string>()
  for (const point of listRunPoints(context.database, run.id)) {
    const found = placesOf(sweep, run, point)
    if (typeof found !== 'string') for (const place of found) places.add(place)
  }
  const linked = [...places].filter((place) => realPath(place) !== place)
  for (const place of linked) {
    const beside = matchPattern(path.dirname(place), '*')
    if (typeof beside !== 'string') for (const one of beside) places.add(one)
  }
  return tracesOf([...places])
}

/** Whether the sweep's `checkpoint` names each milestone's own place, or none of them. */
export function namesMilestone({ definition }: SweepRow): boolean {
  const axis = milestoneAxisName(definition.axes)
  return axis !== null && definition.checkpoint !== undefined && definition.checkpoint.includes(`\${${axis}}`)
}

/** What of this run stands where the sweep expects the checkpoint of a point; a sentence where that cannot be looked at. */
export function findSaved(
  context: Context,
  sweep: SweepRow,
  run: JobRow,
  point: PointRow,
  { complete }: { complete: boolean },
): Found | string {
  const places = placesOf(sweep, run, point)
  if (typeof places === 'string') return `The checkpoint cannot be looked for: ${places}.`
  const before = findAttempt(context.database, run.id, 1)?.before ?? {}
  const found = { models: [] as Named[], refused: [] as string[] }
  const seen = new Set<string>()
  for (const place of places) {
    const real = realPath(place)
    const trace = traceOf(place)
    // a link beside what it points to is the same model
    if (trace === null || seen.has(real)) continue
    seen.add(real)
    if (isUnchanged(before, real, trace)) found.refused.push(staleSentence(place, trace.newestAt))
    else found.models.push(modelOf(sweep, place))
  }
  const models = found.models.some(({ epochFromZero }) => epochFromZero)
    ? countedFromOne(sweep, found.models, complete)
    : found.models
  return { refused: found.refused, models }
}

/** Models of this run that a further attempt can go on from, the last saved first. */
export function findLastSaved(context: Context, sweep: SweepRow, run: JobRow): FoundModel[] {
  const byPath = new Map<string, FoundModel>()
  for (const point of listRunPoints(context.database, run.id)) {
    const found = findSaved(context, sweep, run, point, { complete: false })
    if (typeof found !== 'string') for (const model of found.models) byPath.set(model.path, model)
  }
  const rest = [...byPath.values()]
  const newestFirst: FoundModel[] = []
  for (let last = lastSaved(rest); last !== null; last = lastSaved(rest)) newestFirst.push(...rest.splice(last, 1))
  return newestFirst
}

/** Says that what stands there is older than the run. */
export function staleSentence(file: string, newestAt: number): string {
  return `${file} was there before the training began (what is newest in it is of ${writtenTime(newestAt)}), and the training did not write it: it is of something else and is not scored. Move it away, or let the training write to a place of its own, e.g. with \${run} in the path.`
}

/** The path or pattern where a point's checkpoint is expected, as sentences write it. The sweep has a `checkpoint`. */
export function expectedName({ definition }: SweepRow, run: JobRow, point: PointRow): string {
  const { template, values } = checkpointTemplate(definition, point.params, {
    run: run.id,
    init: initPath(definition, point.params),
  })!
  return substitute(template, values)
}

/** Paths where a point's checkpoint is expected: one, or what the pattern matches now. */
function placesOf(sweep: SweepRow, run: JobRow, point: PointRow): string[] | string {
  const { definition, directory } = sweep
  const expected = checkpointTemplate(definition, point.params, {
    run: run.id,
    init: initPath(definition, point.params),
  })
  if (expected === null) return []
  const { template, values } = expected
  if (!isPattern(template)) return [path.resolve(directory, substitute(template, values))]
  return matchPattern(directory, substitutePattern(template, values))
}

type Named = FoundModel & { epochFromZero: boolean }

function modelOf(sweep: SweepRow, place: string): Named {
  const file = resolveLinks(sweep.directory, place)
  // global_step_40/actor: the folder above may know more
  const state = readSavedPlace(file) ?? readSavedPlace(path.dirname(file))
  const below = path.relative(sweep.directory, file)
  const template = sweep.definition.checkpoint!
  // what a plain path holds are the sweep's own words: 1e-5 is no step
  const named = isPattern(template) || file !== place ? readName(wildPart(template, below)) : null
  return {
    name: below.startsWith('..') ? file : below,
    path: file,
    step: state?.step ?? named?.step ?? null,
    epoch: state?.epoch ?? named?.epoch ?? null,
    epochFromZero: named !== null && named.epochFromZero && typeof state?.epoch !== 'number',
  }
}

/** The end of a path from the first name that a wildcard stands in: what names before it hold are values of axes. */
function wildPart(template: string, file: string): string {
  const parts = template.split('/')
  const fixed = parts.findIndex((part) => /[*?]/.test(part))
  if (fixed === -1 || template.includes('**')) return path.basename(file)
  return file
    .split('/')
    .slice(fixed - parts.length)
    .join('/')
}

/**
 * `epoch_0` beside no `epoch_3` of three: the trainer counts from 0. Where the last is there, `epoch_0` is the start. Which of the
 * two is not known of a training that broke off, and then no epoch is.
 */
function countedFromOne(sweep: SweepRow, models: readonly Named[], complete: boolean): FoundModel[] {
  const axis = milestoneAxisName(sweep.definition.axes)
  const milestones = axis === null ? null : expandAxis(axis, sweep.definition.axes[axis]!).values
  const last = Number(milestones?.at(-1))
  const highest = Math.max(...models.map(({ epoch }) => epoch ?? 0))
  if (milestones === null || highest === last) return [...models]
  const fromZero = complete && highest === last - 1
  return models.map((model) => ({ ...model, epoch: model.epoch !== null && fromZero ? model.epoch + 1 : null }))
}
