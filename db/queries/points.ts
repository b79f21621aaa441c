import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm'
import { points } from '../schema/points.ts'
import type { PointStatus } from '../../domain/life/run-status.ts'
import type { Goal } from '../../domain/sweep/stop-early.ts'
import { prepared, type Database } from '../client.ts'

export type PointRow = typeof points.$inferSelect
export type NewPoint = typeof points.$inferInsert

export function insertPoints(database: Database, values: NewPoint[]): void {
  for (let start = 0; start < values.length; start += 1000) {
    database
      .insert(points)
      .values(values.slice(start, start + 1000))
      .run()
  }
}

/** How many trainings and points a sweep has: they are numbered from 1 without gaps, so an index answers at once. */
export function countStored({ $client }: Database, sweepId: number): { trainings: number; points: number } {
  return $client
    .prepare(
      `select coalesce((select max(number) from jobs where sweep_id = @sweepId and kind = 'training'), 0) as trainings,
         coalesce((select max(number) from points where sweep_id = @sweepId), 0) as points`,
    )
    .get({ sweepId }) as { trainings: number; points: number }
}

/** Points of a sweep in the plan's order. */
export function listPoints(database: Database, sweepId: number): PointRow[] {
  return database.select().from(points).where(eq(points.sweepId, sweepId)).orderBy(asc(points.number)).all()
}

/** Points of these numbers, and those numbered beyond `after`, in the plan's order. */
export function listNumberedPoints(database: Database, sweepId: number, numbers: number[], after: number): PointRow[] {
  return database
    .select()
    .from(points)
    .where(and(eq(points.sweepId, sweepId), or(inArray(points.number, numbers), gt(points.number, after))))
    .orderBy(asc(points.number))
    .all()
}

const pointsOfRun = prepared((database) =>
  database
    .select()
    .from(points)
    .where(eq(points.runId, sql.placeholder('runId')))
    .orderBy(asc(points.number))
    .prepare(),
)

/** Points that share a training, by number. */
export function listRunPoints(database: Database, runId: number): PointRow[] {
  return pointsOfRun(database).all({ runId })
}

/** Writes why points that are measured have no score yet, where their baseline is not known. */
export function explainUnscored(database: Database, sweepId: number, error: string): void {
  database
    .update(points)
    .set({ error })
    .where(and(eq(points.sweepId, sweepId), eq(points.status, 'done'), isNull(points.score)))
    .run()
}

/**
 * Points in these statuses whose checkpoint is there, good, and was never given to an evaluation: of one run, or of a sweep's trainings
 * numbered `from` to `to`.
 */
export function listNeverEvaluated(
  database: Database,
  of: { runId: number } | { sweepId: number; from: number; to: number },
  statuses: PointStatus[],
): PointRow[] {
  const ofRuns =
    'runId' in of
      ? eq(points.runId, of.runId)
      : sql`${points.runId} in (select id from jobs where sweep_id = ${of.sweepId} and kind = 'training' and number between ${of.from} and ${of.to})`
  return database
    .select()
    .from(points)
    .where(
      and(
        ofRuns,
        inArray(points.status, statuses),
        isNull(points.evaluationJobId),
        sql`exists (select 1 from checkpoints where checkpoints.id = ${points.checkpointId}
          and checkpoints.problem is null and checkpoints.removed_at is null)`,
      ),
    )
    .orderBy(asc(points.number))
    .all()
}

export function listCheckpointPoints(database: Database, checkpointId: number): PointRow[] {
  return database.select().from(points).where(eq(points.checkpointId, checkpointId)).all()
}

/** Points of a sweep that have a score and a checkpoint and break no constraint, best first. */
export function listBestPoints(
  database: Database,
  sweepId: number,
  limit: number,
  goal: Goal = 'maximize',
): PointRow[] {
  return database
    .select()
    .from(points)
    .where(
      and(eq(points.sweepId, sweepId), isNotNull(points.score), isNull(points.broken), isNotNull(points.checkpointId)),
    )
    .orderBy(goal === 'maximize' ? desc(points.score) : asc(points.score), asc(points.number))
    .limit(limit)
    .all()
}

export function updatePoint(database: Database, id: number, values: Partial<Omit<NewPoint, 'id'>>): void {
  database.update(points).set(values).where(eq(points.id, id)).run()
}

/** Changes the points of a run that are in one of the given statuses. */
export function moveRunPoints(
  database: Database,
  runId: number,
  from: PointStatus[],
  values: Partial<Omit<NewPoint, 'id'>>,
): void {
  database
    .update(points)
    .set(values)
    .where(and(eq(points.runId, runId), inArray(points.status, from)))
    .run()
}

/** Changes the points of a run that no checkpoint was found for yet. */
export function moveUncheckpointedPoints(
  database: Database,
  runId: number,
  from: PointStatus[],
  values: Partial<Omit<NewPoint, 'id'>>,
): void {
  database
    .update(points)
    .set(values)
    .where(and(eq(points.runId, runId), inArray(points.status, from), isNull(points.checkpointId)))
    .run()
}

/** Changes the points of a sweep that are in one of the given statuses. */
export function moveSweepPoints(
  database: Database,
  sweepId: number,
  from: PointStatus[],
  values: Partial<Omit<NewPoint, 'id'>>,
): void {
  database
    .update(points)
    .set(values)
    .where(and(eq(points.sweepId, sweepId), inArray(points.status, from)))
    .run()
}
