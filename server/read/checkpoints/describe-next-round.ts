/** From a checkpoint to the sweep that would go on from it. */
import { existsSync } from 'node:fs'
import { type AnyJobRow, findJob } from '../../../db/queries/jobs.ts'
import { milestoneAxisName } from '../../../domain/sweep/axes/axes.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { countsAsRound, roundName } from '../../../domain/life/lineage.ts'
import { roundAfterRound, roundAfterSupervised, roundFromSeveral } from '../../../domain/sweep/rounds/next-round.ts'
import type { NextRoundView } from '../../../contract/api/checkpoints.ts'
import type { Context } from '../../base/context.ts'
import { ancestryOf } from '../runs/describe-start.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { checkpointName, requireCheckpoint } from '../../base/finding/find-checkpoint.ts'

/**
 * The sweep that goes on from a checkpoint, filled from the one it came from: its settings, `init` set to the checkpoint.
 * After built-in supervised training it is one GRPO training with the trainer's defaults written out. Several checkpoints
 * become an axis; the settings are those of the first. Nothing is stored.
 * Throws `not-found`, and `conflict` where one of them has no files to start from.
 */
export function describeNextRound(context: Context, checkpointIds: number[]): NextRoundView {
  const starts = [...new Set(checkpointIds)].map((id) => describeOne(context, id))
  const first = starts[0]!
  if (starts.length === 1) return first
  const sweeps = new Set(starts.map(({ before }) => before.name))
  return {
    ...first,
    checkpointName: `${starts.length} checkpoints of ${sweeps.size === 1 ? first.before.name : `${sweeps.size} sweeps`}`,
    definition: roundFromSeveral(
      first.definition,
      starts.map(({ definition }) => definition.init!),
    ),
  }
}

function describeOne(context: Context, checkpointId: number): NextRoundView {
  const checkpoint = requireCheckpoint(context, checkpointId)
  const run = findJob(context.database, checkpoint.runId)!
  const sweep = requireSweep(context, run.sweepId)
  const name = `${checkpointName(checkpoint)} of ${sweep.name}, run ${run.number}`
  if (checkpoint.path === null || !existsSync(checkpoint.path)) {
    const why =
      checkpoint.path === null
        ? sweep.origin === 'imported'
          ? 'it was published without files'
          : 'no path was reported for it'
        : checkpoint.removedAt !== null
          ? `a keep rule deleted ${checkpoint.path}`
          : `${checkpoint.path} is not there`
    throw new SweepboardError('conflict', `No round can start from ${name}: ${why}.`)
  }
  const round = 1 + ancestryOf(context, run).filter((row) => isRound(context, row)).length
  const supervised = ['sft', 'pretrain', 'dpo', 'best_of_n'].includes(sweep.definition.trainer ?? '')
  const given = {
    name: roundName(sweep.name, round),
    init: checkpoint.path,
    before: sweep.definition,
    params: withoutMilestone(sweep.definition.axes, run.params),
  }
  return {
    checkpointName: name,
    runId: run.id,
    round,
    directory: sweep.directory,
    before: sweep.definition,
    definition: supervised ? roundAfterSupervised(given) : roundAfterRound(given),
  }
}

function isRound(context: Context, row: AnyJobRow): boolean {
  return row.sweepId !== null && countsAsRound(requireSweep(context, row.sweepId).definition)
}

function withoutMilestone(axes: Parameters<typeof milestoneAxisName>[0], params: Record<string, string>) {
  const milestone = milestoneAxisName(axes)
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== milestone))
}
