/** What attempts were run with: the code's states, and the parts that many attempts share, each kept once under its hash. */
import { createHash } from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { CodeSnapshot } from '../../domain/provenance/what-was-run.ts'
import { codeSnapshots, recordedParts } from '../schema/attempts.ts'
import { type Database, prepared } from '../client.ts'

export type PartKind = (typeof recordedParts.$inferSelect)['kind']

const partByHash = prepared((database) =>
  database
    .select({ hash: recordedParts.hash })
    .from(recordedParts)
    .where(eq(recordedParts.hash, sql.placeholder('hash')))
    .prepare(),
)

/** Keeps a part unless it is there; gives its hash. */
export function keepPart(database: Database, kind: PartKind, content: Buffer | string): string {
  const bytes = Buffer.from(content)
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (partByHash(database).get({ hash }) === undefined) {
    const values = { hash, kind, content: deflateSync(bytes) }
    database.insert(recordedParts).values(values).onConflictDoNothing().run()
  }
  return hash
}

/** The content of a part; null where there is none of this hash and kind. */
export function findPart(database: Database, kind: PartKind, hash: string): Buffer | null {
  const row = database
    .select({ content: recordedParts.content })
    .from(recordedParts)
    .where(and(eq(recordedParts.hash, hash), eq(recordedParts.kind, kind)))
    .get()
  return row === undefined ? null : inflateSync(row.content)
}

/** Keeps a state of the code unless it is there; gives its hash. */
export function keepSnapshot(database: Database, body: CodeSnapshot): string {
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  database.insert(codeSnapshots).values({ hash, commit: body.commit, body }).onConflictDoNothing().run()
  return hash
}

/** States of the code by their hashes. */
export function listSnapshots(database: Database, hashes: readonly string[]): Map<string, CodeSnapshot> {
  const found = new Map<string, CodeSnapshot>()
  for (let start = 0; start < hashes.length; start += 1000) {
    const rows = database
      .select()
      .from(codeSnapshots)
      .where(inArray(codeSnapshots.hash, hashes.slice(start, start + 1000)))
      .all()
    for (const { hash, body } of rows) found.set(hash, body)
  }
  return found
}

/** States of the code by the numbers that columns of checkpoints know them by. */
export function listNumberedSnapshots(
  { $client: connection }: Database,
  numbers: readonly number[],
): Map<number, CodeSnapshot> {
  const rows = connection
    .prepare('select rowid as number, body from code_snapshots where rowid in (select value from json_each(?))')
    .all(JSON.stringify(numbers)) as { number: number; body: string }[]
  return new Map(rows.map(({ number, body }) => [number, JSON.parse(body) as CodeSnapshot]))
}

/** What was trained: its commit, null where none is known, and whether uncommitted changes were, null where that is not known. */
export type TrainedCommit = { commit: string | null; changes: boolean | null }

const commitColumns = `snapshot."commit" as "commit", case when snapshot."commit" is null or body ->> 'problem' is not null then null
  else body ->> 'changed' <> '{}' end as changes`
const ofCheckpoint = `join attempts attempt on attempt.job_id = checkpoint.run_id and attempt.number = checkpoint.attempt
  join code_snapshots snapshot on snapshot.hash = attempt.code_snapshot`

type CommitRow = { id: number; commit: string | null; changes: 0 | 1 | null }
const byId = (rows: unknown[]) =>
  new Map(
    (rows as CommitRow[]).map(({ id, commit, changes }): [number, TrainedCommit] => [
      id,
      { commit, changes: changes === null ? null : changes === 1 },
    ]),
  )

/** What was trained of these checkpoints, of those of which it was recorded. */
export function listCommits(
  { $client: connection }: Database,
  checkpointIds: readonly number[],
): Map<number, TrainedCommit> {
  const query = `select checkpoint.id, ${commitColumns} from checkpoints checkpoint ${ofCheckpoint}
    where checkpoint.id in (select value from json_each(?))`
  return byId(connection.prepare(query).all(JSON.stringify(checkpointIds)))
}

/** The same of every point of a sweep that has a checkpoint, by the points' numbers. */
export function listCommitsOfSweep({ $client: connection }: Database, sweepId: number): Map<number, TrainedCommit> {
  const query = `select point.number as id, ${commitColumns} from points point
    join checkpoints checkpoint on checkpoint.id = point.checkpoint_id ${ofCheckpoint} where point.sweep_id = ?`
  return byId(connection.prepare(query).all(sweepId))
}

export type RanSnapshot = { kind: 'training' | 'evaluation'; run: number; snapshot: string }

/**
 * A checkpoint's training ran the code of the attempt that wrote it and, where that one went on from an earlier attempt's checkpoint, of
 * that attempt too. `checkpoint` is a row of checkpoints, `attempt` one of attempts.
 */
const contributed = `attempt.job_id = checkpoint.run_id and attempt.number <= checkpoint.attempt and not exists (
  select 1 from attempts later where later.job_id = attempt.job_id and later.number > attempt.number
    and later.number <= checkpoint.attempt and later.resumed_from is null)`

/** The code that the points of a sweep rest on, with the run's number: of their trainings, wherever they ran, and of their evaluations. */
export function listCodeOfSweep({ $client: connection }: Database, sweepId: number): RanSnapshot[] {
  return connection
    .prepare(
      `select distinct 'training' as kind, run.number as run, attempt.code_snapshot as snapshot
         from points point join jobs run on run.id = point.run_id
         join checkpoints checkpoint on checkpoint.id = point.checkpoint_id
         join attempts attempt on ${contributed}
         where point.sweep_id = @sweepId and attempt.code_snapshot is not null
       union
       select distinct 'evaluation', run.number, attempt.code_snapshot
         from points point join jobs run on run.id = point.run_id
         join jobs evaluation on evaluation.id = point.evaluation_job_id
         join attempts attempt on attempt.job_id = evaluation.id and attempt.number = evaluation.attempt
         where point.sweep_id = @sweepId and point.status = 'scored' and attempt.code_snapshot is not null
       order by 1, 2`,
    )
    .all({ sweepId }) as RanSnapshot[]
}

/** The code that each of these checkpoints rests on, `run` being the checkpoint's id. */
export function listCodeOfCheckpoints({ $client: connection }: Database, ids: readonly number[]): RanSnapshot[] {
  return connection
    .prepare(
      `select distinct 'training' as kind, checkpoint.id as run, attempt.code_snapshot as snapshot
         from checkpoints checkpoint join attempts attempt on ${contributed}
         where checkpoint.id in (select value from json_each(@ids)) and attempt.code_snapshot is not null
       union
       select distinct 'evaluation', point.checkpoint_id, attempt.code_snapshot
         from points point join jobs evaluation on evaluation.id = point.evaluation_job_id
         join attempts attempt on attempt.job_id = evaluation.id and attempt.number = evaluation.attempt
         where point.checkpoint_id in (select value from json_each(@ids)) and point.status = 'scored'
           and attempt.code_snapshot is not null`,
    )
    .all({ ids: JSON.stringify(ids) }) as RanSnapshot[]
}
