/** What the database says of itself. */
import type { Database } from '../client.ts'

/** Rows that refer to what is not there, in sentences: at most 100. */
export function listBrokenReferences(database: Database): string[] {
  const rows = database.$client.pragma('foreign_key_check') as { table: string; rowid: number | null; parent: string }[]
  return rows
    .slice(0, 100)
    .map(
      ({ table, rowid, parent }) => `Row ${rowid ?? '?'} of ${table} refers to a row of ${parent} that is not there.`,
    )
}

export type ReadAttempt = {
  jobId: number
  kind: 'training' | 'evaluation'
  number: number
  status: string
  eventOffset: number
}

/** Every attempt with how far its events file was read, by job and number; of one job where it is named. */
export function listReadAttempts(database: Database, jobId?: number): ReadAttempt[] {
  return database.$client
    .prepare(
      `select job_id as jobId, jobs.kind, attempts.number, attempts.status, event_offset as eventOffset
       from attempts join jobs on jobs.id = attempts.job_id
       where ? is null or job_id = ? order by job_id, attempts.number`,
    )
    .all(jobId ?? null, jobId ?? null) as ReadAttempt[]
}

/** Runs that have metrics and no row of their own. */
export function listOrphanedMetrics(database: Database): number[] {
  return database.$client
    .prepare('select distinct run_id from series_attempts where run_id not in (select id from jobs)')
    .pluck()
    .all() as number[]
}
