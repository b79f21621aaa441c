/** Attempts of sweeps by where they ran and when: for timelines. */
import { and, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Database } from '../client.ts'
import { attempts } from '../schema/attempts.ts'
import { jobs } from '../schema/jobs.ts'
import { sweeps } from '../schema/sweeps.ts'
import type { Place } from '../../domain/life/place.ts'
import type { AttemptStatus } from '../../domain/life/run-status.ts'
import type { JobRow } from './jobs.ts'

export type HeldTime = {
  jobId: number
  number: number
  kind: JobRow['kind']
  sweepId: number
  status: AttemptStatus
  slots: string[]
  /** Whether a cluster ran it. */
  away: boolean
  place: Place | null
  claimedAt: number
  startedAt: number | null
  finishedAt: number | null
}

type StoredTime = Omit<HeldTime, 'slots' | 'away' | 'place'> & { slots: string; executor: string; place: string | null }

/** Attempts that were claimed before `to` and had not ended at `from`, the newest `most` of them, newest first. */
export function listHeldTimes(
  database: Database,
  { from, to }: { from: number; to: number },
  most: number,
): HeldTime[] {
  const rows = database.$client
    .prepare(
      `select a.job_id as jobId, a.number, j.kind, j.sweep_id as sweepId, a.status, a.slots, j.executor, a.place,
         a.claimed_at as claimedAt, a.started_at as startedAt, a.finished_at as finishedAt
       from attempts a join jobs j on j.id = a.job_id
       where a.claimed_at < ? and (a.finished_at is null or a.finished_at > ?) and j.sweep_id is not null
       order by a.claimed_at desc limit ?`,
    )
    .all(to, from, most) as StoredTime[]
  return rows.map(({ slots, place, executor, ...row }) => ({
    ...row,
    slots: JSON.parse(slots) as string[],
    // of an attempt that was followed by one elsewhere, its own place says more than its job
    away: place !== null || (executor !== 'local' && slots === '[]'),
    place: place === null ? null : (JSON.parse(place) as Place),
  }))
}

/** When the first attempt was claimed, or the first idle spell began, that reaches into the time after `from`; null: nothing is known of it. */
export function firstKnownSince(database: Database, from: number): number | null {
  const row = database.$client
    .prepare(
      `select min(at) as first from (
         select min(a.claimed_at) as at from attempts a join jobs j on j.id = a.job_id
         where (a.finished_at is null or a.finished_at > ?) and j.sweep_id is not null
         union all select min(since) from idle_spells where until > ?)`,
    )
    .get(from, from) as { first: number | null }
  return row.first
}

const placed = {
  jobId: jobs.id,
  runId: sql<number>`coalesce(${jobs.runId}, ${jobs.id})`,
  kind: jobs.kind,
  number: jobs.number,
  params: jobs.params,
  slotCount: jobs.slotCount,
  sweepId: sql<number>`${jobs.sweepId}`,
  sweepName: sweeps.name,
  attempt: attempts.number,
  status: attempts.status,
  slots: attempts.slots,
  place: attempts.place,
  claimedAt: attempts.claimedAt,
  startedAt: attempts.startedAt,
  finishedAt: attempts.finishedAt,
  ranMilliseconds: attempts.ranMilliseconds,
  error: attempts.error,
}

const placedRows = (database: Database) =>
  database
    .select(placed)
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .innerJoin(sweeps, eq(sweeps.id, jobs.sweepId))
    .$dynamic()

const ofSweep = (sweepId: number | null) => (sweepId === null ? isNotNull(jobs.sweepId) : eq(jobs.sweepId, sweepId))

/** A page of the attempts of a sweep, or of all, newest first. */
export function listPlacedAttempts(
  database: Database,
  sweepId: number | null,
  { offset, limit }: { offset: number; limit: number },
) {
  return placedRows(database)
    .where(ofSweep(sweepId))
    .orderBy(desc(attempts.claimedAt), desc(attempts.jobId), desc(attempts.number))
    .limit(limit)
    .offset(offset)
    .all()
}

/** How many there are. */
export function countPlacedAttempts(database: Database, sweepId: number | null): number {
  const row = database
    .select({ count: sql<number>`count(*)` })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .where(ofSweep(sweepId))
    .get()
  return row?.count ?? 0
}

/** One attempt of a job, as the pages have it. */
export function findPlacedAttempt(database: Database, jobId: number, number: number) {
  return placedRows(database)
    .where(and(eq(attempts.jobId, jobId), eq(attempts.number, number), isNotNull(jobs.sweepId)))
    .get()
}
