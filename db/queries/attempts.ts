/** Attempts: what each process of a job did, and how much of what it wrote was read. */
import { and, asc, desc, eq, inArray, lt, ne, sql } from 'drizzle-orm'
import type { Place } from '../../domain/life/place.ts'
import { prepared, type Database } from '../client.ts'
import { attempts } from '../schema/attempts.ts'
import { jobs } from '../schema/jobs.ts'

export type AttemptRow = typeof attempts.$inferSelect
export type NewAttempt = typeof attempts.$inferInsert

/** Where clusters run or queue the live jobs that they have, by the job's id. */
export function listLivePlaces(database: Database): Map<number, Place | null> {
  const rows = database
    .select({ jobId: jobs.id, place: attempts.place })
    .from(jobs)
    .innerJoin(attempts, and(eq(attempts.jobId, jobs.id), eq(attempts.number, jobs.attempt)))
    .where(and(sql`${jobs.status} in ('starting', 'running')`, ne(jobs.executor, 'local')))
    .all()
  return new Map(rows.map(({ jobId, place }) => [jobId, place]))
}

export function insertAttempt(database: Database, values: NewAttempt): void {
  database.insert(attempts).values(values).run()
}

const attemptOfJob = prepared((database) =>
  database
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, sql.placeholder('jobId')), eq(attempts.number, sql.placeholder('number'))))
    .prepare(),
)

export function findAttempt(database: Database, jobId: number, number: number): AttemptRow | undefined {
  return attemptOfJob(database).get({ jobId, number })
}

const attemptsOfJob = prepared((database) =>
  database
    .select()
    .from(attempts)
    .where(eq(attempts.jobId, sql.placeholder('jobId')))
    .orderBy(desc(attempts.number))
    .prepare(),
)

/** Attempts of a job, newest first. */
export function listAttempts(database: Database, jobId: number): AttemptRow[] {
  return attemptsOfJob(database).all({ jobId })
}

export function updateAttempt(
  database: Database,
  jobId: number,
  number: number,
  values: Partial<Omit<NewAttempt, 'jobId' | 'number'>>,
): void {
  database
    .update(attempts)
    .set(values)
    .where(and(eq(attempts.jobId, jobId), eq(attempts.number, number)))
    .run()
}

const offsetMove = prepared(({ $client }) =>
  $client.prepare(
    `update attempts set event_offset = @eventOffset, event_lines = @eventLines, event_file = @eventFile,
       first_step = coalesce(@firstStep, first_step), last_step = coalesce(@lastStep, last_step)
     where job_id = @jobId and number = @number and event_offset = @from`,
  ),
)

/** Moves the events offset on if it still stands where the reader thinks. False: somebody else read (a lost race). */
export function advanceEventOffset(
  database: Database,
  jobId: number,
  number: number,
  from: number,
  values: Pick<AttemptRow, 'eventOffset' | 'eventLines' | 'eventFile'> & { firstStep?: number; lastStep?: number },
): boolean {
  const { firstStep = null, lastStep = null } = values
  const eventFile = values.eventFile && JSON.stringify(values.eventFile)
  return offsetMove(database).run({ ...values, firstStep, lastStep, eventFile, jobId, number, from }).changes === 1
}

/** Moves the offset of what is read of an attempt's system metrics; false: somebody else moved it. */
export function advanceSystemOffset(
  database: Database,
  jobId: number,
  number: number,
  { from, to }: { from: number; to: number },
): boolean {
  const own = and(eq(attempts.jobId, jobId), eq(attempts.number, number), eq(attempts.systemOffset, from))
  return database.update(attempts).set({ systemOffset: to }).where(own).run().changes === 1
}

/** Attempts of a sweep that ended without success and were followed by another. */
export function listRetriedAttempts(database: Database, sweepId: number) {
  return database
    .select({
      jobId: jobs.id,
      runId: jobs.runId,
      number: jobs.number,
      kind: jobs.kind,
      attempt: attempts.number,
      status: attempts.status,
      error: attempts.error,
    })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .where(
      and(eq(jobs.sweepId, sweepId), inArray(attempts.status, ['failed', 'lost']), lt(attempts.number, jobs.attempt)),
    )
    .orderBy(asc(jobs.number), asc(attempts.number))
    .limit(200)
    .all()
}
