/** The sweep that would train on chosen problems of a run: for a person to change in the form, or as a file. */
import path from 'node:path'
import { findJob } from '../../../db/queries/jobs.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { milestoneAxisName } from '../../../domain/sweep/axes/axes.ts'
import { initPath } from '../../../domain/sweep/commands/commands.ts'
import { movable, roundFromProblems } from '../../../domain/sweep/rounds/round-from-problems.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { ProblemsRoundView } from '../../../contract/api/impact.ts'
import type { Context } from '../../base/context.ts'
import { checkpointName, requireCheckpoint } from '../../base/finding/find-checkpoint.ts'
import { requireAnyRun } from '../../base/finding/find-run-job.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { describeStart, roundOf } from './describe-start.ts'

type Asked = {
  /** Files of problems. */
  sets: readonly string[]
  seeds: readonly string[]
  /** The run's checkpoint that the round starts from; null: it starts where the run did. */
  checkpointId: number | null
}

/**
 * Of a run of a sweep: that sweep with the problems in place of its data. Of a run that no command here started (one of its own, an
 * imported one): the problems as an axis, and the rest to be filled in.
 */
export function describeProblemsRound(
  context: Context,
  runId: number,
  { sets, seeds, checkpointId }: Asked,
): ProblemsRoundView {
  const { sweepId } = requireAnyRun(context, runId)
  const run = findJob(context.database, runId)
  const sweep = sweepId === null ? undefined : findSweep(context.database, sweepId)
  if (run === undefined || sweep === undefined || sweep.origin === 'imported') {
    const init = checkpointId === null ? null : requireCheckpoint(context, checkpointId).path
    const bare: Sweep = {
      name: `chosen-problems-of-run-${runId}`,
      search: 'grid',
      axes: { problems: [...sets] },
      ...(init !== null && { init }),
    }
    return { runId, directory: null, round: null, before: null, definition: bare }
  }
  const before = requireSweep(context, run.sweepId).definition
  const milestone = milestoneAxisName(before.axes)
  const params = Object.fromEntries(Object.entries(run.params).filter(([name]) => name !== milestone))
  const checkpoint = checkpointId === null ? null : requireCheckpoint(context, checkpointId)
  const init = checkpoint === null ? (describeStart(context, run)?.init ?? initPath(before, params)) : checkpoint.path
  const round = roundOf(context, run)
  const isMovable = before.trainer !== undefined
  const absolute = (file: string) => path.resolve(sweep.directory, file)
  return {
    runId,
    directory: isMovable ? path.dirname(sets[0]!) : sweep.directory,
    round: round === null || checkpoint === null ? round : round + 1,
    before,
    definition: roundFromProblems({
      name: `${sweep.name}-chosen${checkpoint === null ? '' : `-from-${checkpointName(checkpoint).replace(' ', '-')}`}`,
      before: isMovable ? movable(before, absolute) : before,
      params,
      init: init !== null && isMovable ? absolute(init) : init,
      // in the folder of the sets each is called by its name
      sets: isMovable ? sets.map((file) => path.basename(file)) : sets,
      seeds,
    }),
  }
}
