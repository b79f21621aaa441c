/** From a checkpoint to the sweep that would go on from it. */
import { existsSync } from 'node:fs'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import { milestoneAxisName } from '../../../domain/sweep/axes/axes.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { roundName } from '../../../domain/life/lineage.ts'
import { roundAfterRound, roundAfterSupervised, roundFromSeveral } from '../../../domain/sweep/rounds/next-round.ts'
import { roundAfterScript } from '../../../domain/sweep/rounds/round-after-script.ts'
import type { NextRoundView } from '../../../contract/api/checkpoints.ts'
import type { Context } from '../../base/context.ts'
import { roundsUpTo } from '../runs/describe-start.ts'
import { runHome } from '../../base/finding/run-home.ts'
import { requireOwnRun } from '../../base/finding/find-own-run.ts'
import { recordedScript } from './recorded-script.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { checkpointName, requireCheckpoint } from '../../base/finding/find-checkpoint.ts'

/**
 * The sweep that goes on from a checkpoint, filled from the one it came from: its settings, `init` set to the checkpoint.
 * Of a run of its own it is filled from the command that its client recorded, and says what it did not.
 * After built-in supervised training it is one GRPO training with the trainer's defaults written out. Several checkpoints
 * become an axis; the settings are those of the first. Nothing is stored.
 * Throws `not-found`, and `conflict` where one of them has no files to start from.
 */
export function describeNextRound(context: Context, checkpointIds: number[]): NextRoundView {
  const starts = [...new Set(checkpointIds)].map((id) => describeOne(context, id))
  const { homeName, ...first } = starts[0]!
  if (starts.length === 1) return first
  const homes = new Set(starts.map((start) => start.homeName))
  return {
    ...first,
    checkpointName: `${starts.length} checkpoints of ${homes.size === 1 ? homeName : `${homes.size} sweeps or projects`}`,
    definition: roundFromSeveral(
      first.definition,
      starts.map(({ definition }) => definition.init!),
    ),
  }
}

type Start = NextRoundView & { homeName: string }

function describeOne(context: Context, checkpointId: number): Start {
  const checkpoint = requireCheckpoint(context, checkpointId)
  const run = findAnyJob(context.database, checkpoint.runId)!
  const sweep = run.sweepId === null ? null : requireSweep(context, run.sweepId)
  const { home, name: runName } = runHome(context, run)
  const name = `${checkpointName(checkpoint)} of ${home.name}, ${runName}`
  const { path } = checkpoint
  if (path === null || !existsSync(path)) {
    const why =
      path === null
        ? sweep?.origin === 'imported'
          ? 'it was published without files'
          : 'no path was reported for it'
        : checkpoint.removedAt !== null
          ? `a keep rule deleted ${path}`
          : `${path} is not there`
    throw new SweepboardError('conflict', `No round can start from ${name}: ${why}.`)
  }
  const round = 1 + roundsUpTo(context, run)
  const start = { checkpointName: name, homeName: home.name, runId: run.id, round }
  if (sweep === null) {
    const { script, directory } = recordedScript(context, requireOwnRun(context, run.id))
    return { ...start, directory, before: null, ...roundAfterScript(roundName(runName, round), path, script) }
  }
  const supervised = ['sft', 'pretrain', 'dpo', 'best_of_n'].includes(sweep.definition.trainer ?? '')
  const given = {
    name: roundName(sweep.name, round),
    init: path,
    before: sweep.definition,
    params: withoutMilestone(sweep.definition.axes, run.params),
  }
  return {
    ...start,
    directory: sweep.directory,
    before: sweep.definition,
    unknown: [],
    definition: supervised ? roundAfterSupervised(given) : roundAfterRound(given),
  }
}

function withoutMilestone(axes: Parameters<typeof milestoneAxisName>[0], params: Record<string, string>) {
  const milestone = milestoneAxisName(axes)
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== milestone))
}
