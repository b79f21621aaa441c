/** Keep rules: first it is said which checkpoints' files would go, and only those that were said are deleted. */
import { existsSync, realpathSync, rmSync } from 'node:fs'
import path from 'node:path'
import { updateCheckpoint, type CheckpointRow } from '../../../db/queries/checkpoints.ts'
import { listSweepJobs } from '../../../db/queries/jobs.ts'
import {
  listCheckpointsOfRuns,
  listContinuedFrom,
  listRunsStartedFrom,
  listServingElsewhere,
} from '../../../db/queries/lineage.ts'
import { listPoints } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { objectiveOf } from '../../../domain/sweep/objective.ts'
import { goalOf } from '../../../domain/sweep/scoring.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { applyKeepRule, type KeepReason, type KeepRule } from '../../../domain/life/keep-rules.ts'
import { isJobFinished } from '../../../domain/life/run-status.ts'
import type { CleanUpView } from '../../../contract/api/checkpoints.ts'
import { notify, type Context } from '../../base/context.ts'
import { scoreColumns } from '../../tables/score-columns.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { measureSizeBytes } from '../../base/process/measure-size.ts'

/**
 * What a keep rule would delete of a sweep's checkpoints, and what it keeps and why. Files outside the run's own folder are
 * never deleted: they are another program's. Nothing is changed.
 */
export function planCleanUp(context: Context, sweepId: number, rule: KeepRule): CleanUpView {
  const { database, config } = context
  const sweep = requireSweep(context, sweepId)
  const jobs = listSweepJobs(database, sweep.id)
  const runs = new Map(jobs.filter((job) => job.kind === 'training').map((job) => [job.id, job]))
  const rows = listCheckpointsOfRuns(database, [...runs.keys()]).filter((row) => row.path && existsSync(row.path))
  const ids = rows.map((row) => row.id)
  const used = new Set([
    ...listRunsStartedFrom(database, ids).map((row) => row.from),
    ...listServingElsewhere(database, ids),
    ...listContinuedFrom(database, ids),
  ])
  const evaluating = new Set(jobs.filter((job) => !isJobFinished(job.status)).map((job) => job.checkpointId))
  const worthOf = worthOfCheckpoints(context, sweep)
  const reasons = applyKeepRule(
    rows.map((row) => ({
      id: row.id,
      runId: row.runId,
      step: row.step,
      worth: worthOf(row.id),
      picked: row.pickedAt !== null,
      used: used.has(row.id),
      // a run that failed or was cancelled may be tried again, from its last checkpoint
      needed: runs.get(row.runId)!.status !== 'done' || evaluating.has(row.id),
    })),
    rule,
  )
  const stays = rows.filter((row) => reasons.get(row.id) !== null)
  const kept: CleanUpView['kept'] = { picked: 0, used: 0, needed: 0, best: 0, last: 0, elsewhere: 0 }
  const remove: CleanUpView['remove'] = []
  for (const row of rows) {
    const reason: KeepReason | 'elsewhere' | null =
      reasons.get(row.id) ?? (mayDelete(row, config.dataFolder, stays) ? null : 'elsewhere')
    if (reason !== null) kept[reason] += 1
    else {
      const run = runs.get(row.runId)!
      const sizeBytes = row.sizeBytes ?? measureSizeBytes(row.path!)
      remove.push({
        id: row.id,
        runId: run.id,
        runNumber: run.number,
        name: checkpointName(row),
        path: row.path!,
        sizeBytes,
      })
    }
  }
  return { remove, kept, bytes: remove.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0) }
}

/** The scores; of a metric in place of scores its value at the sweep's points, turned round where less is better. */
function worthOfCheckpoints(context: Context, sweep: SweepRow): (id: number) => number | null {
  if (objectiveOf(sweep.definition) !== null) {
    const sign = goalOf(sweep.definition) === 'maximize' ? 1 : -1
    const worth = new Map(
      listPoints(context.database, sweep.id).flatMap(({ checkpointId, score, broken }) =>
        checkpointId === null || score === null || broken !== null ? [] : [[checkpointId, sign * score]],
      ),
    )
    return (id) => worth.get(id) ?? null
  }
  const { columns, score } = scoreColumns(context, null)
  return (id) => {
    const found = score[columns.placeOf.get(id)!]!
    return Number.isNaN(found) ? null : found
  }
}

/**
 * Deletes the files of these checkpoints, which `planCleanUp` named for the same rule before; their rows, scores and paths
 * stay. Gives how many went and their bytes.
 * Throws `conflict`, and deletes nothing, where one of them must stay by now (picked meanwhile, say).
 */
export function cleanUp(
  context: Context,
  input: { sweepId: number; rule: KeepRule; checkpointIds: number[] },
): { removed: number; bytes: number } {
  const plan = planCleanUp(context, input.sweepId, input.rule)
  const planned = new Map(plan.remove.map((one) => [one.id, one]))
  const stays = input.checkpointIds.filter((id) => !planned.has(id))
  if (stays.length > 0) {
    const count = stays.length === 1 ? 'One of these checkpoints is' : `${stays.length} of these checkpoints are`
    throw new SweepboardError(
      'conflict',
      `${count} to stay by now, or gone already; nothing was deleted. Look at the list again.`,
    )
  }
  let bytes = 0
  for (const id of input.checkpointIds) {
    const one = planned.get(id)!
    rmSync(one.path, { recursive: true, force: true })
    updateCheckpoint(context.database, id, { removedAt: Date.now(), sizeBytes: one.sizeBytes })
    bytes += one.sizeBytes ?? 0
  }
  for (const runId of new Set(input.checkpointIds.map((id) => planned.get(id)!.runId))) {
    notify(context, input.sweepId, runId)
  }
  return { removed: input.checkpointIds.length, bytes }
}

/** Strictly within the run's own folder, links followed, and with nothing in it that stays. */
function mayDelete(row: CheckpointRow, dataFolder: string, stays: CheckpointRow[]): boolean {
  const own = path.join(dataFolder, 'runs', String(row.runId))
  const real = realpathSync(row.path!)
  if (!existsSync(own)) return false
  // at least <attempt>/<checkpoint> below the run's folder: an attempt's whole folder holds its log and events
  const within = path.relative(realpathSync(own), real).split(path.sep)
  if (within[0] === '..' || within.length < 2 || path.isAbsolute(within.join(path.sep))) return false
  return stays.every((other) => {
    const there = realpathSync(other.path!)
    return there !== real && !there.startsWith(real + path.sep) && !real.startsWith(there + path.sep)
  })
}
