/** What the lineage page, and a chain's report, show: rounds, what each changed, and how far it came. */
import { existsSync } from 'node:fs'
import { findBaseline } from '../../db/queries/baselines.ts'
import { listEvaluations, type CheckpointRow } from '../../db/queries/checkpoints.ts'
import type { JobRow } from '../../db/queries/jobs.ts'
import { listCheckpointsOfRuns, listLineageRuns } from '../../db/queries/lineage.ts'
import { listRunPoints } from '../../db/queries/points.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { initPath } from '../../domain/commands.ts'
import { runDifferences } from '../../domain/definition-differences.ts'
import { SweepboardError } from '../../domain/errors.ts'
import { countsAsRound, descendantsOf, type LineagePlace, placeRuns } from '../../domain/lineage.ts'
import type { LineageRunView, LineageView } from '../views.ts'
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
  const jobs = new Map(listLineageRuns(database).map((job) => [job.id, job]))
  const sweeps = new Map<number, SweepRow>()
  const sweepOf = (job: JobRow) => {
    const known = sweeps.get(job.sweepId) ?? requireSweep(context, job.sweepId)
    sweeps.set(job.sweepId, known)
    return known
  }
  const checkpoints = listCheckpointsOfRuns(database, [...jobs.keys()])
  const byCheckpoint = new Map(checkpoints.map((row) => [row.id, row]))
  const byRun = Map.groupBy(checkpoints, (row) => row.runId)
  const places = placeRuns(
    [...jobs.values()].map((job) => ({
      id: job.id,
      parentId: byCheckpoint.get(job.initCheckpointId ?? 0)?.runId ?? null,
      isRound: countsAsRound(sweepOf(job).definition),
    })),
  )
  const lives = new Set([...jobs.values()].filter((job) => sweepOf(job).deletedAt === null).map(({ id }) => id))
  // what was deleted stays as long as something came from it
  const kept = [...jobs.values()].filter(
    ({ id }) => lives.has(id) || descendantsOf(places, id).some((x) => lives.has(x)),
  )
  const { shown, others } = chooseShown(kept, places, byRun)
  const evaluations = groupByCheckpoint(
    listEvaluations(
      database,
      shown.flatMap((job) => (byRun.get(job.id) ?? []).map((row) => row.id)),
    ),
  )
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
      points: listRunPoints(database, job.id),
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
      others: others.get(groupOf(job)) ?? 0,
    }
  })
  return { baselineId, runs: inOrder(runs) }
}

const groupOf = (job: JobRow) => `${job.sweepId}/${job.initCheckpointId}`

/**
 * Of the runs of one sweep from one start, those that somebody picked from or went on from; where there are none, the first.
 * `others`: how many more there are, by group.
 */
function chooseShown(jobs: JobRow[], places: Map<number, LineagePlace>, checkpoints: Map<number, CheckpointRow[]>) {
  const others = new Map<string, number>()
  const shown: JobRow[] = []
  for (const [group, runs] of Map.groupBy(jobs, groupOf)) {
    const told = runs.filter(
      (job) =>
        places.get(job.id)!.childIds.length > 0 || (checkpoints.get(job.id) ?? []).some((row) => row.pickedAt !== null),
    )
    const here = told.length > 0 ? told : runs.slice(0, 1)
    shown.push(...here)
    others.set(group, runs.length - here.length)
  }
  return { shown, others }
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
