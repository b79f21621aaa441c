/** What pages draw of a lineage: the runs, what each started from and changed, and the checkpoint that stands for it. */
import { existsSync } from 'node:fs'
import {
  listCheckpointsById,
  listEvaluations,
  type CheckpointRow,
  type EvaluationRow,
} from '../../../db/queries/checkpoints.ts'
import { stampOf } from '../../../db/client.ts'
import type { AnyJobRow } from '../../../db/queries/jobs.ts'
import { type LineageLink, listLineageLinks, listRunsById } from '../../../db/queries/lineage.ts'
import { initPath } from '../../../domain/sweep/commands/commands.ts'
import {
  type Difference,
  runSettings,
  settingDifferences,
} from '../../../domain/sweep/settings/definition-differences.ts'
import { chainOf, countsAsRound, descendantsOf, type LineagePlace, placeRuns } from '../../../domain/life/lineage.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import type { Context } from '../../base/context.ts'
import { heldBy } from '../../base/process/held.ts'
import { intervalAt, type ScoreColumns, scoreColumns } from '../../tables/score-columns.ts'
import { type HomeOfRuns, homeKey } from '../../tables/homes.ts'
import { groupByCheckpoint, progressOf } from '../../tables/describe-points.ts'
import type {
  LineageCheckpoint,
  LineageNode,
  LineageRunView,
  LineageGraph,
  LineageView,
} from '../../../contract/api/lineage.ts'

/** Which runs a lineage shows, how they hang together, and the checkpoint that stands for each. */
type Sketch = {
  scores: ScoreColumns
  homeOf: (run: { id: number }) => HomeOfRuns
  places: ReadonlyMap<number, LineagePlace>
  shownIds: number[]
  /** How many runs more there are of a sweep from one start, by `groupOf`. */
  others: ReadonlyMap<string, number>
  /** Checkpoints that runs started from. */
  used: ReadonlySet<number | null>
}

const sketchesOf = heldBy<ScoreColumns, 'newest', { stamp: string; sketch: Sketch }>(1)

/** A page asks for the graph and then for a line of it: what both rest on is looked up once, unless something was written since. */
function sketchOf(context: Context, baselineId: number | null): Sketch {
  const scores = scoreColumns(context, baselineId)
  const stamp = stampOf(context.database)
  const make = () => ({ stamp, sketch: sketchLineage(context, scores) })
  return sketchesOf(scores).take('newest', make, (held) => held.stamp === stamp).sketch
}

function sketchLineage(context: Context, scores: ScoreColumns): Sketch {
  const links = listLineageLinks(context.database)
  const keys = new Map(links.map(({ id, sweepId, projectId }) => [id, homeKey(sweepId, projectId)]))
  const homeOf = ({ id }: { id: number }) => scores.columns.homes.get(keys.get(id)!)!
  const isRound = (link: LineageLink) => {
    const { sweep } = homeOf(link)
    // of its own, one that goes on from a checkpoint, as a command that is given one
    return sweep === null ? link.startCheckpointId !== null : countsAsRound(sweep.definition)
  }
  const places = placeRuns(links.map((link) => ({ ...link, isRound: isRound(link) })))
  const { shownIds, others } = chooseShown(withoutDeleted(links, places, homeOf), places)
  const shown = new Set(shownIds)
  const used = new Set(links.flatMap((link) => (shown.has(link.id) ? [link.startCheckpointId] : [])))
  return { scores, homeOf, places, shownIds, others, used }
}

/**
 * Every run that a lineage is made of, scored against one stored baseline or, with `baselineId` null, each against its own
 * sweep's. Throws `not-found` for a baseline that does not exist.
 */
export function describeLineage(context: Context, baselineId: number | null): LineageView {
  const sketch = sketchOf(context, baselineId)
  return { baselineId, runs: inOrder(describeRuns(context, sketch, sketch.shownIds, 'with rows')) }
}

/** These runs, oldest first. The checkpoints that stand for them have paths, notes and accuracies only `with rows`. */
function describeRuns(context: Context, sketch: Sketch, ids: number[], detail: 'with rows' | 'in short') {
  const { scores, homeOf, places, others, used } = sketch
  const { columns } = scores
  const shown = listRunsById(context.database, ids)
  const jobs = new Map(shown.map((job) => [job.id, job]))
  const ofRuns = new Map(shown.map(({ id }) => [id, placesInOrder(scores, id)]))
  const chosen = new Map(shown.map(({ id }) => [id, chooseCheckpoint(scores, ofRuns.get(id)!, used)]))
  const rows = detail === 'in short' ? null : chosenRows(context, scores, [...chosen.values()])
  return shown.map((job): LineageRunView => {
    const home = homeOf(job)
    const own = columns.runs.get(job.id)?.own ?? null
    const place = places.get(job.id)!
    const parent = place.parentId === null ? undefined : jobs.get(place.parentId)
    const ofRun = ofRuns.get(job.id)!
    const itsChosen = chosen.get(job.id)!
    return {
      id: job.id,
      home: { kind: home.kind, id: home.id, name: home.name },
      runName: own?.name ?? `run ${job.number}`,
      deleted: home.isDeleted || own?.isDeleted === true,
      imported: home.sweep?.origin === 'imported',
      trainer: own?.client ?? home.sweep?.definition.trainer ?? 'command',
      params: job.params,
      status: job.status,
      progress: progressOf(job),
      parentId: place.parentId,
      startCheckpointId: place.parentId === null ? null : job.initCheckpointId,
      base: place.parentId === null ? baseOf(home, job) : null,
      round: place.round,
      changes: parent ? changesOf([homeOf(parent), parent], [home, job]) : [],
      checkpoints: ofRun.map((at) => ({
        id: columns.ids[at]!,
        step: orNull(columns.step[at]!),
        epoch: orNull(columns.epoch[at]!),
        score: orNull(scores.score[at]!),
        picked: !Number.isNaN(columns.pickedAt[at]!),
      })),
      chosen: itsChosen === null ? null : describeChosen(scores, itsChosen, rows),
      lastStep: job.lastStep ?? ofRun.reduce<number | null>((last, at) => orNull(columns.step[at]!) ?? last, null),
      others: others.get(groupOf(home, job.initCheckpointId)) ?? 0,
    }
  })
}

/** The graph as pages draw it. Throws as `describeLineage` does. */
export function describeTree(context: Context, baselineId: number | null): LineageGraph {
  const sketch = sketchOf(context, baselineId)
  const runs = inOrder(describeRuns(context, sketch, sketch.shownIds, 'in short'))
  const byId = new Map(runs.map((run) => [run.id, run]))
  const homes = [...new Map(runs.map(({ home, ...run }) => [`${home.kind} ${home.id}`, { home, run }])).values()]
  const placeOfHome = new Map(homes.map(({ home }, at) => [`${home.kind} ${home.id}`, at]))
  const settings = [...new Set(runs.flatMap(({ changes }) => changes.map(({ key }) => key)))]
  const places = new Map(settings.map((name, at) => [name, at]))
  return {
    homes: homes.map(({ home, run: { imported } }) => ({ ...home, ...(imported && { imported: true }) })),
    settings,
    runs: runs.map((run) => ({
      ...nodeOf(run, byId.get(run.parentId ?? 0), places),
      home: placeOfHome.get(`${run.home.kind} ${run.home.id}`)!,
    })),
  }
}

function nodeOf(
  run: LineageRunView,
  parent: LineageRunView | undefined,
  settings: ReadonlyMap<string, number>,
): Omit<LineageNode, 'home'> {
  const { id, runName, trainer, deleted, status, parentId, base, round, others, checkpoints, changes, chosen } = run
  const start = parent?.checkpoints.find((checkpoint) => checkpoint.id === run.startCheckpointId)
  const drawn = (value: number) => Number(value.toPrecision(5))
  return {
    id,
    runName,
    trainer,
    checkpoints: checkpoints.length,
    changes: changes.map(({ key, before, after }) => [settings.get(key)!, before, after]),
    ...(deleted && { deleted }),
    ...(status !== 'done' && { status }),
    ...(others > 0 && { others }),
    ...(parentId !== null && { parentId }),
    ...(base !== null && { base }),
    ...(round !== null && { round }),
    ...(start && start.id !== parent?.chosen?.id && { start: { step: start.step, epoch: start.epoch } }),
    ...(chosen && {
      chosen: {
        ...(chosen.step !== null && { step: chosen.step }),
        ...(chosen.epoch !== null && { epoch: chosen.epoch }),
        ...(chosen.picked && { picked: true }),
        ...(chosen.score !== null && { score: drawn(chosen.score) }),
        ...(chosen.interval && { interval: [drawn(chosen.interval[0]), drawn(chosen.interval[1])] }),
        ...(chosen.rounded && { rounded: true }),
      },
    }),
  }
}

/** The line from its start to this run, in full; empty where the lineage has no such run. Throws as `describeLineage` does. */
export function describeLine(context: Context, runId: number, baselineId: number | null): LineageRunView[] {
  const sketch = sketchOf(context, baselineId)
  if (!sketch.shownIds.includes(runId)) return []
  const chain = chainOf(sketch.places, runId)
  const byId = new Map(describeRuns(context, sketch, chain, 'with rows').map((run) => [run.id, run]))
  return chain.map((id) => byId.get(id)!)
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value)

/** Places of a run's checkpoints in the order of training; those of which nobody said a step stand first. */
function placesInOrder({ columns }: ScoreColumns, runId: number): number[] {
  const { step, epoch, ids } = columns
  const before = (value: number) => (Number.isNaN(value) ? -1 : value)
  return (columns.runs.get(runId)?.places ?? []).toSorted(
    (a, b) => before(step[a]!) - before(step[b]!) || before(epoch[a]!) - before(epoch[b]!) || ids[a]! - ids[b]!,
  )
}

type ChosenRows = { checkpoints: Map<number, CheckpointRow>; evaluations: Map<number, EvaluationRow[]> }

/** The rows of the checkpoints that stand for runs: paths, notes and results are not in the columns. */
function chosenRows({ database }: Context, { columns }: ScoreColumns, places: (number | null)[]): ChosenRows {
  const ids = places.flatMap((place) => (place === null ? [] : columns.ids[place]!))
  return {
    checkpoints: new Map(listCheckpointsById(database, ids).map((row) => [row.id, row])),
    evaluations: groupByCheckpoint(listEvaluations(database, ids)),
  }
}

function describeChosen(scores: ScoreColumns, place: number, rows: ChosenRows | null): LineageCheckpoint {
  const { columns } = scores
  const id = columns.ids[place]!
  const row = rows?.checkpoints.get(id)
  const path = row?.path ?? null
  return {
    id,
    step: orNull(columns.step[place]!),
    epoch: orNull(columns.epoch[place]!),
    path,
    picked: !Number.isNaN(columns.pickedAt[place]!),
    score: orNull(scores.score[place]!),
    interval: intervalAt(scores, place),
    rounded: columns.rounded[place] === 1,
    exists: path !== null && existsSync(path),
    tags: row?.tags ?? [],
    note: row?.note ?? '',
    accuracies: Object.fromEntries(
      (rows?.evaluations.get(id) ?? []).flatMap((result) => {
        const accuracy = accuracyOf(result)
        return accuracy === null ? [] : [[result.benchmark, accuracy]]
      }),
    ),
  }
}

/** The runs without deleted ones, or those of deleted sweeps and projects, that nothing came from. */
function withoutDeleted(
  links: LineageLink[],
  places: Map<number, LineagePlace>,
  homeOf: (link: LineageLink) => HomeOfRuns,
): LineageLink[] {
  const kept = new Set<number>()
  for (const link of links) {
    if (link.deleted || homeOf(link).isDeleted) continue
    for (let id: number | null = link.id; id !== null && !kept.has(id); id = places.get(id)!.parentId) kept.add(id)
  }
  return links.filter(({ id }) => kept.has(id))
}

/** What a run was told otherwise than its parent. A script and a sweep name things their own ways: between these, what both name. */
function changesOf(before: [HomeOfRuns, AnyJobRow], after: [HomeOfRuns, AnyJobRow]): Difference[] {
  const settings = ([{ sweep }, { params }]: [HomeOfRuns, AnyJobRow]) =>
    sweep === null ? new Map(Object.entries(params)) : runSettings({ definition: sweep.definition, params })
  const changes = settingDifferences(settings(before), settings(after))
  if (before[0].kind === after[0].kind) return changes
  return changes.filter((change) => change.before !== null && change.after !== null)
}

const groupOf = ({ kind, id }: Pick<HomeOfRuns, 'kind' | 'id'>, start: number | null) => `${kind} ${id}/${start}`

/**
 * Of the runs of one sweep from one start, those that somebody picked from or went on from; where there are none, the first.
 * `others`: how many more there are, by group.
 */
function chooseShown(links: LineageLink[], places: Map<number, LineagePlace>) {
  const others = new Map<string, number>()
  const shownIds: number[] = []
  const kept = new Set(links.map(({ id }) => id))
  const groups = Map.groupBy(links, (link) =>
    // runs of their own are a project's, and no two of them one thing that was tried
    link.sweepId === null ? `run ${link.id}` : groupOf({ kind: 'sweep', id: link.sweepId }, link.startCheckpointId),
  )
  for (const [group, runs] of groups) {
    const told = runs.filter(({ id, picked }) => picked || places.get(id)!.childIds.some((child) => kept.has(child)))
    const here = told.length > 0 ? told : runs.slice(0, 1)
    shownIds.push(...here.map(({ id }) => id))
    others.set(group, runs.length - here.length)
  }
  return { shownIds, others }
}

/** The newest that was picked, else the last that a round started from, else the best, else the last; null where there is none. */
function chooseCheckpoint(
  { columns: { pickedAt, ids }, score }: ScoreColumns,
  places: readonly number[],
  used: ReadonlySet<number | null>,
): number | null {
  const picked = places.filter((place) => !Number.isNaN(pickedAt[place]!))
  if (picked.length > 0) return picked.reduce((a, b) => (pickedAt[b]! >= pickedAt[a]! ? b : a))
  const best = places.reduce<number | null>(
    (found, place) => (score[place]! > (found === null ? -Infinity : score[found]!) ? place : found),
    null,
  )
  return places.findLast((place) => used.has(ids[place]!)) ?? best ?? places.at(-1) ?? null
}

/** What a run without a parent starts from, in words: the end of a path, or that nobody said. */
function baseOf({ sweep }: HomeOfRuns, job: AnyJobRow): string {
  if (sweep === null) return 'Model of the script'
  const init = initPath(sweep.definition, job.params)
  if (init === null) return sweep.definition.trainer === undefined ? 'Model of the command' : 'New weights'
  const parts = init.split('/').filter(Boolean)
  return parts.length > 2 ? parts.slice(-2).join('/') : init
}

/** Parents first, each lineage in one piece. */
function inOrder(runs: LineageRunView[]): LineageRunView[] {
  const places = placeRuns(runs.map(({ id, parentId }) => ({ id, parentId, isRound: false })))
  const byId = new Map(runs.map((run) => [run.id, run]))
  return runs
    .filter(({ id }) => places.get(id)!.parentId === null)
    .flatMap((root) => [root, ...descendantsOf(places, root.id).map((id) => byId.get(id)!)])
}
