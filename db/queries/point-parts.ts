/** Single points of sweeps, and what they refer to: by id, however many the sweep has. */
import type { Goal } from '../../domain/sweep/stop-early.ts'
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm'
import { checkpoints, jobs } from '../schema/jobs.ts'
import { points } from '../schema/points.ts'
import type { Database } from '../client.ts'
import { listEvaluations, type CheckpointRow, type EvaluationRow } from './checkpoints.ts'
import type { JobRow } from './jobs.ts'
import type { PointRow } from './points.ts'

/** The points of these ids, in no order. */
export function listPointsByIds(database: Database, ids: number[]): PointRow[] {
  return database.select().from(points).where(inArray(points.id, ids)).all()
}

/** The runs, evaluation jobs, checkpoints and results of points. */
export function listPointParts(
  database: Database,
  rows: PointRow[],
): { jobs: JobRow[]; checkpoints: CheckpointRow[]; evaluations: EvaluationRow[] } {
  const jobIds = [...new Set(rows.flatMap((row) => [row.runId, row.evaluationJobId ?? []].flat()))]
  const checkpointIds = rows.flatMap((row) => row.checkpointId ?? [])
  return {
    jobs: database.select().from(jobs).where(inArray(jobs.id, jobIds)).all() as JobRow[],
    checkpoints: database.select().from(checkpoints).where(inArray(checkpoints.id, checkpointIds)).all(),
    evaluations: listEvaluations(database, checkpointIds),
  }
}

/** The trainings that somebody looks for first: live ones, then failed ones, then those that ended last, then the next in the queue. */
export function listForemostTrainings(database: Database, sweepId: number, limit: number): JobRow[] {
  const found: JobRow[] = []
  const kinds = [['starting', 'running'], ['failed'], ['done', 'cancelled', 'stopped'], ['waiting']] as const
  for (const statuses of kinds) {
    if (found.length >= limit) break
    const order = statuses[0] === 'done' || statuses[0] === 'failed' ? desc(jobs.finishedAt) : asc(jobs.number)
    found.push(
      ...(database
        .select()
        .from(jobs)
        .where(and(eq(jobs.sweepId, sweepId), eq(jobs.kind, 'training'), inArray(jobs.status, [...statuses])))
        .orderBy(order)
        .limit(limit - found.length)
        .all() as JobRow[]),
    )
  }
  return found
}

/** Trainings of a sweep in some of the statuses, by number, and how many there are. */
export function listTrainings(
  database: Database,
  sweepId: number,
  statuses: readonly JobRow['status'][],
  offset: number,
  limit: number,
): { total: number; rows: JobRow[] } {
  const wanted = and(eq(jobs.sweepId, sweepId), eq(jobs.kind, 'training'), inArray(jobs.status, [...statuses]))
  const found = database
    .select({ total: sql<number>`count(*)` })
    .from(jobs)
    .where(wanted)
    .get()!
  const rows = database.select().from(jobs).where(wanted).orderBy(asc(jobs.number)).limit(limit).offset(offset).all()
  return { total: found.total, rows: rows as JobRow[] }
}

/** The best score of each of these trainings that has any, of points that break no constraint. */
export function listBestScores(database: Database, runIds: number[], goal: Goal): Map<number, number> {
  const rows = database
    .select({
      runId: points.runId,
      score: goal === 'maximize' ? sql<number>`max(${points.score})` : sql<number>`min(${points.score})`,
    })
    .from(points)
    // as one parameter: there may be more than a statement takes values
    .where(
      and(
        sql`${points.runId} in (select value from json_each(${JSON.stringify(runIds)}))`,
        sql`${points.score} is not null and ${points.broken} is null`,
      ),
    )
    .groupBy(points.runId)
    .all()
  return new Map(rows.map((row) => [row.runId, row.score]))
}

/** Benchmarks that the first 2,000 measured points of a sweep were measured on, in the order they came. */
export function listBenchmarks({ $client }: Database, sweepId: number): string[] {
  return $client
    .prepare(
      `select benchmark from evaluations
       where checkpoint_id in (select checkpoint_id from points where sweep_id = ? and checkpoint_id is not null order by number limit 2000)
       group by benchmark order by min(id)`,
    )
    .pluck()
    .all(sweepId) as string[]
}

/** Checkpoints of a sweep's points that somebody picked and whose place is known, in the order of the points. */
export function listPickedCheckpoints({ $client }: Database, sweepId: number): number[] {
  return $client
    .prepare(
      // few are picked: not the points are gone through, but what is picked
      `select checkpoints.id from checkpoints cross join points on points.checkpoint_id = checkpoints.id
       where picked_at is not null and path is not null and points.sweep_id = ? order by points.number`,
    )
    .pluck()
    .all(sweepId) as number[]
}

/** Whether a point of the sweep has a score and no interval. */
export function lacksIntervals(database: Database, sweepId: number): boolean {
  const row = database
    .select({ id: points.id })
    .from(points)
    .where(and(eq(points.sweepId, sweepId), sql`${points.score} is not null`, sql`${points.intervalLow} is null`))
    .limit(1)
    .get()
  return row !== undefined
}
