import { and, asc, desc, eq, inArray, isNull, ne, sql } from 'drizzle-orm'
import { evaluations } from '../schema/evaluations.ts'
import { checkpoints, jobs } from '../schema/jobs.ts'
import { points } from '../schema/points.ts'
import { prepared, type Database } from '../client.ts'

export type CheckpointRow = typeof checkpoints.$inferSelect
export type NewCheckpoint = typeof checkpoints.$inferInsert
export type EvaluationRow = typeof evaluations.$inferSelect
export type NewEvaluation = typeof evaluations.$inferInsert

export function insertCheckpoint(database: Database, values: NewCheckpoint): CheckpointRow {
  return database.insert(checkpoints).values(values).returning().get()
}

export function findCheckpoint(database: Database, id: number): CheckpointRow | undefined {
  return database.select().from(checkpoints).where(eq(checkpoints.id, id)).get()
}

/** The checkpoint of a step; of a run of its own, which may have saved several there, the last. */
export function findCheckpointByStep(database: Database, runId: number, step: number): CheckpointRow | undefined {
  return database
    .select()
    .from(checkpoints)
    .where(and(eq(checkpoints.runId, runId), eq(checkpoints.step, step)))
    .orderBy(desc(checkpoints.id))
    .get()
}

export function updateCheckpoint(database: Database, id: number, values: Partial<Omit<NewCheckpoint, 'id'>>): void {
  database.update(checkpoints).set(values).where(eq(checkpoints.id, id)).run()
}

/** These checkpoints, in no order. */
export function listCheckpointsById(database: Database, ids: number[]): CheckpointRow[] {
  // as one parameter: there may be more than a statement takes values
  const wanted = sql`(select value from json_each(${JSON.stringify(ids)}))`
  return database
    .select()
    .from(checkpoints)
    .where(sql`${checkpoints.id} in ${wanted}`)
    .all()
}

const checkpointsOfRun = prepared((database) =>
  database
    .select()
    .from(checkpoints)
    .where(eq(checkpoints.runId, sql.placeholder('runId')))
    .orderBy(asc(checkpoints.step), asc(checkpoints.epoch), asc(checkpoints.id))
    .prepare(),
)

/** Checkpoints of a run in the order of training. */
export function listCheckpoints(database: Database, runId: number): CheckpointRow[] {
  return checkpointsOfRun(database).all({ runId })
}

const lastCheckpointOfRun = prepared((database) =>
  database
    .select()
    .from(checkpoints)
    .where(
      and(
        eq(checkpoints.runId, sql.placeholder('runId')),
        sql`${checkpoints.path} is not null`,
        sql`${checkpoints.step} is not null`,
      ),
    )
    .orderBy(desc(checkpoints.step))
    .limit(1)
    .prepare(),
)

/** The checkpoint of the highest step that has files. */
export function findLastCheckpoint(database: Database, runId: number): CheckpointRow | undefined {
  return lastCheckpointOfRun(database).get({ runId })
}

/** Checkpoints of other runs of the sweep at the same path, whose files nobody deleted. */
export function listOthersAtPath(database: Database, sweepId: number, runId: number, path: string): CheckpointRow[] {
  return database
    .select({ checkpoint: checkpoints })
    .from(checkpoints)
    .innerJoin(jobs, eq(jobs.id, checkpoints.runId))
    .where(
      and(
        eq(checkpoints.path, path),
        ne(checkpoints.runId, runId),
        eq(jobs.sweepId, sweepId),
        isNull(checkpoints.removedAt),
      ),
    )
    .all()
    .map((row) => row.checkpoint)
}

/** Writes what a checkpoint scored on a benchmark; measured again, the newer result stands. */
export function saveEvaluation(database: Database, values: NewEvaluation): void {
  database
    .insert(evaluations)
    .values(values)
    .onConflictDoUpdate({
      target: [evaluations.checkpointId, evaluations.benchmark],
      set: {
        accuracy: sql`excluded.accuracy`,
        correct: sql`excluded.correct`,
        total: sql`excluded.total`,
        items: sql`excluded.items`,
        error: sql`excluded.error`,
        jobId: sql`excluded.job_id`,
        createdAt: sql`excluded.created_at`,
      },
    })
    .run()
}

/** Benchmarks of a checkpoint beside this one. 0 where this one is among them: it is none more. */
export function countOtherBenchmarks({ $client }: Database, checkpointId: number, benchmark: string): number {
  return $client
    .prepare(
      `select case when exists (select 1 from evaluations where checkpoint_id = @checkpointId and benchmark = @benchmark) then 0
         else (select count(*) from evaluations where checkpoint_id = @checkpointId) end`,
    )
    .pluck()
    .get({ checkpointId, benchmark }) as number
}

export function listEvaluations(database: Database, checkpointIds: number[]): EvaluationRow[] {
  const rows: EvaluationRow[] = []
  for (let start = 0; start < checkpointIds.length; start += 10_000) {
    const part = checkpointIds.slice(start, start + 10_000)
    rows.push(
      ...database
        .select()
        .from(evaluations)
        .where(inArray(evaluations.checkpointId, part))
        .orderBy(asc(evaluations.id))
        .all(),
    )
  }
  return rows
}

/** Checkpoints that points of a sweep stand on. */
export function listPointCheckpoints(database: Database, sweepId: number): CheckpointRow[] {
  return database
    .select({ checkpoint: checkpoints })
    .from(points)
    .innerJoin(checkpoints, eq(checkpoints.id, points.checkpointId))
    .where(eq(points.sweepId, sweepId))
    .all()
    .map((row) => row.checkpoint)
}

/** Evaluations of the checkpoints that points of a sweep stand on. */
export function listSweepEvaluations(database: Database, sweepId: number): EvaluationRow[] {
  return database
    .select({ evaluation: evaluations })
    .from(points)
    .innerJoin(evaluations, eq(evaluations.checkpointId, points.checkpointId))
    .where(eq(points.sweepId, sweepId))
    .orderBy(asc(evaluations.id))
    .all()
    .map((row) => row.evaluation)
}
