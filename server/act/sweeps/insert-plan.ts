/** Runs and points of a plan as rows: from here on a point cannot be run twice. */
import path from 'node:path'
import { updateCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import { findCheckpointByPath } from '../../../db/queries/lineage.ts'
import { insertPlannedJobs, insertPlannedPoints } from '../../../db/queries/plan-rows.ts'
import { findRunIds } from '../../../db/queries/search-history.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { MorePoints } from '../../../domain/search/method.ts'
import { initPath } from '../../../domain/sweep/commands/commands.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../../base/context.ts'

/** Call in a transaction. Runs of ours that the new ones start from are added to `startedFrom`, with their sweeps; null of a run of its own. */
export function insertPlan(
  context: Context,
  sweep: SweepRow,
  plan: MorePoints,
  startedFrom: Map<number, number | null>,
): void {
  const { database } = context
  const { definition, directory } = sweep
  const startOf = startFinder(context, definition, directory, startedFrom)
  insertPlannedJobs(
    database,
    sweep.id,
    { slotCount: definition.train?.gpus ?? 1, readyAt: Date.now() },
    plan.runs.map(({ number, params, proposal = null }) => ({
      number,
      params,
      initCheckpointId: startOf(params),
      proposal,
    })),
  )
  const runIds = findRunIds(database, sweep.id)
  insertPlannedPoints(
    database,
    sweep.id,
    plan.points.map((point) => ({ ...point, runId: runIds.get(point.runNumber)! })),
  )
}

/**
 * Finds the checkpoint that a run starts from, by the path that `init` gives it; null where it is none of ours. What a round
 * starts from counts as picked, and its run is added to `startedFrom`. Looked up once a path, as many runs may start from the same.
 */
function startFinder(context: Context, definition: Sweep, directory: string, startedFrom: Map<number, number | null>) {
  const found = new Map<string, number | null>()
  return (params: Record<string, string>): number | null => {
    const init = initPath(definition, params)
    if (init === null) return null
    const file = path.resolve(directory, init)
    if (!found.has(file)) {
      const checkpoint = findCheckpointByPath(context.database, file)
      if (checkpoint?.pickedAt === null) updateCheckpoint(context.database, checkpoint.id, { pickedAt: Date.now() })
      if (checkpoint) startedFrom.set(checkpoint.runId, findAnyJob(context.database, checkpoint.runId)!.sweepId)
      found.set(file, checkpoint?.id ?? null)
    }
    return found.get(file)!
  }
}
