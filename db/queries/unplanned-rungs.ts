/** Jobs of a race's first rung that nobody could say yet what to ask: the sweep's baseline is still to be measured. */
import type { Database } from '../client.ts'
import { findJob, type JobRow } from './jobs.ts'

const unplanned = `from jobs where sweep_id = @sweepId and rung is not null
  and not exists (select 1 from evaluation_rungs where job_id = jobs.id)`

/** All of them, those that were cancelled or failed too, as they may be asked for again. */
export function listUnplannedRungs(database: Database, sweepId: number): JobRow[] {
  const ids = database.$client.prepare(`select id ${unplanned} order by number`).pluck().all({ sweepId }) as number[]
  return ids.map((id) => findJob(database, id)!)
}

/** Writes why their points wait; null: they do not any more. */
export function tellUnplanned({ $client }: Database, sweepId: number, error: string | null): void {
  $client
    .prepare(
      `update points set error = @error where sweep_id = @sweepId and status = 'evaluating'
         and evaluation_job_id in (select id ${unplanned})`,
    )
    .run({ sweepId, error })
}

/** Ends those that wait, and their points, as failed. Call in a transaction. */
export function endUnplannedRungs({ $client }: Database, sweepId: number, error: string, now: number): void {
  $client
    .prepare(
      `update points set status = 'failed', error = @error where sweep_id = @sweepId and status = 'evaluating'
         and evaluation_job_id in (select id ${unplanned} and status = 'waiting')`,
    )
    .run({ sweepId, error })
  $client
    .prepare(
      `update jobs set status = 'failed', error = @error, finished_at = @now
       where id in (select id ${unplanned} and status = 'waiting')`,
    )
    .run({ sweepId, error, now })
}
