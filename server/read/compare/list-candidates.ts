import { goalOf } from '../../../domain/sweep/scoring.ts'
import type { Database } from '../../../db/client.ts'
import { findCheckpoint, listCheckpointsById, listEvaluations } from '../../../db/queries/checkpoints.ts'
import { listOwnRuns } from '../../../db/queries/own-runs.ts'
import { findAnyJob, listSweepJobs } from '../../../db/queries/jobs.ts'
import { listCheckpointsOfRuns, listRunsById } from '../../../db/queries/lineage.ts'
import { listBestPoints } from '../../../db/queries/points.ts'
import { findSweep, listSweeps } from '../../../db/queries/sweeps.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { runHome } from '../../base/finding/run-home.ts'
import type { Context } from '../../base/context.ts'
import type { CompareCandidates } from '../../../contract/api/compare.ts'
import type { RunHome } from '../../../contract/api/runs.ts'
import { listProjectViews } from '../own-runs/list-projects.ts'

const mostHomes = 200
const mostListed = 200

type Of = 'runs' | 'checkpoints'
type Asked = Pick<RunHome, 'kind' | 'id'> | null
type Listed = CompareCandidates['listed']

/**
 * What could be compared: the newest sweeps and projects, and of one of them the best scored checkpoints, or its runs. Where none is
 * asked for, that which `beside` is of; else the newest sweep that has two scored checkpoints; else the first that there is.
 */
export function listCandidates(
  context: Context,
  { of, home, beside }: { of: Of; home: Asked; beside: number | null },
): CompareCandidates {
  const { database } = context
  const sweeps = listSweeps(database)
    .slice(0, mostHomes)
    .map(({ id, name }): RunHome => ({ kind: 'sweep', id, name }))
  const projects = listProjectViews(context)
    .slice(0, mostHomes)
    .map(({ id, name }): RunHome => ({ kind: 'project', id, name }))
  const homes = [...sweeps, ...projects]
  const asked = home ?? homeBeside(context, of, beside)
  const chosen = asked
    ? homes.find(({ kind, id }) => kind === asked.kind && id === asked.id)
    : (sweeps.find(({ id }) => listBestPoints(database, id, 2).length === 2) ?? homes[0])
  if (chosen === undefined) return { homes, chosen: null, listed: [] }
  return {
    homes,
    chosen,
    listed: chosen.kind === 'sweep' ? ofSweep(database, of, chosen.id) : ofProject(database, of, chosen.id),
  }
}

function homeBeside(context: Context, of: Of, id: number | null): Asked {
  const runId = id === null || of === 'runs' ? id : findCheckpoint(context.database, id)?.runId
  const run = runId == null ? undefined : findAnyJob(context.database, runId)
  return run ? runHome(context, run).home : null
}

/** Runs of their own, newest first, or those of their checkpoints that were evaluated. */
function ofProject(database: Database, of: Of, projectId: number): Listed {
  const runs = listOwnRuns(database, projectId)
  if (of === 'runs')
    return runs.slice(0, mostListed).map(({ job, own }) => ({ id: job.id, runId: job.id, name: own.name, score: null }))
  const names = new Map(runs.map(({ job, own }) => [job.id, own.name]))
  const checkpoints = listCheckpointsOfRuns(database, [...names.keys()])
  const evaluated = new Set(
    listEvaluations(
      database,
      checkpoints.map(({ id }) => id),
    ).map(({ checkpointId }) => checkpointId),
  )
  return checkpoints
    .filter(({ id }) => evaluated.has(id))
    .toReversed()
    .slice(0, mostListed)
    .map((row) => ({
      id: row.id,
      runId: row.runId,
      name: `${names.get(row.runId)}, ${checkpointName(row)}`,
      score: null,
    }))
}

function ofSweep(database: Database, of: Of, sweepId: number): Listed {
  const points = listBestPoints(database, sweepId, mostListed, goalOf(findSweep(database, sweepId)!.definition))
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
  if (of === 'checkpoints') return listed
  const best = new Map(listed.toReversed().map(({ runId, score }) => [runId, score]))
  return listSweepJobs(database, sweepId, 'training')
    .slice(0, mostListed)
    .map((run) => ({
      id: run.id,
      runId: run.id,
      name: `run ${run.number}: ${Object.values(run.params).join(' · ')}`,
      score: best.get(run.id) ?? null,
    }))
}
