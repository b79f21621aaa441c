/** Where a run began, and which round that makes it. */
import { findCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findAnyJob, type AnyJobRow } from '../../../db/queries/jobs.ts'
import { initPath } from '../../../domain/sweep/commands/commands.ts'
import { chainOf, countsAsRound, placeRuns } from '../../../domain/life/lineage.ts'
import type { RunStart } from '../../../contract/api/runs.ts'
import type { Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { runTitle } from '../../base/finding/run-home.ts'

/** The checkpoint or the model that a run starts from; null where nobody named one. */
export function describeStart(context: Context, run: AnyJobRow): RunStart | null {
  const { database } = context
  const checkpoint = run.initCheckpointId === null ? undefined : findCheckpoint(database, run.initCheckpointId)
  const init = run.sweepId === null ? null : initPath(requireSweep(context, run.sweepId).definition, run.params)
  if (!checkpoint) return init === null ? null : { checkpoint: null, init }
  const parent = findAnyJob(database, checkpoint.runId)!
  const { id, step, epoch } = checkpoint
  return {
    checkpoint: { id, step, epoch, runId: parent.id, runTitle: runTitle(context, parent) },
    init: init ?? checkpoint.path ?? '',
  }
}

/** The runs that led to this one, the first of its lineage first, itself last. */
export function ancestryOf(context: Context, run: AnyJobRow): AnyJobRow[] {
  const rows = new Map<number, AnyJobRow>()
  for (let next: AnyJobRow | undefined = run; next !== undefined && !rows.has(next.id);) {
    rows.set(next.id, next)
    const parentId: number | null = parentRunOf(context, next)
    next = parentId === null ? undefined : findAnyJob(context.database, parentId)
  }
  const places = placeRuns(
    [...rows.values()].map((row) => ({ id: row.id, parentId: parentRunOf(context, row), isRound: false })),
  )
  return chainOf(places, run.id).map((id) => rows.get(id)!)
}

/** How many rounds led here, the run itself included; null where it is no round. */
export function roundOf(context: Context, run: AnyJobRow): number | null {
  return isRound(context, run) ? roundsUpTo(context, run) : null
}

/** How many rounds led to what a run trained, itself included where it is one. */
export function roundsUpTo(context: Context, run: AnyJobRow): number {
  return ancestryOf(context, run).filter((row) => isRound(context, row)).length
}

/** A run of its own is one where it goes on from a checkpoint, as a command that is given one. */
function isRound(context: Context, { sweepId, initCheckpointId }: AnyJobRow): boolean {
  return sweepId === null ? initCheckpointId !== null : countsAsRound(requireSweep(context, sweepId).definition)
}

function parentRunOf(context: Context, run: AnyJobRow): number | null {
  if (run.initCheckpointId === null) return null
  return findCheckpoint(context.database, run.initCheckpointId)?.runId ?? null
}
