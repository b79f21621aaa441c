/** Which run started from which checkpoint. */
import { and, asc, desc, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { checkpoints, jobs, sweeps } from '../schema.ts'
import type { Database } from '../client.ts'
import type { CheckpointRow } from './checkpoints.ts'
import type { JobRow } from './jobs.ts'

/** The newest checkpoint that was saved at this absolute path; undefined where none was. */
export function findCheckpointByPath(database: Database, path: string): CheckpointRow | undefined {
  return database.select().from(checkpoints).where(eq(checkpoints.path, path)).orderBy(desc(checkpoints.id)).get()
}

/** Trainings that started from one of these checkpoints, oldest first, deleted sweeps' included. */
export function listRunsStartedFrom(database: Database, checkpointIds: number[]) {
  if (checkpointIds.length === 0) return []
  // as one parameter: a run may have more checkpoints than a statement takes values
  const ids = sql`(select value from json_each(${JSON.stringify(checkpointIds)}))`
  return database
    .select({
      id: jobs.id,
      number: jobs.number,
      sweepId: jobs.sweepId,
      sweepName: sweeps.name,
      from: jobs.initCheckpointId,
    })
    .from(jobs)
    .innerJoin(sweeps, eq(sweeps.id, jobs.sweepId))
    .where(and(isNotNull(jobs.initCheckpointId), sql`${jobs.initCheckpointId} in ${ids}`))
    .orderBy(asc(jobs.id))
    .all()
}

/**
 * The trainings that a lineage can be made of: those that start from a checkpoint or a named model, those whose checkpoint
 * was picked, and those that others started from. Oldest first, deleted sweeps' included.
 */
export function listLineageRuns(database: Database): JobRow[] {
  return database
    .select({ job: jobs })
    .from(jobs)
    .innerJoin(sweeps, eq(sweeps.id, jobs.sweepId))
    .where(
      and(
        eq(jobs.kind, 'training'),
        sql`(${jobs.initCheckpointId} is not null
          or json_extract(${sweeps.definition}, '$.init') is not null
          or ${jobs.id} in (select run_id from checkpoints where picked_at is not null)
          or ${jobs.id} in (
            select c.run_id from jobs j join checkpoints c on c.id = j.init_checkpoint_id
            where j.init_checkpoint_id is not null))`,
      ),
    )
    .orderBy(asc(jobs.id))
    .all()
    .map((row) => row.job)
}

/** Checkpoints of these runs in the order of training. */
export function listCheckpointsOfRuns(database: Database, runIds: number[]): CheckpointRow[] {
  const rows: CheckpointRow[] = []
  for (let start = 0; start < runIds.length; start += 1000) {
    rows.push(
      ...database
        .select()
        .from(checkpoints)
        .where(inArray(checkpoints.runId, runIds.slice(start, start + 1000)))
        .orderBy(asc(checkpoints.runId), asc(checkpoints.step), asc(checkpoints.epoch), asc(checkpoints.id))
        .all(),
    )
  }
  return rows
}
