/** Evaluations that race: which questions each rung asks, and what was answered. Their sums are rows of `evaluations`. */
import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import type { PointStatus } from '../../domain/life/run-status.ts'
import { questionsOf, type RacePlan } from '../../domain/score/race.ts'
import type { Database } from '../client.ts'
import { evaluationRungs } from '../schema/evaluations.ts'
import { jobs } from '../schema/jobs.ts'
import { points } from '../schema/points.ts'

export type RungRow = typeof evaluationRungs.$inferSelect

/** Adds what a job asks; fails where a rung of the checkpoint is there already. Call in a transaction. */
export function insertRungs(database: Database, values: (typeof evaluationRungs.$inferInsert)[]): void {
  database.insert(evaluationRungs).values(values).run()
}

/** What a job asks, by benchmark. */
export function listRungsOfJob(database: Database, jobId: number): RungRow[] {
  return database
    .select()
    .from(evaluationRungs)
    .where(eq(evaluationRungs.jobId, jobId))
    .orderBy(asc(evaluationRungs.id))
    .all()
}

/** All that a checkpoint was or is to be asked, in the order of asking. */
export function listRungsOfCheckpoint(database: Database, checkpointId: number): RungRow[] {
  return database
    .select()
    .from(evaluationRungs)
    .where(eq(evaluationRungs.checkpointId, checkpointId))
    .orderBy(asc(evaluationRungs.rung), asc(evaluationRungs.id))
    .all()
}

/** Writes what a job reported of a benchmark; an attempt after a failed one writes over it. Gives whether it was asked that at all. */
export function recordRung(
  database: Database,
  jobId: number,
  benchmark: string,
  values: Pick<RungRow, 'correct' | 'total' | 'items' | 'error'>,
): boolean {
  return (
    database
      .update(evaluationRungs)
      .set(values)
      .where(and(eq(evaluationRungs.jobId, jobId), eq(evaluationRungs.benchmark, benchmark)))
      .run().changes > 0
  )
}

/** A sweep's points with how far each is in the race, as they are when asked. */
export type RacePointRow = {
  id: number
  number: number
  status: PointStatus
  asked: number | null
  toItsEnd: number
  checkpointId: number | null
  evaluationJobId: number | null
  /** The job that it waits for: its status, and the rung it answers up to. */
  jobStatus: string | null
  rung: number | null
  /** The last rung that it has answered; null before its first. */
  answered: number | null
}

export function listRacePoints({ $client }: Database, sweepId: number): RacePointRow[] {
  return $client
    .prepare(
      `select points.id, points.number, points.status, points.asked, points.to_its_end as toItsEnd,
         points.checkpoint_id as checkpointId, points.evaluation_job_id as evaluationJobId, jobs.status as jobStatus, jobs.rung,
         (select max(asked.rung) from evaluation_rungs as asked join jobs as by on by.id = asked.job_id
           where asked.checkpoint_id = points.checkpoint_id and by.status = 'done') as answered
       from points left join jobs on jobs.id = points.evaluation_job_id where points.sweep_id = ? order by points.number`,
    )
    .all(sweepId) as RacePointRow[]
}

/** Running sweeps of which a point has answered its rung, and nobody has looked yet what comes next. */
export function listIdleRaces(database: Database): number[] {
  return database
    .selectDistinct({ sweepId: points.sweepId })
    .from(jobs)
    .innerJoin(points, eq(points.evaluationJobId, jobs.id))
    .where(and(isNotNull(jobs.rung), eq(jobs.status, 'done'), eq(points.status, 'evaluating')))
    .all()
    .map((row) => row.sweepId)
}

/** Of those checkpoints whose results rest on some of their questions only: how many, and how many there are. */
export function listPartlyAsked(
  { $client }: Database,
  checkpointIds: readonly number[],
): Map<number, { asked: number; questions: number }> {
  const rows = $client
    .prepare(
      `select points.checkpoint_id, sweeps.race, (select sum(total) from evaluations where checkpoint_id = points.checkpoint_id)
       from points join sweeps on sweeps.id = points.sweep_id
       where points.checkpoint_id in (select value from json_each(?)) and sweeps.race is not null
         and (points.asked is not null or points.status = 'evaluating')`,
    )
    .raw()
    .all(JSON.stringify(checkpointIds)) as [number, string, number | null][]
  return new Map(
    rows.flatMap(([id, race, asked]) =>
      asked === null ? [] : [[id, { asked, questions: questionsOf(JSON.parse(race) as RacePlan) }] as const],
    ),
  )
}

/** How many questions the rungs of a sweep have answered altogether. */
export function countQuestionsAsked({ $client }: Database, sweepId: number): number {
  return $client
    .prepare(
      `select coalesce(sum(total), 0) from evaluation_rungs join jobs on jobs.id = job_id
       where jobs.sweep_id = ? and jobs.rung is not null and jobs.status = 'done'`,
    )
    .pluck()
    .get(sweepId) as number
}

/** Changes a point where it is in one of the statuses; false: it is not (a lost race). */
export function moveRacePoint(
  database: Database,
  id: number,
  from: PointStatus,
  values: Partial<typeof points.$inferInsert>,
): boolean {
  return (
    database
      .update(points)
      .set(values)
      .where(and(eq(points.id, id), eq(points.status, from)))
      .run().changes === 1
  )
}

/** The highest number of a checkpoint's rungs so far; 0 before its first. */
export function lastRung(database: Database, checkpointId: number): number {
  const row = database
    .select({ last: sql<number | null>`max(${evaluationRungs.rung})` })
    .from(evaluationRungs)
    .where(eq(evaluationRungs.checkpointId, checkpointId))
    .get()
  return row?.last ?? 0
}

/** Whatever their race says, points from this number on are asked all their questions. */
export function askToTheirEnd({ $client }: Database, sweepId: number, from: number): void {
  $client.prepare('update points set to_its_end = 1 where sweep_id = ? and number >= ?').run(sweepId, from)
}
