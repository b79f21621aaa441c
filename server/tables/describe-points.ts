/** Points, trainings and checkpoints as rows of lists. */
import { scorePlace } from '../../domain/sweep/objective.ts'
import { scoringOf } from '../../domain/sweep/scoring.ts'
import type { CheckpointRow, EvaluationRow } from '../../db/queries/checkpoints.ts'
import type { AnyJobRow, JobRow } from '../../db/queries/jobs.ts'
import type { PointRow } from '../../db/queries/points.ts'
import { listCommits } from '../../db/queries/recorded.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import type { Context } from '../base/context.ts'
import type { PointView } from '../../contract/api/points.ts'
import type { Progress } from '../../contract/api/jobs.ts'
import type { RunRow } from '../../contract/api/runs.ts'
import { questionsOf } from '../../domain/score/race.ts'
import { baselineOf } from '../base/finding/baseline-of.ts'
import { describeResults } from './describe-results.ts'
import { pointColumns } from './points-columns.ts'
import { frontOf } from './points-front.ts'

/** What the points refer to; it may hold more than they do. */
export type PointParts = { jobs: JobRow[]; checkpoints: CheckpointRow[]; evaluations: EvaluationRow[] }

/** The points with their runs, checkpoints and results. */
export function describePoints(context: Context, sweep: SweepRow, points: PointRow[], parts: PointParts): PointView[] {
  const byId = new Map(parts.jobs.map((job) => [job.id, job]))
  const checkpoints = new Map(parts.checkpoints.map((row) => [row.id, row]))
  const evaluations = groupByCheckpoint(parts.evaluations)
  const commits = listCommits(context.database, [...checkpoints.keys()])
  const { accuracies } = baselineOf(context, sweep)
  const front = sweep.definition.objectives === undefined ? [] : frontOf(pointColumns(context, sweep))
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
      reused: run.reusedFrom !== null,
      progress: progressOf(liveJob(point, byId)),
      checkpoint: checkpoint ? describeCheckpointRef(checkpoint) : null,
      ...(commits.get(point.checkpointId ?? 0) ?? { commit: null, changes: null }),
      results: describeResults(
        evaluations.get(point.checkpointId ?? 0) ?? [],
        accuracies,
        scoringOf(sweep.definition).questions,
      ),
      score: point.score,
      scoreStep: point.objectiveStep,
      interval: pointInterval(point),
      chanceOfBest: point.chanceOfBest,
      tiedWithBest: point.tiedWithBest,
      objectives: objectivesOf(sweep, point),
      onFront: front[point.number - 1] === 1,
      broken: point.broken,
      rounded: point.rounded,
      finishedAt: point.scoredAt,
      asked: point.asked,
      questions: sweep.race === null ? null : questionsOf(sweep.race),
    }
  })
}

/** Of a sweep with several objectives what the point came to in each. */
function objectivesOf({ definition }: SweepRow, { objectives, score }: PointRow): (number | null)[] {
  const place = scorePlace(definition)
  return (definition.objectives ?? []).map((_, at) => (at === place ? score : (objectives?.[at] ?? null)))
}

/** How far a job is, in its trainer's own unit. */
export function progressOf(job: AnyJobRow | undefined): Progress {
  if (job?.progressTotal == null || job.progressDone === null) return null
  return { done: job.progressDone, total: job.progressTotal }
}

/** How far a job is, from 0 to 1. */
export function shareOf(job: JobRow | undefined): number | null {
  const progress = progressOf(job)
  return progress === null || progress.total <= 0 ? null : Math.min(1, progress.done / progress.total)
}

/** The job that works on a point now. */
export function liveJob(point: PointRow, jobs: Map<number, JobRow>): JobRow | undefined {
  if (point.status === 'evaluating') return jobs.get(point.evaluationJobId!)
  return point.status === 'training' ? jobs.get(point.runId) : undefined
}

export function pointInterval(point: Pick<PointRow, 'intervalLow' | 'intervalHigh'>): [number, number] | null {
  return point.intervalLow === null || point.intervalHigh === null ? null : [point.intervalLow, point.intervalHigh]
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

export function describeCheckpointRef(row: CheckpointRow): PointView['checkpoint'] & object {
  return { id: row.id, step: row.step, epoch: row.epoch, path: row.path, picked: row.pickedAt !== null }
}

export function groupByCheckpoint(rows: EvaluationRow[]): Map<number, EvaluationRow[]> {
  return Map.groupBy(rows, (row) => row.checkpointId)
}
