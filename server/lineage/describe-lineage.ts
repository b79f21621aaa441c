/** What the lineage page, and a chain's report, show: rounds, what each changed, and how far it came. */
import { existsSync } from 'node:fs'
import { findBaseline } from '../../db/queries/baselines.ts'
import { listEvaluations } from '../../db/queries/checkpoints.ts'
import type { JobRow } from '../../db/queries/jobs.ts'
import {
  type LineageLink,
  listCheckpointsOfRuns,
  listLineageLinks,
  listPointFigures,
  listRunsById,
} from '../../db/queries/lineage.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { initPath } from '../../domain/commands.ts'
import { runDifferences } from '../../domain/definition-differences.ts'
import { SweepboardError } from '../../domain/errors.ts'
import { countsAsRound, descendantsOf, type LineagePlace, placeRuns } from '../../domain/lineage.ts'
import type { LineageRunView, LineageView } from '../views/lineage.ts'
import type { Context } from '../context.ts'
import { groupByCheckpoint, progressOf } from '../sweeps/describe-sweep.ts'
import { requireSweep } from '../sweeps/find-sweep.ts'
import { describeChosen, scoreCheckpoints, type ScoredCheckpoint } from './score-checkpoints.ts'

/**
 * Every run that a lineage is made of, scored against one stored baseline or, with `baselineId` null, each against its own
 * sweep's. Throws `not-found` for a baseline that does not exist.
 */
export function describeLineage(context: Context, baselineId: number | null): LineageView {
  const { database } = context
  const baseline = baselineId === null ? null : findBaseline(database, baselineId)
  if (baseline === undefined) throw new SweepboardError('not-found', `There is no baseline ${baselineId}.`)
  const sweeps = new Map<number, SweepRow>()
  const sweepOf = ({ sweepId }: { sweepId: number }) => {
    const known = sweeps.get(sweepId) ?? requireSweep(context, sweepId)
    sweeps.set(sweepId, known)
    return known
  }
  const links = listLineageLinks(database)
  const places = placeRuns(links.map((link) => ({ ...link, isRound: countsAsRound(sweepOf(link).definition) })))
  const { shownIds, others } = chooseShown(withoutDeleted(links, places, sweepOf), places)
  const shown = listRunsById(database, shownIds)
  const jobs = new Map(shown.map((job) => [job.id, job]))
  const checkpoints = listCheckpointsOfRuns(database, shownIds)
  const byRun = Map.groupBy(checkpoints, (row) => row.runId)
  const evaluations = groupByCheckpoint(
    listEvaluations(
      database,
      checkpoints.map((row) => row.id),
    ),
  )
  const figures = new Map(listPointFigures(database, shownIds).map((row) => [row.checkpointId!, row]))
  const used = new Set(shown.map((job) => job.initCheckpointId))
  const runs = shown.map((job): LineageRunView => {
    const sweep = sweepOf(job)
    const place = places.get(job.id)!
    const parent = place.parentId === null ? undefined : jobs.get(place.parentId)
    const rows = byRun.get(job.id) ?? []
    const scored = scoreCheckpoints(context, {
      sweep,
      baseline: baseline?.accuracies ?? null,
      rows,
      figures,
      evaluations,
    })
    const chosen = chooseCheckpoint(scored, used)
    return {
      id: job.id,
      number: job.number,
      sweepId: sweep.id,
      sweepName: sweep.name,
      sweepDeleted: sweep.deletedAt !== null,
      imported: sweep.origin === 'imported',
      trainer: sweep.definition.trainer ?? 'command',
      params: job.params,
      status: job.status,
      progress: progressOf(job),
      parentId: place.parentId,
      startCheckpointId: place.parentId === null ? null : job.initCheckpointId,
      base: place.parentId === null ? baseOf(sweep, job) : null,
      round: place.round,
      changes: parent
        ? runDifferences(
            { definition: sweepOf(parent).definition, params: parent.params },
            { definition: sweep.definition, params: job.params },
          )
        : [],
      checkpoints: scored.map(({ row, score }) => ({
        id: row.id,
        step: row.step,
        epoch: row.epoch,
        score,
        picked: row.pickedAt !== null,
      })),
      chosen: chosen && describeChosen(chosen, sweep, existsSync),
      lastStep: job.lastStep ?? rows.reduce<number | null>((last, { step }) => step ?? last, null),
      others: others.get(groupOf(job.sweepId, job.initCheckpointId)) ?? 0,
    }
  })
  return { baselineId, runs: inOrder(runs) }
}

/** The runs without those of deleted sweeps that nothing came from. */
function withoutDeleted(
  links: LineageLink[],
  places: Map<number, LineagePlace>,
  sweepOf: (link: LineageLink) => SweepRow,
): LineageLink[] {
  const kept = new Set<number>()
  for (const link of links) {
    if (sweepOf(link).deletedAt !== null) continue
    for (let id: number | null = link.id; id !== null && !kept.has(id); id = places.get(id)!.parentId) kept.add(id)
  }
  return links.filter(({ id }) => kept.has(id))
}

const groupOf = (sweepId: number, start: number | null) => `${sweepId}/${start}`

/**
 * Of the runs of one sweep from one start, those that somebody picked from or went on from; where there are none, the first.
 * `others`: how many more there are, by group.
 */
function chooseShown(links: LineageLink[], places: Map<number, LineagePlace>) {
  const others = new Map<string, number>()
  const shownIds: number[] = []
  const kept = new Set(links.map(({ id }) => id))
  const groups = Map.groupBy(links, (link) => groupOf(link.sweepId, link.startCheckpointId))
  for (const [group, runs] of groups) {
    const told = runs.filter(({ id, picked }) => picked || places.get(id)!.childIds.some((child) => kept.has(child)))
    const here = told.length > 0 ? told : runs.slice(0, 1)
    shownIds.push(...here.map(({ id }) => id))
    others.set(group, runs.length - here.length)
  }
  return { shownIds, others }
}

function chooseCheckpoint(scored: ScoredCheckpoint[], used: ReadonlySet<number | null>): ScoredCheckpoint | null {
  const picked = scored.filter(({ row }) => row.pickedAt !== null)
  if (picked.length > 0) return picked.reduce((a, b) => (b.row.pickedAt! >= a.row.pickedAt! ? b : a))
  const best = scored.reduce<ScoredCheckpoint | null>(
    (found, one) => (one.score !== null && one.score > (found?.score ?? -Infinity) ? one : found),
    null,
  )
  return scored.findLast(({ row }) => used.has(row.id)) ?? best ?? scored.at(-1) ?? null
}

/** What a run without a parent starts from, in words: the end of a path, or that nobody said. */
function baseOf(sweep: SweepRow, job: JobRow): string {
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
