import { goalOf } from '../../../domain/sweep/scoring.ts'
import { listCheckpointsById } from '../../../db/queries/checkpoints.ts'
import { listSweepJobs } from '../../../db/queries/jobs.ts'
import { listRunsById } from '../../../db/queries/lineage.ts'
import { listBestPoints } from '../../../db/queries/points.ts'
import { findSweep, listSweeps } from '../../../db/queries/sweeps.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import type { Context } from '../../base/context.ts'
import type { CompareCandidates } from '../../../contract/api/compare.ts'

const mostSweeps = 200
const mostListed = 200

/**
 * What could be compared: the newest sweeps, and of one of them the best scored checkpoints, or its runs. Without `sweepId`
 * the newest that has two scored checkpoints.
 */
export function listCandidates(
  context: Context,
  { of, sweepId }: { of: 'runs' | 'checkpoints'; sweepId: number | null },
): CompareCandidates {
  const { database } = context
  const sweeps = listSweeps(database).slice(0, mostSweeps)
  const chosen =
    sweepId ?? sweeps.find(({ id }) => listBestPoints(database, id, 2).length === 2)?.id ?? sweeps[0]?.id ?? null
  const points =
    chosen === null ? [] : listBestPoints(database, chosen, mostListed, goalOf(findSweep(database, chosen)!.definition))
  const checkpointIds = points.map((point) => point.checkpointId!)
  const checkpoints = new Map(listCheckpointsById(database, checkpointIds).map((row) => [row.id, row]))
  const trainings = new Map(
    listRunsById(database, [...new Set(points.map(({ runId }) => runId))]).map((row) => [row.id, row]),
  )
  const listed = points.map((point) => {
    const checkpoint = checkpoints.get(point.checkpointId!)!
    const run = trainings.get(point.runId)!
    const values = Object.values(point.params).join(' · ')
    return {
      id: checkpoint.id,
      runId: run.id,
      name: `run ${run.number}, ${checkpointName(checkpoint)}: ${values}`,
      score: point.score,
    }
  })
  const runs = () => {
    const best = new Map(listed.toReversed().map(({ runId, score }) => [runId, score]))
    return listSweepJobs(database, chosen!, 'training')
      .slice(0, mostListed)
      .map((run) => ({
        id: run.id,
        runId: run.id,
        name: `run ${run.number}: ${Object.values(run.params).join(' · ')}`,
        score: best.get(run.id) ?? null,
      }))
  }
  return {
    sweeps: sweeps.map(({ id, name }) => ({ id, name })),
    sweepId: chosen,
    listed: of === 'runs' && chosen !== null ? runs() : listed,
  }
}
