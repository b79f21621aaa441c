/** Trainings as a list of runs shows them, those of sweeps and those of their own alike. */
import type { JobStatus } from '../../domain/life/run-status.ts'
import type { Database } from '../client.ts'

/**
 * Ids of the trainings that have begun, newest first: of their own alone (`own`), else of sweeps as well. What is deleted is among
 * them. A training that was taken over from an earlier sweep never began: its curves are the other's.
 */
export function listBegunRuns({ $client }: Database, of: 'own' | 'all'): number[] {
  return $client
    .prepare(
      of === 'own'
        ? 'select job_id from own_runs order by job_id desc'
        : "select id from jobs where kind = 'training' and attempt > 0 and reused_from is null order by id desc",
    )
    .pluck()
    .all() as number[]
}

/** How a training stands; of a run of its own also what its client and people said of it. Times are milliseconds since 1970. */
export type RunState = {
  id: number
  status: JobStatus
  startedAt: number | null
  finishedAt: number | null
  lastStep: number | null
  /** null of a sweep's run, with all below. */
  heardAt: number | null
  clientId: string | null
  group: string | null
  jobType: string | null
  tags: string[]
  /** A sweep's run has one, too. */
  note: string
  parent: string | null
}

/** How these trainings stand, by id. */
export function readRunStates({ $client }: Database, ids: readonly number[]): Map<number, RunState> {
  const rows = $client
    .prepare(
      `select jobs.id, status, started_at as startedAt, finished_at as finishedAt, last_step as lastStep, heard_at as heardAt,
         client_id as clientId, own_runs."group", job_type as jobType, own_runs.tags, coalesce(own_runs.note, jobs.note) as note, parent
       from jobs left join own_runs on own_runs.job_id = jobs.id where jobs.id in (select value from json_each(?))`,
    )
    .all(JSON.stringify(ids)) as (Omit<RunState, 'tags'> & { tags: string | null })[]
  return new Map(rows.map((row) => [row.id, { ...row, tags: JSON.parse(row.tags ?? '[]') as string[] }]))
}

/** Runs of their own that clients know by these ids. */
export function listRunsKnownAs({ $client }: Database, clientIds: readonly string[]) {
  return $client
    .prepare(
      `select job_id as id, project_id as projectId, client, client_id as clientId, name from own_runs
       where client_id in (select value from json_each(?))`,
    )
    .all(JSON.stringify(clientIds)) as {
    id: number
    projectId: number
    client: string
    clientId: string
    name: string
  }[]
}
