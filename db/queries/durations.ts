/** How long jobs took: what budgets count and estimates rest on. */
import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Database } from '../client.ts'
import { attempts } from '../schema/attempts.ts'
import { jobs } from '../schema/jobs.ts'
import { sweeps } from '../schema/sweeps.ts'
import type { JobRow } from './jobs.ts'

/** How many trainings and evaluations of a sweep began an attempt since then. */
export function countStartedSince(database: Database, sweepId: number, since: number) {
  const rows = database
    .select({ kind: jobs.kind, count: sql<number>`count(distinct ${jobs.id})` })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .where(and(eq(jobs.sweepId, sweepId), sql`${attempts.claimedAt} >= ${since}`))
    .groupBy(jobs.kind)
    .all()
  const of = (kind: JobRow['kind']) => rows.find((row) => row.kind === kind)?.count ?? 0
  return { trainings: of('training'), evaluations: of('evaluation') }
}

/** The sweep's trainings that ended after `since`, newest first, with how long their last attempt ran in milliseconds. */
export function listEndedTrainings(database: Database, sweepId: number, since: number, limit: number) {
  return database
    .select({
      id: jobs.id,
      number: jobs.number,
      status: jobs.status,
      error: jobs.error,
      attempt: jobs.attempt,
      milliseconds: sql<number>`coalesce(${attempts.finishedAt} - ${attempts.startedAt}, 0)`,
    })
    .from(jobs)
    .innerJoin(attempts, and(eq(attempts.jobId, jobs.id), eq(attempts.number, jobs.attempt)))
    .where(
      and(
        eq(jobs.sweepId, sweepId),
        eq(jobs.kind, 'training'),
        inArray(jobs.status, ['done', 'failed']),
        sql`${jobs.finishedAt} > ${since}`,
      ),
    )
    .orderBy(desc(jobs.finishedAt), desc(jobs.id))
    .limit(limit)
    .all()
}

/** How long an attempt ran by what is stored of it: those of earlier versions by their times, one that a cluster never began not at all. */
const ranMilliseconds = sql`coalesce(${attempts.ranMilliseconds}, max(0, ${attempts.finishedAt} - coalesce(
  ${attempts.startedAt}, case when ${attempts.slots} = '[]' then ${attempts.finishedAt} else ${attempts.claimedAt} end)), 0)`

function sumSlotHours(database: Database, sweepId: number, which: ReturnType<typeof sql> | undefined): number {
  const row = database
    .select({ milliseconds: sql<number>`coalesce(sum(${jobs.slotCount} * ${ranMilliseconds}), 0)` })
    .from(jobs)
    .innerJoin(attempts, eq(attempts.jobId, jobs.id))
    .where(and(eq(jobs.sweepId, sweepId), which))
    .get()
  return (row?.milliseconds ?? 0) / 3_600_000
}

/** Slot hours of all attempts of a sweep, live ones as of a few seconds ago. */
export function spentSlotHours(database: Database, sweepId: number): number {
  return sumSlotHours(database, sweepId, undefined)
}

/** The same of the attempts that have ended. */
export function endedSlotHours(database: Database, sweepId: number): number {
  return sumSlotHours(database, sweepId, sql`${attempts.status} not in ('starting', 'running')`)
}

/** The rungs of a checkpoint's race are one evaluation; every other job stands for itself. */
const wholeEvaluation = sql`case when ${jobs.rung} is null then -${jobs.id} else ${jobs.checkpointId} end`
const secondsOfWhole = sql<number>`sum(${jobs.finishedAt} - ${jobs.startedAt}) / 1000.0`

/** Seconds that the finished jobs of a sweep ran, newest 200 of each kind; without evaluations asked for again. The rungs of a race are one. */
export function listDurations(database: Database, sweepId: number, kind: JobRow['kind']): number[] {
  return database
    .select({ seconds: secondsOfWhole })
    .from(jobs)
    .where(
      and(
        eq(jobs.sweepId, sweepId),
        eq(jobs.kind, kind),
        eq(jobs.status, 'done'),
        isNull(jobs.again),
        isNull(jobs.reusedFrom),
      ),
    )
    .groupBy(wholeEvaluation)
    .orderBy(desc(sql`max(${jobs.finishedAt})`))
    .limit(200)
    .all()
    .map((row) => row.seconds)
}

/** How long the newest finished jobs ran, with the definition they belong to: what estimates rest on. */
export function listMeasuredDurations(database: Database) {
  return database
    .select({
      kind: jobs.kind,
      definition: sweeps.definition,
      seconds: secondsOfWhole,
    })
    .from(jobs)
    .innerJoin(sweeps, eq(sweeps.id, jobs.sweepId))
    .where(
      and(eq(jobs.status, 'done'), isNull(jobs.again), isNull(jobs.reusedFrom), sql`${sweeps.origin} <> 'imported'`),
    )
    .groupBy(wholeEvaluation)
    .orderBy(desc(sql`max(${jobs.id})`))
    .limit(2000)
    .all()
}
