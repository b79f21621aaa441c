/** Evaluations that were asked for again: their jobs and what they measured. Beside `evaluations`, which score points. */
import { and, asc, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import { repeatEvaluations } from '../schema/evaluations.ts'
import { jobs } from '../schema/jobs.ts'
import type { Database } from '../client.ts'
import type { JobRow } from './jobs.ts'

export type RepeatEvaluationRow = typeof repeatEvaluations.$inferSelect
export type NewRepeatEvaluation = typeof repeatEvaluations.$inferInsert

/** Writes what a job measured on a benchmark; an attempt after a failed one replaces it. */
export function saveRepeatEvaluation(database: Database, values: NewRepeatEvaluation): void {
  database
    .insert(repeatEvaluations)
    .values(values)
    .onConflictDoUpdate({
      target: [repeatEvaluations.jobId, repeatEvaluations.benchmark],
      set: {
        accuracy: sql`excluded.accuracy`,
        correct: sql`excluded.correct`,
        total: sql`excluded.total`,
        questions: sql`excluded.questions`,
        standardError: sql`excluded.standard_error`,
        outcomes: sql`excluded.outcomes`,
        items: sql`excluded.items`,
        error: sql`excluded.error`,
        createdAt: sql`excluded.created_at`,
      },
    })
    .run()
}

/** What was measured again of these checkpoints, oldest first. */
export function listRepeatEvaluations(database: Database, checkpointIds: number[]): RepeatEvaluationRow[] {
  return database
    .select()
    .from(repeatEvaluations)
    .where(sql`${repeatEvaluations.checkpointId} in (select value from json_each(${JSON.stringify(checkpointIds)}))`)
    .orderBy(asc(repeatEvaluations.id))
    .all()
}

/** Benchmarks that a job has measured so far. */
export function listMeasuredAgain(database: Database, jobId: number): string[] {
  return database
    .select({ benchmark: repeatEvaluations.benchmark })
    .from(repeatEvaluations)
    .where(eq(repeatEvaluations.jobId, jobId))
    .all()
    .map((row) => row.benchmark)
}

/** Sweeps that have an evaluation waiting that was asked for again, whether they have ended or not. */
export function listSweepsWithWaitingRepeats(database: Database): number[] {
  return database
    .selectDistinct({ sweepId: jobs.sweepId })
    .from(jobs)
    .where(and(isNotNull(jobs.again), eq(jobs.status, 'waiting')))
    .all()
    .map((row) => row.sweepId!)
}

/** The first waiting ones of a sweep, in the order they were asked for. */
export function listWaitingRepeats(database: Database, sweepId: number, limit: number): JobRow[] {
  return database
    .select()
    .from(jobs)
    .where(and(isNotNull(jobs.again), eq(jobs.status, 'waiting'), eq(jobs.sweepId, sweepId)))
    .orderBy(asc(jobs.number))
    .limit(limit)
    .all() as JobRow[]
}

/** Those of a sweep that wait or live. */
export function listOpenRepeats(database: Database, sweepId: number): JobRow[] {
  return database
    .select()
    .from(jobs)
    .where(
      and(isNotNull(jobs.again), inArray(jobs.status, ['waiting', 'starting', 'running']), eq(jobs.sweepId, sweepId)),
    )
    .orderBy(asc(jobs.number))
    .all() as JobRow[]
}

/** How many of them there are, by sweep. */
export function countOpenRepeats(database: Database): Map<number, number> {
  const rows = database
    .select({ sweepId: jobs.sweepId, count: sql<number>`count(*)` })
    .from(jobs)
    .where(and(isNotNull(jobs.again), inArray(jobs.status, ['waiting', 'starting', 'running'])))
    .groupBy(jobs.sweepId)
    .all()
  return new Map(rows.map(({ sweepId, count }) => [sweepId!, count]))
}

/** The highest number of the sweep's evaluations, rungs of races aside; 0 where it has none. */
export function lastEvaluationNumber(database: Database, sweepId: number): number {
  const row = database
    .select({ last: sql<number | null>`max(${jobs.number})` })
    .from(jobs)
    .where(and(eq(jobs.sweepId, sweepId), eq(jobs.kind, 'evaluation'), isNull(jobs.rung)))
    .get()
  return row?.last ?? 0
}

/** Seeds that the run's repeated evaluations of a checkpoint were given so far. */
export function listSeeds(database: Database, runId: number, checkpointId: number): number[] {
  return database
    .select({ again: jobs.again })
    .from(jobs)
    .where(and(eq(jobs.runId, runId), eq(jobs.checkpointId, checkpointId), isNotNull(jobs.again)))
    .all()
    .map((row) => row.again!.seed)
}

/** Sweeps of which an evaluation that was asked for several samples told how many of each question were right. */
export function listSampledSweeps({ $client }: Database): number[] {
  return $client
    .prepare(
      `select distinct jobs.sweep_id from repeat_evaluations join jobs on jobs.id = repeat_evaluations.job_id
       where repeat_evaluations.samples > 1 and json_extract(repeat_evaluations.outcomes, '$.samples') > 1`,
    )
    .pluck()
    .all() as number[]
}
