/** Trainings and evaluations: rows, and each change of their status. */
import { and, asc, between, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import { isLegalTransition, type JobStatus } from '../../domain/life/run-status.ts'
import { prepared, type Database } from '../client.ts'
import { jobs } from '../schema/jobs.ts'

/** A job of a sweep, or a run of its own. */
export type AnyJobRow = typeof jobs.$inferSelect
/** A job of a sweep: what is scheduled. */
export type JobRow = AnyJobRow & { sweepId: number }
export type NewJob = typeof jobs.$inferInsert & { sweepId: number }

/** Adds jobs in one go and gives their rows, in the order given. */
export function insertJobs(database: Database, values: NewJob[]): JobRow[] {
  const rows: JobRow[] = []
  // SQLite takes at most 32,766 parameters a statement.
  for (let start = 0; start < values.length; start += 1000) {
    rows.push(
      ...(database
        .insert(jobs)
        .values(values.slice(start, start + 1000))
        .returning()
        .all() as JobRow[]),
    )
  }
  return rows
}

const jobById = prepared((database) =>
  database
    .select()
    .from(jobs)
    .where(eq(jobs.id, sql.placeholder('id')))
    .prepare(),
)

/** A job of a sweep. */
export function findJob(database: Database, id: number): JobRow | undefined {
  const found = jobById(database).get({ id })
  return found?.sweepId == null ? undefined : (found as JobRow)
}

/** A job of a sweep, or a run of its own. */
export function findAnyJob(database: Database, id: number): AnyJobRow | undefined {
  return jobById(database).get({ id })
}

export function findEvaluationJob(database: Database, sweepId: number, pointNumber: number): JobRow | undefined {
  return database
    .select()
    .from(jobs)
    .where(and(eq(jobs.sweepId, sweepId), eq(jobs.kind, 'evaluation'), eq(jobs.number, pointNumber)))
    .get() as JobRow | undefined
}

const liveJobs = prepared((database) =>
  database
    .select()
    .from(jobs)
    .where(sql`${jobs.status} in ('starting', 'running') and ${jobs.sweepId} is not null`)
    .orderBy(asc(jobs.id))
    .prepare(),
)

/** Jobs that hold slots. */
export function listLiveJobs(database: Database): JobRow[] {
  return liveJobs(database).all() as JobRow[]
}

/** Sweeps that have jobs which hold slots. */
export function listLiveSweepIds({ $client }: Database): number[] {
  return $client
    .prepare(`select distinct sweep_id from jobs where status in ('starting', 'running') and sweep_id is not null`)
    .pluck()
    .all() as number[]
}

/** How many jobs wait for slots, and how many hold some. */
export function countJobs(database: Database): { waiting: number; live: number } {
  const rows = database.$client
    .prepare(
      `select status, count(*) as count from jobs where status in ('waiting', 'starting', 'running') and sweep_id is not null group by status`,
    )
    .all() as { status: string; count: number }[]
  const count = (status: string) => rows.find((row) => row.status === status)?.count ?? 0
  return { waiting: count('waiting'), live: count('starting') + count('running') }
}

const waitingJobs = prepared((database) =>
  database
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.sweepId, sql.placeholder('sweepId')),
        eq(jobs.status, 'waiting'),
        eq(jobs.kind, sql.placeholder('kind')),
        isNull(jobs.awaits),
        isNull(jobs.held),
      ),
    )
    .orderBy(asc(jobs.number))
    .limit(sql.placeholder('limit'))
    .prepare(),
)

/** The first waiting jobs of a sweep and kind, in the plan's order, but for those that wait for another training or to be judged. */
export function listWaitingJobs(database: Database, sweepId: number, kind: JobRow['kind'], limit: number): JobRow[] {
  return waitingJobs(database).all({ sweepId, kind, limit }) as JobRow[]
}

/** The highest step that any of these jobs has reached; 0 where none reported one. */
export function lastStepOfJobs({ $client }: Database, ids: number[]): number {
  return $client
    .prepare('select coalesce(max(last_step), 0) from jobs where id in (select value from json_each(?))')
    .pluck()
    .get(JSON.stringify(ids)) as number
}

/** All jobs of a sweep, or of one kind, by number. */
export function listSweepJobs(database: Database, sweepId: number, kind?: JobRow['kind']): JobRow[] {
  return database
    .select()
    .from(jobs)
    .where(and(eq(jobs.sweepId, sweepId), kind ? eq(jobs.kind, kind) : undefined))
    .orderBy(asc(jobs.number))
    .all() as JobRow[]
}

/** Evaluations of a run's checkpoints, with those that were asked for again. */
export function listRunEvaluations(database: Database, runId: number): JobRow[] {
  return database.select().from(jobs).where(eq(jobs.runId, runId)).orderBy(asc(jobs.number)).all() as JobRow[]
}

/** Changes a job if its status is one of `from`. False: it was not (a lost race). Throws for a step that no job may take. */
export function moveJob(
  database: Database,
  id: number,
  from: JobStatus[],
  values: Partial<Omit<NewJob, 'id' | 'sweepId'>>,
): boolean {
  const illegal = from.find((status) => values.status !== undefined && !isLegalTransition(status, values.status))
  if (illegal !== undefined) throw new Error(`a job cannot go from ${illegal} to ${values.status}`)
  return (
    database
      .update(jobs)
      .set(values)
      .where(and(eq(jobs.id, id), inArray(jobs.status, from)))
      .run().changes === 1
  )
}

/** Changes columns that are not its status. */
export function updateJob(
  database: Database,
  id: number,
  values: Partial<Omit<NewJob, 'id' | 'status' | 'sweepId'>>,
): void {
  database.update(jobs).set(values).where(eq(jobs.id, id)).run()
}

const lastStepOfJob = prepared(({ $client }) => $client.prepare('update jobs set last_step = ? where id = ?'))

/** Says the highest step that a job has reported. */
export function setLastStep(database: Database, id: number, lastStep: number): void {
  lastStepOfJob(database).run(lastStep, id)
}

/** The checkpoint that a run started from, said once, where nothing said so before: a sweep may have. */
export function setStart(database: Database, id: number, initCheckpointId: number): boolean {
  return (
    database
      .update(jobs)
      .set({ initCheckpointId })
      .where(and(eq(jobs.id, id), eq(jobs.kind, 'training'), isNull(jobs.initCheckpointId)))
      .run().changes === 1
  )
}

/** Changes every job of a sweep in one of the given statuses; gives the changed ones' ids. */
export function moveSweepJobs(
  database: Database,
  sweepId: number,
  from: JobStatus[],
  values: Partial<Omit<NewJob, 'id' | 'sweepId'>>,
): number[] {
  return database
    .update(jobs)
    .set(values)
    .where(and(eq(jobs.sweepId, sweepId), inArray(jobs.status, from)))
    .returning({ id: jobs.id })
    .all()
    .map((row) => row.id)
}

/**
 * Trainings of the sweep numbered `from` to `to` that are done, of which a point failed without an evaluation: for want of a
 * checkpoint of its own.
 */
export function listDoneWithoutCheckpoint(
  database: Database,
  sweepId: number,
  { from, to }: { from: number; to: number },
): JobRow[] {
  return database
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.sweepId, sweepId),
        eq(jobs.kind, 'training'),
        eq(jobs.status, 'done'),
        between(jobs.number, from, to),
        sql`exists (select 1 from points left join checkpoints on checkpoints.id = points.checkpoint_id
          where points.run_id = ${jobs.id} and points.status = 'failed' and points.evaluation_job_id is null
          and (points.checkpoint_id is null or checkpoints.problem is not null))`,
      ),
    )
    .orderBy(asc(jobs.number))
    .all() as JobRow[]
}

/** Makes a training done that has not begun, as an earlier one did the same. */
export function markReused(
  database: Database,
  id: number,
  { reusedFrom, continues }: { reusedFrom: number; continues: JobRow['continues'] },
): void {
  database
    .update(jobs)
    .set({ status: 'done', reusedFrom, continues, awaits: null, readyAt: null, finishedAt: Date.now() })
    .where(and(eq(jobs.id, id), eq(jobs.status, 'waiting'), eq(jobs.attempt, 0)))
    .run()
}

/** Ends an evaluation that waits, as another sweep's measured the same. False: it does not wait any more (a lost race). */
export function markMeasured(database: Database, id: number, measuredBy: number): boolean {
  return (
    database
      .update(jobs)
      .set({ status: 'done', reusedFrom: measuredBy, readyAt: null, finishedAt: Date.now() })
      .where(and(eq(jobs.id, id), eq(jobs.status, 'waiting')))
      .run().changes === 1
  )
}

const awaitingJobs = prepared((database) =>
  database
    .select()
    .from(jobs)
    .where(and(isNotNull(jobs.awaits), eq(jobs.status, 'waiting')))
    .orderBy(asc(jobs.id))
    .prepare(),
)

/** Trainings that wait for one of another sweep that does the same. */
export function listAwaiting(database: Database): JobRow[] {
  return awaitingJobs(database).all() as JobRow[]
}

/**
 * Nobody waits any more for what earlier servers asked to stop and go on later: it keeps its reason, which says what its
 * end means, and nothing more is done to it.
 */
export function forgetReleases(database: Database): void {
  database
    .update(jobs)
    .set({ stopRequestedAt: null })
    .where(and(eq(jobs.stopReason, 'release'), inArray(jobs.status, ['starting', 'running'])))
    .run()
}

/** The numbers of jobs by their ids. */
export function listJobsNumbers({ $client }: Database, ids: readonly number[]): Map<number, number> {
  const one = $client.prepare('select number from jobs where id = ?').pluck()
  return new Map(ids.map((id) => [id, one.get(id) as number]))
}
