/** Which run started from which checkpoint. */
import { and, asc, desc, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { checkpoints, jobs } from '../schema/jobs.ts'
import { ownRuns, projects } from '../schema/own-runs.ts'
import { sweeps } from '../schema/sweeps.ts'
import type { Database } from '../client.ts'
import type { CheckpointRow } from './checkpoints.ts'
import type { AnyJobRow } from './jobs.ts'

/** The newest checkpoint that was saved at this absolute path, by the run that trained it; undefined where none was. */
export function findCheckpointByPath(database: Database, path: string): CheckpointRow | undefined {
  const reused = sql`exists (select 1 from jobs where jobs.id = ${checkpoints.runId} and jobs.reused_from is not null)`
  return (
    database
      .select()
      .from(checkpoints)
      // the model of a measured baseline was trained by nobody here
      .where(sql`${checkpoints.path} = ${path} and ${checkpoints.runId} not in (select id from jobs where number = 0)`)
      .orderBy(asc(reused), desc(checkpoints.id))
      .get()
  )
}

/** Of these checkpoints those whose files points of other sweeps rest on too, as their training was not repeated. */
export function listServingElsewhere(database: Database, checkpointIds: number[]): number[] {
  return database.$client
    .prepare(
      `select distinct own.id from checkpoints as own
       join checkpoints as other on other.path = own.path and other.run_id <> own.run_id and other.removed_at is null
       join jobs on jobs.id = other.run_id join sweeps on sweeps.id = jobs.sweep_id and sweeps.deleted_at is null
       where own.id in (select value from json_each(?))`,
    )
    .pluck()
    .all(JSON.stringify(checkpointIds)) as number[]
}

/** Scored points of sweeps that are not deleted whose checkpoints stand at one of these paths. */
export function listScoredAtPaths(database: Database, paths: string[]) {
  return database.$client
    .prepare(
      `select checkpoints.path, sweeps.id as sweepId, sweeps.name as sweepName, points.number as pointNumber from checkpoints
       join points on points.checkpoint_id = checkpoints.id and points.status = 'scored'
       join sweeps on sweeps.id = points.sweep_id and sweeps.deleted_at is null
       where checkpoints.removed_at is null and checkpoints.path in (select value from json_each(?))`,
    )
    .all(JSON.stringify(paths)) as { path: string; sweepId: number; sweepName: string; pointNumber: number }[]
}

/** Which of these checkpoints a training that has not ended goes on from. */
export function listContinuedFrom(database: Database, checkpointIds: number[]): number[] {
  return database.$client
    .prepare(
      `select distinct json_extract(continues, '$.checkpointId') from jobs
       where continues is not null and status in ('waiting', 'starting', 'running', 'failed', 'cancelled')
         and json_extract(continues, '$.checkpointId') in (select value from json_each(?))`,
    )
    .pluck()
    .all(JSON.stringify(checkpointIds)) as number[]
}

/**
 * Trainings that started from one of these checkpoints, oldest first, deleted sweeps' included. `title`: `short-cot, run 8`, or a project and
 * a name.
 */
export function listRunsStartedFrom(database: Database, checkpointIds: number[]) {
  if (checkpointIds.length === 0) return []
  // as one parameter: a run may have more checkpoints than a statement takes values
  const ids = sql`(select value from json_each(${JSON.stringify(checkpointIds)}))`
  return database
    .select({
      id: jobs.id,
      title: sql<string>`coalesce(${sweeps.name} || ', run ' || ${jobs.number}, ${projects.name} || ', ' || ${ownRuns.name})`,
      from: jobs.initCheckpointId,
    })
    .from(jobs)
    .leftJoin(sweeps, eq(sweeps.id, jobs.sweepId))
    .leftJoin(ownRuns, eq(ownRuns.jobId, jobs.id))
    .leftJoin(projects, eq(projects.id, ownRuns.projectId))
    .where(and(isNotNull(jobs.initCheckpointId), sql`${jobs.initCheckpointId} in ${ids}`))
    .orderBy(asc(jobs.id))
    .all()
}

/** A training as the lineage needs it before it is known which are shown. */
export type LineageLink = {
  id: number
  /** null: a run of its own, in this project. */
  sweepId: number | null
  projectId: number | null
  /** Of a run of its own: whether it was deleted. */
  deleted: boolean
  startCheckpointId: number | null
  /** The run that `startCheckpointId` is of. */
  parentId: number | null
  /** Whether one of its checkpoints was picked. */
  picked: boolean
}

/**
 * The trainings that a lineage can be made of: those that start from a checkpoint or a named model, those whose checkpoint
 * was picked, and those that others started from. Oldest first, deleted sweeps' included.
 */
export function listLineageLinks(database: Database): LineageLink[] {
  // by hand: of many thousand rows a few numbers each
  const rows = database.$client
    .prepare(
      `with picked as (select distinct run_id as id from checkpoints where picked_at is not null),
        parents as (
          select distinct start.run_id as id from jobs as child
          join checkpoints as start on start.id = child.init_checkpoint_id
          where child.init_checkpoint_id is not null)
      select run.id, run.sweep_id as sweepId, run.init_checkpoint_id as startCheckpointId, start.run_id as parentId,
        run.id in (select id from picked) as picked, own.project_id as projectId, own.deleted_at is not null as deleted
      from jobs as run left join checkpoints as start on start.id = run.init_checkpoint_id
        left join own_runs as own on own.job_id = run.id
      where run.kind = 'training' and (
        run.init_checkpoint_id is not null
        or run.sweep_id in (select id from sweeps where json_extract(definition, '$.init') is not null)
        or run.id in (select id from picked)
        or run.id in (select id from parents))
      order by run.id`,
    )
    .all() as (Omit<LineageLink, 'picked' | 'deleted'> & { picked: 0 | 1; deleted: 0 | 1 })[]
  return rows.map((row) => ({ ...row, picked: row.picked === 1, deleted: row.deleted === 1 }))
}

/** These trainings, of sweeps and of their own, by id. */
export function listRunsById(database: Database, ids: number[]): AnyJobRow[] {
  return database
    .select()
    .from(jobs)
    .where(sql`${jobs.id} in (select value from json_each(${JSON.stringify(ids)}))`)
    .orderBy(asc(jobs.id))
    .all()
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
