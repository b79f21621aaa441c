/** Runs of their own: those that no sweep started, and the projects that they stand in. */
import { and, asc, desc, eq, inArray, isNull, ne, type Placeholder, sql } from 'drizzle-orm'
import { attempts } from '../schema/attempts.ts'
import { jobs } from '../schema/jobs.ts'
import { ownRuns, projects } from '../schema/own-runs.ts'
import type { TrackedClient } from '../../domain/sweep/track.ts'
import { prepared, transaction, type Database } from '../client.ts'
import type { AnyJobRow } from './jobs.ts'

export type OwnRunRow = typeof ownRuns.$inferSelect
export type ProjectRow = typeof projects.$inferSelect
/** A run of its own with its job and its project. */
export type OwnRun = { job: AnyJobRow; own: OwnRunRow; project: ProjectRow }

/** The project of this name, made where there is none. */
export function projectNamed(database: Database, name: string): ProjectRow {
  database.insert(projects).values({ name }).onConflictDoNothing().run()
  return database.select().from(projects).where(eq(projects.name, name)).get()!
}

/** Every project by id, deleted ones included. */
export function listProjects(database: Database): ProjectRow[] {
  return database.select().from(projects).orderBy(asc(projects.id)).all()
}

/** Changes a project. False: there is none of that id. */
export function updateProject(database: Database, id: number, values: Partial<Omit<ProjectRow, 'id'>>): boolean {
  return database.update(projects).set(values).where(eq(projects.id, id)).run().changes === 1
}

export type NewOwnRun = Pick<OwnRunRow, 'projectId' | 'client' | 'clientId' | 'name' | 'parent'> & { at: number }

const idOfClient = prepared((database) =>
  database
    .select({ id: ownRuns.jobId })
    .from(ownRuns)
    .where(
      and(
        eq(ownRuns.projectId, sql.placeholder('projectId')),
        eq(ownRuns.client, sql.placeholder('client')),
        eq(ownRuns.clientId, sql.placeholder('clientId')),
      ),
    )
    .prepare(),
)

/** Runs of a project are numbered in the order in which they are made, and none is ever moved: the newest has the last number. */
const newestNumber = prepared((database) =>
  database
    .select({ last: jobs.number })
    .from(ownRuns)
    .innerJoin(jobs, eq(jobs.id, ownRuns.jobId))
    .where(eq(ownRuns.projectId, sql.placeholder('projectId')))
    .orderBy(desc(ownRuns.jobId))
    .limit(1)
    .prepare(),
)

const insertJob = prepared((database) => {
  const at = sql.placeholder('at')
  const fixed = { sweepId: null, kind: 'training' as const, params: {}, status: 'running' as const, attempt: 1 }
  return database
    .insert(jobs)
    .values({ ...fixed, number: sql.placeholder('number'), slotCount: 0, claimedAt: at, startedAt: at })
    .returning({ id: jobs.id })
    .prepare()
})

const insertOwnRun = prepared((database) => {
  const names = ['jobId', 'projectId', 'client', 'clientId', 'name', 'parent'] as const
  const values = Object.fromEntries(names.map((name) => [name, sql.placeholder(name)]))
  return database
    .insert(ownRuns)
    .values({ ...(values as Record<(typeof names)[number], Placeholder>), heardAt: sql.placeholder('at') })
    .prepare()
})

const insertFirstAttempt = prepared((database) => {
  const at = sql.placeholder('at')
  return database
    .insert(attempts)
    .values({
      jobId: sql.placeholder('jobId'),
      number: 1,
      status: 'running',
      slots: [],
      claimedAt: at,
      startedAt: at,
    })
    .prepare()
})

/** The run that this client knows by this id in the project, made with its job and attempt 1 where there is none. */
export function findOrInsertOwnRun(database: Database, values: NewOwnRun): { id: number; inserted: boolean } {
  const { at, ...own } = values
  return transaction(database, () => {
    const known = idOfClient(database).get(own)
    if (known) return { id: known.id, inserted: false }
    const { last } = newestNumber(database).get(own) ?? { last: 0 }
    const { id } = insertJob(database).get({ number: last + 1, at })
    insertOwnRun(database).run({ ...own, jobId: id, at })
    insertFirstAttempt(database).run({ jobId: id, at })
    return { id, inserted: true }
  })
}

const withParts = (database: Database) =>
  database
    .select({ job: jobs, own: ownRuns, project: projects })
    .from(ownRuns)
    .innerJoin(jobs, eq(jobs.id, ownRuns.jobId))
    .innerJoin(projects, eq(projects.id, ownRuns.projectId))

const ownRunById = prepared((database) =>
  withParts(database)
    .where(eq(ownRuns.jobId, sql.placeholder('id')))
    .prepare(),
)

export function findOwnRun(database: Database, id: number): OwnRun | undefined {
  return ownRunById(database).get({ id })
}

/** All that are not deleted, nor their project, newest first; of one project where it is named. */
export function listOwnRuns(database: Database, projectId?: number): OwnRun[] {
  return withParts(database)
    .where(
      and(
        isNull(ownRuns.deletedAt),
        isNull(projects.deletedAt),
        projectId === undefined ? undefined : eq(projects.id, projectId),
      ),
    )
    .orderBy(desc(ownRuns.jobId))
    .all()
}

/** How many runs of their own, deleted ones left out, have no checkpoint that was evaluated. */
export function countUnevaluated({ $client }: Database): number {
  return $client
    .prepare(
      `select count(*) from own_runs join projects on projects.id = project_id
       where own_runs.deleted_at is null and projects.deleted_at is null and not exists (
         select 1 from checkpoints join evaluations on evaluations.checkpoint_id = checkpoints.id
         where checkpoints.run_id = own_runs.job_id)`,
    )
    .pluck()
    .get() as number
}

/** Models with files that runs of a project logged and nobody deleted, the oldest first. */
export function listProjectModels({ $client }: Database, projectId: number) {
  return $client
    .prepare(
      `select checkpoints.id, run_id as runId, step, path, created_at as createdAt from checkpoints
       join own_runs on own_runs.job_id = run_id and own_runs.deleted_at is null
       where project_id = ? and path is not null and removed_at is null order by checkpoints.id`,
    )
    .all(projectId) as { id: number; runId: number; step: number | null; path: string; createdAt: number }[]
}

/** What else W&B's client logged of runs of a project with its files, and nobody deleted, the oldest first. */
export function listProjectArtifacts({ $client }: Database, projectId: number, name: string) {
  return $client
    .prepare(
      `select events.job_id as runId, body ->> 'kind' as kind, body ->> 'folder' as folder, time from events
       join own_runs on own_runs.job_id = events.job_id and own_runs.deleted_at is null
       where project_id = ? and client = 'wandb' and type = 'artifact' and body ->> 'role' = 'made' and body ->> 'name' = ?
         and body ->> 'folder' is not null order by events.id`,
    )
    .all(projectId, name) as { runId: number; kind: string; folder: string; time: number | null }[]
}

/** What the intake needs to know of every run that a client logs, deleted ones included: nobody logs to one that was imported. */
export function listOwnRunKeys(database: Database) {
  return database
    .select({
      id: ownRuns.jobId,
      projectId: ownRuns.projectId,
      client: sql<TrackedClient>`${ownRuns.client}`,
      clientId: ownRuns.clientId,
      deletedAt: ownRuns.deletedAt,
    })
    .from(ownRuns)
    .where(ne(ownRuns.client, 'import'))
    .orderBy(asc(ownRuns.jobId))
    .all()
}

/** Those whose events may not all have been read, and how far they were read: all but imported ones, which are read whole. */
export function listOwnOffsets(database: Database): { id: number; offset: number }[] {
  return database
    .select({ id: ownRuns.jobId, offset: attempts.eventOffset })
    .from(ownRuns)
    .innerJoin(attempts, and(eq(attempts.jobId, ownRuns.jobId), eq(attempts.number, 1)))
    .where(ne(ownRuns.client, 'import'))
    .all()
}

/** Changes what a run of its own is called, tagged, noted. False: there is none of that id. */
export function updateOwnRun(
  database: Database,
  id: number,
  values: Partial<Omit<OwnRunRow, 'jobId' | 'projectId' | 'client' | 'clientId'>>,
): boolean {
  return database.update(ownRuns).set(values).where(eq(ownRuns.jobId, id)).run().changes === 1
}

/** What a run of its own is called, tagged, noted, and what its client said of that. */
export type OwnWords = Pick<OwnRunRow, 'name' | 'group' | 'jobType' | 'tags' | 'note' | 'told'>

const wordsOfRun = prepared((database) => {
  const { name, group, jobType, tags, note, told } = ownRuns
  return database
    .select({ name, group, jobType, tags, note, told })
    .from(ownRuns)
    .where(eq(ownRuns.jobId, sql.placeholder('id')))
    .prepare()
})

const wordsUpdate = prepared(({ $client }) =>
  $client.prepare(
    `update own_runs set name = @name, "group" = @group, job_type = @jobType, tags = @tags, note = @note, told = @told
     where job_id = @id`,
  ),
)

/** Changes what a run of its own is called, tagged, noted: `change` is given what stands there. */
export function changeOwnWords(database: Database, id: number, change: (words: OwnWords) => Partial<OwnWords>): void {
  const words = wordsOfRun(database).get({ id })!
  const { tags, told, ...texts } = { ...words, ...change(words) }
  wordsUpdate(database).run({ ...texts, tags: JSON.stringify(tags), told: JSON.stringify(told), id })
}

/** Marks runs as deleted, or takes that back (`null`); gives the ids of those that changed. */
export function markOwnRuns(database: Database, ids: number[], deletedAt: number | null): number[] {
  return database
    .update(ownRuns)
    .set({ deletedAt })
    .where(
      and(
        inArray(ownRuns.jobId, ids),
        deletedAt === null ? sql`${ownRuns.deletedAt} is not null` : isNull(ownRuns.deletedAt),
      ),
    )
    .returning({ id: ownRuns.jobId })
    .all()
    .map(({ id }) => id)
}

/** What its client, or a person, says of the end of a run of its own, and so of its newest attempt; also that it goes on. `at`: null where nobody knows. */
export function setOwnStatus(
  database: Database,
  id: number,
  {
    status,
    at,
    exitCode,
  }: { status: 'running' | 'done' | 'failed' | 'cancelled' | 'stopped'; at: number | null; exitCode: number | null },
): void {
  const finishedAt = status === 'running' ? null : at
  database
    .update(jobs)
    .set({ status, finishedAt })
    .where(and(eq(jobs.id, id), isNull(jobs.sweepId)))
    .run()
  database
    .update(attempts)
    .set({ status, finishedAt, exitCode })
    .where(and(eq(attempts.jobId, id), sql`${attempts.number} = (select attempt from jobs where id = ${id})`))
    .run()
}

const paramsUpdate = prepared(({ $client }) => $client.prepare('update jobs set params = ? where id = ?'))

/** Puts settings that its client told into those of the run. */
export function mergeOwnParams(database: Database, job: AnyJobRow, params: Record<string, string>): void {
  const merged = { ...job.params, ...params }
  Object.assign(job, { params: merged })
  paramsUpdate(database).run(JSON.stringify(merged), job.id)
}
