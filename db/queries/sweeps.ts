import { and, desc, eq, inArray, isNull, ne, sql } from 'drizzle-orm'
import { jobs } from '../schema/jobs.ts'
import { points } from '../schema/points.ts'
import { sweeps } from '../schema/sweeps.ts'
import type { SweepStatus } from '../../domain/life/run-status.ts'
import { prepared, type Database } from '../client.ts'

export type SweepRow = typeof sweeps.$inferSelect
export type NewSweep = typeof sweeps.$inferInsert

/** Adds a sweep and gives its row. */
export function insertSweep(database: Database, values: NewSweep): SweepRow {
  return database.insert(sweeps).values(values).returning().get()
}

const sweepById = prepared((database) =>
  database
    .select()
    .from(sweeps)
    .where(eq(sweeps.id, sql.placeholder('id')))
    .prepare(),
)

/** The sweep, also when it is deleted; undefined when there is none. */
export function findSweep(database: Database, id: number): SweepRow | undefined {
  return sweepById(database).get({ id })
}

/** Sweeps that are not deleted, newest first. */
export function listSweeps(database: Database): SweepRow[] {
  return database.select().from(sweeps).where(isNull(sweeps.deletedAt)).orderBy(desc(sweeps.id)).all()
}

/** All sweeps, deleted ones too, oldest first. */
export function listEverySweep(database: Database): SweepRow[] {
  return database.select().from(sweeps).orderBy(sweeps.id).all()
}

/** Sweeps that ran in a folder, newest first, without imported and deleted ones. */
export function listSweepsOfFolder(database: Database, directory: string): SweepRow[] {
  return database
    .select()
    .from(sweeps)
    .where(and(eq(sweeps.directory, directory), ne(sweeps.origin, 'imported'), isNull(sweeps.deletedAt)))
    .orderBy(desc(sweeps.id))
    .all()
}

/** The newest sweep of the same definition and folder that is not deleted. */
export function findSweepByFingerprint(database: Database, fingerprint: string): SweepRow | undefined {
  return database
    .select()
    .from(sweeps)
    .where(and(eq(sweeps.fingerprint, fingerprint), isNull(sweeps.deletedAt)))
    .orderBy(desc(sweeps.id))
    .get()
}

/** Sweeps whose jobs may start, oldest first. */
export function listActiveSweeps(database: Database): SweepRow[] {
  return database
    .select()
    .from(sweeps)
    .where(and(inArray(sweeps.status, ['waiting', 'running']), isNull(sweeps.deletedAt)))
    .orderBy(sweeps.id)
    .all()
}

/** These sweeps, but for deleted ones and those that a person or the breaker paused, oldest first. */
export function listStartableSweeps(database: Database, ids: number[]): SweepRow[] {
  if (ids.length === 0) return []
  return database
    .select()
    .from(sweeps)
    .where(and(inArray(sweeps.id, ids), ne(sweeps.status, 'paused'), isNull(sweeps.deletedAt)))
    .orderBy(sweeps.id)
    .all()
}

/** Changes a sweep's status if it is one of `from`. False: it was not (a lost race). */
export function moveSweep(
  database: Database,
  id: number,
  from: SweepStatus[],
  values: Partial<Omit<NewSweep, 'id'>>,
): boolean {
  const result = database
    .update(sweeps)
    .set(values)
    .where(and(eq(sweeps.id, id), inArray(sweeps.status, from)))
    .run()
  return result.changes === 1
}

/** Changes columns that are not its status. */
export function updateSweep(database: Database, id: number, values: Partial<Omit<NewSweep, 'id' | 'status'>>): void {
  database.update(sweeps).set(values).where(eq(sweeps.id, id)).run()
}

export type SweepCounts = {
  sweepId: number
  points: number
  scored: number
  /** Of a sweep that scores nothing. */
  done: number
  failed: number
  cancelled: number
  /** Given up early. */
  stopped: number
  trainings: number
  trainingsDone: number
  trainingsLive: number
  trainingsFailed: number
  /** Without evaluations asked for again: they do not keep a sweep from ending. */
  openJobs: number
  /** Evaluations asked for again that wait or live. */
  openRepeats: number
  slotsHeld: number
  /** Those of them that jobs will have that a cluster lets wait. */
  slotsQueued: number
  /** Points that wait, train and are evaluated. */
  waiting: number
  training: number
  evaluating: number
  /** Jobs in the queue. */
  trainingsWaiting: number
  evaluationsWaiting: number
}

/** How many points and trainings of each sweep are in which state. */
export function countSweeps(database: Database, ids: number[]): Map<number, SweepCounts> {
  const counts = new Map<number, SweepCounts>(
    ids.map((sweepId) => [
      sweepId,
      {
        sweepId,
        points: 0,
        scored: 0,
        done: 0,
        failed: 0,
        cancelled: 0,
        stopped: 0,
        trainings: 0,
        trainingsDone: 0,
        trainingsLive: 0,
        trainingsFailed: 0,
        openJobs: 0,
        openRepeats: 0,
        slotsHeld: 0,
        slotsQueued: 0,
        waiting: 0,
        training: 0,
        evaluating: 0,
        trainingsWaiting: 0,
        evaluationsWaiting: 0,
      },
    ]),
  )
  const pointRows = database
    .select({ sweepId: points.sweepId, status: points.status, count: sql<number>`count(*)` })
    .from(points)
    .where(inArray(points.sweepId, ids))
    .groupBy(points.sweepId, points.status)
    .all()
  for (const row of pointRows) {
    const entry = counts.get(row.sweepId!)!
    entry.points += row.count
    entry[row.status] += row.count
  }
  const jobRows = database
    .select({
      sweepId: jobs.sweepId,
      kind: jobs.kind,
      status: jobs.status,
      again: sql<0 | 1>`${jobs.again} is not null`,
      count: sql<number>`count(*)`,
      slots: sql<number>`sum(${jobs.slotCount})`,
      queued: sql<number>`sum(case when ${jobs.status} = 'starting' and ${jobs.executor} <> 'local' then ${jobs.slotCount} else 0 end)`,
    })
    .from(jobs)
    .where(inArray(jobs.sweepId, ids))
    .groupBy(jobs.sweepId, jobs.kind, jobs.status, sql`${jobs.again} is not null`)
    .all()
  for (const row of jobRows) {
    const entry = counts.get(row.sweepId!)!
    if (row.kind === 'training') entry.trainings += row.count
    if (row.status === 'waiting' && row.again === 0)
      entry[row.kind === 'training' ? 'trainingsWaiting' : 'evaluationsWaiting'] += row.count
    const live = row.status === 'starting' || row.status === 'running'
    if (row.kind === 'training' && row.status === 'done') entry.trainingsDone += row.count
    if (row.kind === 'training' && row.status === 'failed') entry.trainingsFailed += row.count
    if (row.kind === 'training' && live) entry.trainingsLive += row.count
    if (live) entry.slotsHeld += row.slots
    entry.slotsQueued += row.queued
    if (live || row.status === 'waiting') entry[row.again === 1 ? 'openRepeats' : 'openJobs'] += row.count
  }
  return counts
}

/** Whether a job of the sweep waits or lives that it needs to end: not an evaluation asked for again. */
export function hasOpenJobs(database: Database, sweepId: number): boolean {
  const row = database
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.sweepId, sweepId), inArray(jobs.status, ['waiting', 'starting', 'running']), isNull(jobs.again)))
    .limit(1)
    .get()
  return row !== undefined
}
