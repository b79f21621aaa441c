/** Many jobs of a sweep back in the queue at once, by ranges of their numbers. */
import { rungStride } from '../../domain/score/race.ts'
import type { Database } from '../client.ts'

/**
 * Lets points of a race go on that were cancelled between two rungs, when no job of theirs was: by number from `from` to `to`, or of one
 * run. Gives how many.
 */
export function resumeInRace(
  { $client }: Database,
  of: { sweepId: number; from: number; to: number } | { runId: number },
): number {
  const [which, values] =
    'runId' in of
      ? ['run_id = ?', [of.runId]]
      : ['sweep_id = ? and number between ? and ?', [of.sweepId, of.from, of.to]]
  return $client
    .prepare(
      `update points set status = 'evaluating', error = null where ${which} and status = 'cancelled' and exists (select 1 from jobs
         where jobs.id = points.evaluation_job_id and jobs.rung is not null and jobs.status = 'done')`,
    )
    .run(...values).changes
}

/**
 * Puts jobs of a sweep and kind numbered `from` to `to` (both included) back in the queue with their retries afresh, and the
 * points that wait for them: those that failed or were cancelled, and evaluations that are done and gave no score. Never those
 * that were asked for again. Of races the numbers are those of one rung's jobs. Gives how many. Call in a transaction.
 */
export function requeueJobs(
  database: Database,
  range: { sweepId: number; kind: 'training' | 'evaluation'; from: number; to: number },
  now: number,
): number {
  const { $client: connection } = database
  const { sweepId, kind, from, to } = range
  const [firstPoint, lastPoint] = [from % rungStride, to % rungStride]
  const ids = connection
    .prepare(
      `update jobs set status = 'waiting', failures = 0, losses = 0, stop_reason = null, stop_requested_at = null,
         finished_at = null, error = null, ready_at = ?
       where sweep_id = ? and kind = ? and number between ? and ? and again is null and (status in ('failed', 'cancelled')
         or kind = 'evaluation' and status = 'done' and exists (select 1 from points where points.sweep_id = jobs.sweep_id
           and points.number = jobs.number % 1000000 and points.evaluation_job_id = jobs.id and points.status = 'failed'))
       returning id`,
    )
    .pluck()
    .all(now, sweepId, kind, from, to) as number[]
  if (ids.length === 0) return 0
  const [status, waitsForJob] =
    kind === 'training'
      ? ['waiting', 'run_id in (select value from json_each(?)) and checkpoint_id is null']
      : [
          'evaluating',
          'sweep_id = ? and number between ? and ? and evaluation_job_id in (select value from json_each(?))',
        ]
  connection
    .prepare(`update points set status = ?, error = null where ${waitsForJob} and status in ('failed', 'cancelled')`)
    .run(status, ...(kind === 'training' ? [] : [sweepId, firstPoint, lastPoint]), JSON.stringify(ids))
  return ids.length
}

/** Whether a training or a point's evaluation waits to be started, whatever the sweep's status is. */
export function hasWaitingJobs(database: Database, sweepId: number): boolean {
  const row = database.$client
    .prepare("select 1 from jobs where sweep_id = ? and status = 'waiting' and again is null limit 1")
    .get(sweepId)
  return row !== undefined
}
