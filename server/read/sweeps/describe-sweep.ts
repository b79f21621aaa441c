/** What pages and the command line show of a sweep. */
import { listPointCheckpoints, listSweepEvaluations } from '../../../db/queries/checkpoints.ts'
import { findJob, listRetriedAttempts, listSweepJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { listPoints, type PointRow } from '../../../db/queries/points.ts'
import { countSweeps, listSweeps, type SweepRow } from '../../../db/queries/sweeps.ts'
import type { RunRow } from '../../../contract/api/runs.ts'
import type { SweepDetail, SweepSummary } from '../../../contract/api/sweeps.ts'
import type { Context } from '../../base/context.ts'
import { baselineOf } from '../../base/baseline-of.ts'
import { describeLargeSweep } from './describe-large-sweep.ts'
import { describePoints, describeRunRow } from '../../tables/describe-points.ts'
import { isLarge } from '../../base/large-sweeps.ts'
import { summariseRows, summariseSweeps } from './summarise-sweep.ts'
import { writeSweepText } from '../../formats/write-sweep-file.ts'

export { describeAxes } from '../../base/describe-axes.ts'
export { describeCheckpointRef, describeRunRow, groupByCheckpoint, progressOf } from '../../tables/describe-points.ts'

/**
 * The newest sweeps that are not deleted, newest first; `search` keeps those whose name, axes or trainer hold it. At most
 * `limit`: ask for one more than is shown to know whether there are others.
 */
export function listSweepSummaries(context: Context, search = '', limit = 200): SweepSummary[] {
  const wanted = search.trim().toLowerCase()
  const found = listSweeps(context.database).filter((row) => {
    const text = [row.name, row.definition.trainer ?? '', ...Object.keys(row.definition.axes)].join(' ').toLowerCase()
    return text.includes(wanted)
  })
  return summariseSweeps(context, found.slice(0, limit))
}

/**
 * Everything about one sweep. Of one with more than 2,000 points only what is needed to begin with, unless `whole` asks for
 * every point: that takes seconds.
 */
export function describeSweep(context: Context, sweep: SweepRow, options: { whole?: boolean } = {}): SweepDetail {
  const { database } = context
  const parts = isLarge(sweep) && !options.whole ? describeLargeSweep(context, sweep) : describeWhole(context, sweep)
  const retried = listRetriedAttempts(database, sweep.id)
  return {
    ...parts,
    definition: sweep.definition,
    source: sweep.source ?? writeSweepText(sweep.definition),
    directory: sweep.directory,
    note: sweep.note,
    score: { aggregate: sweep.definition.score.aggregate, baseline: baselineOf(context, sweep) },
    retriedAttempts: retried.map(({ jobId, runId, number, kind, attempt, error }) => ({
      runId: runId ?? jobId,
      runNumber: kind === 'training' ? number : (findJob(database, runId ?? 0)?.number ?? number),
      kind,
      attempt,
      error,
    })),
  }
}

function describeWhole(context: Context, sweep: SweepRow) {
  const { database } = context
  const counts = countSweeps(database, [sweep.id]).get(sweep.id)!
  const jobs = listSweepJobs(database, sweep.id)
  const points = listPoints(database, sweep.id)
  const parts = {
    jobs,
    checkpoints: listPointCheckpoints(database, sweep.id),
    evaluations: listSweepEvaluations(database, sweep.id),
  }
  return {
    ...summariseRows(context, sweep, counts, jobs, points),
    runs: describeRuns(jobs, points),
    points: describePoints(context, sweep, points, parts),
    large: null,
  }
}

function describeRuns(jobs: JobRow[], points: PointRow[]): RunRow[] {
  const best = new Map<number, number>()
  for (const point of points) {
    if (point.score !== null) best.set(point.runId, Math.max(point.score, best.get(point.runId) ?? -Infinity))
  }
  return jobs.filter((job) => job.kind === 'training').map((job) => describeRunRow(job, best.get(job.id) ?? null))
}
