/** What pages and the command line show of a sweep. */
import {
  listPointCheckpoints,
  listSweepEvaluations,
  type CheckpointRow,
  type EvaluationRow,
} from '../../db/queries/checkpoints.ts'
import { listDurations, listRetriedAttempts, listSweepJobs, type JobRow } from '../../db/queries/jobs.ts'
import { listPoints, type PointRow } from '../../db/queries/points.ts'
import { countSweeps, listSweeps, type SweepCounts, type SweepRow } from '../../db/queries/sweeps.ts'
import { expandAxis } from '../../domain/axes.ts'
import { estimateTimeLeft } from '../../domain/time-left.ts'
import type { AxisView, PointView, Progress, RunRow, SweepDetail, SweepSummary, TimeLeft } from '../views.ts'
import type { Context } from '../context.ts'
import { baselineOf } from './baseline-of.ts'
import { describeResults } from './describe-results.ts'
import { writeSweepText } from './write-sweep-file.ts'

/** The sweeps that are not deleted, newest first; `search` keeps those whose name, axes or trainer hold it. */
export function listSweepSummaries(context: Context, search = ''): SweepSummary[] {
  const rows = listSweeps(context.database)
  const wanted = search.trim().toLowerCase()
  const found = rows.filter((row) => {
    const text = [row.name, row.definition.trainer ?? '', ...Object.keys(row.definition.axes)].join(' ').toLowerCase()
    return text.includes(wanted)
  })
  const counts = countSweeps(
    context.database,
    found.map((row) => row.id),
  )
  return found.map((row) =>
    summarise(
      context,
      row,
      counts.get(row.id)!,
      listSweepJobs(context.database, row.id),
      listPoints(context.database, row.id),
    ),
  )
}

/** Everything about one sweep. */
export function describeSweep(context: Context, sweep: SweepRow): SweepDetail {
  const { database } = context
  const counts = countSweeps(database, [sweep.id]).get(sweep.id)!
  const jobs = listSweepJobs(database, sweep.id)
  const points = listPoints(database, sweep.id)
  const baseline = baselineOf(context, sweep)
  return {
    ...summarise(context, sweep, counts, jobs, points),
    definition: sweep.definition,
    source: sweep.source ?? writeSweepText(sweep.definition),
    directory: sweep.directory,
    note: sweep.note,
    score: { aggregate: sweep.definition.score.aggregate, baseline },
    runs: describeRuns(jobs, points),
    points: describePoints(context, sweep, points, jobs),
    retriedAttempts: listRetriedAttempts(database, sweep.id).map(({ jobId, runId, number, kind, attempt, error }) => ({
      runId: runId ?? jobId,
      runNumber: kind === 'training' ? number : (jobs.find((job) => job.id === runId)?.number ?? number),
      kind,
      attempt,
      error,
    })),
  }
}

/** The axes with all their values, in the file's order. */
export function describeAxes(sweep: SweepRow): AxisView[] {
  return Object.entries(sweep.definition.axes).map(([name, axis]) => expandAxis(name, axis))
}

export function progressOf(job: JobRow | undefined): Progress {
  if (job?.progressTotal == null || job.progressDone === null) return null
  return { done: job.progressDone, total: job.progressTotal }
}

function summarise(
  context: Context,
  sweep: SweepRow,
  counts: SweepCounts,
  jobs: JobRow[],
  points: PointRow[],
): SweepSummary {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const best = points.reduce<PointRow | null>(
    (found, point) => (point.score !== null && (found === null || point.score > found.score!) ? point : found),
    null,
  )
  return {
    id: sweep.id,
    name: sweep.name,
    status: sweep.status,
    origin: sweep.origin,
    pauseReason: sweep.pauseReason,
    axes: describeAxes(sweep),
    trainer: sweep.definition.trainer ?? sweep.definition.train?.command?.join(' ') ?? '',
    counts: {
      points: counts.points,
      scored: counts.scored,
      failed: counts.failed,
      cancelled: counts.cancelled,
      trainings: counts.trainings,
      trainingsDone: counts.trainingsDone,
    },
    cells: points.map((point) => ({
      status: point.status,
      score: point.score,
      progress: shareOf(liveJob(point, byId)),
    })),
    best: best && { pointId: best.id, score: best.score!, interval: intervalOf(best), params: best.params },
    slotsHeld: counts.slotsHeld,
    createdAt: sweep.createdAt,
    startedAt: sweep.startedAt,
    finishedAt: sweep.finishedAt,
    timeLeft: sweep.status === 'running' || sweep.status === 'paused' ? timeLeftOf(context, sweep, jobs, points) : null,
  }
}

function timeLeftOf(context: Context, sweep: SweepRow, jobs: JobRow[], points: PointRow[]): TimeLeft | null {
  const live = jobs.filter((job) => job.status === 'starting' || job.status === 'running')
  const evaluated = sweep.definition.trainer !== undefined || sweep.definition.evaluate?.command !== undefined
  const queued = (kind: JobRow['kind']) => jobs.filter((job) => job.kind === kind && job.status === 'waiting').length
  const withoutEvaluation = points.filter((point) => point.status === 'waiting' || point.status === 'training').length
  return estimateTimeLeft({
    trainingSeconds: listDurations(context.database, sweep.id, 'training'),
    evaluationSeconds: listDurations(context.database, sweep.id, 'evaluation'),
    live: live.map((job) => ({
      kind: job.kind,
      elapsedSeconds: (Date.now() - (job.startedAt ?? Date.now())) / 1000,
      progress: shareOf(job),
    })),
    trainingsWaiting: queued('training'),
    evaluationsWaiting: queued('evaluation') + (evaluated ? withoutEvaluation : 0),
    slotsEachTraining: sweep.definition.train?.gpus ?? 1,
    slotsEachEvaluation: sweep.definition.evaluate?.gpus ?? 1,
    slots: Math.min(context.config.slots.length, sweep.definition.max_slots ?? Infinity),
    concurrency: sweep.definition.concurrency ?? null,
  })
}

function shareOf(job: JobRow | undefined): number | null {
  const progress = progressOf(job)
  return progress === null || progress.total <= 0 ? null : Math.min(1, progress.done / progress.total)
}

function liveJob(point: PointRow, jobs: Map<number, JobRow>): JobRow | undefined {
  if (point.status === 'evaluating') return jobs.get(point.evaluationJobId!)
  return point.status === 'training' ? jobs.get(point.runId) : undefined
}

function intervalOf(point: PointRow): [number, number] | null {
  return point.intervalLow === null || point.intervalHigh === null ? null : [point.intervalLow, point.intervalHigh]
}

function describeRuns(jobs: JobRow[], points: PointRow[]): RunRow[] {
  const best = new Map<number, number>()
  for (const point of points) {
    if (point.score !== null) best.set(point.runId, Math.max(point.score, best.get(point.runId) ?? -Infinity))
  }
  return jobs.filter((job) => job.kind === 'training').map((job) => describeRunRow(job, best.get(job.id) ?? null))
}

/** A training as a row of a list. */
export function describeRunRow(job: JobRow, bestScore: number | null): RunRow {
  return {
    id: job.id,
    number: job.number,
    params: job.params,
    status: job.status,
    stopReason: job.stopReason,
    attempt: job.attempt,
    slots: job.slots,
    progress: progressOf(job),
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    error: job.error,
    bestScore,
  }
}

function describePoints(context: Context, sweep: SweepRow, points: PointRow[], jobs: JobRow[]): PointView[] {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const checkpoints = new Map(listPointCheckpoints(context.database, sweep.id).map((row) => [row.id, row]))
  const evaluations = groupByCheckpoint(listSweepEvaluations(context.database, sweep.id))
  const { accuracies } = baselineOf(context, sweep)
  return points.map((point) => {
    const run = byId.get(point.runId)!
    const checkpoint = point.checkpointId === null ? undefined : checkpoints.get(point.checkpointId)
    return {
      id: point.id,
      number: point.number,
      params: point.params,
      status: point.status,
      error: point.error,
      runId: run.id,
      runNumber: run.number,
      runStatus: run.status,
      attempt: run.attempt,
      progress: progressOf(liveJob(point, byId)),
      checkpoint: checkpoint ? describeCheckpointRef(checkpoint) : null,
      results: describeResults(
        evaluations.get(point.checkpointId ?? 0) ?? [],
        accuracies,
        sweep.definition.score.questions,
      ),
      score: point.score,
      interval: intervalOf(point),
      chanceOfBest: point.chanceOfBest,
      tiedWithBest: point.tiedWithBest,
      rounded: point.rounded,
      finishedAt: point.scoredAt,
    }
  })
}

export function describeCheckpointRef(row: CheckpointRow): PointView['checkpoint'] & object {
  return { id: row.id, step: row.step, epoch: row.epoch, path: row.path, picked: row.pickedAt !== null }
}

export function groupByCheckpoint(rows: EvaluationRow[]): Map<number, EvaluationRow[]> {
  return Map.groupBy(rows, (row) => row.checkpointId)
}
