/** What scores are computed from, and the scores, a range of a sweep's points at a time. */
import type { PointStatus } from '../../domain/life/run-status.ts'
import type { Database } from '../client.ts'

/** A measured point on one benchmark: id, status, score, ratios as JSON, error; then benchmark, accuracy, correct, total, error. */
export type MeasuredRow = [
  id: number,
  status: PointStatus,
  score: number | null,
  ratios: string | null,
  pointError: string | null,
  benchmark: string,
  accuracy: number | null,
  correct: number | null,
  total: number | null,
  error: string | null,
]

/** Points with results that are scored, failed, or wait for their baseline, numbered `from` to `to` (both included), a row a benchmark, by number. */
export function listMeasuredPoints(database: Database, sweepId: number, from: number, to: number): MeasuredRow[] {
  return database.$client
    .prepare(
      `select points.id, points.status, points.score, points.ratios, points.error, evaluations.benchmark,
         evaluations.accuracy, evaluations.correct, evaluations.total, evaluations.error
       from points cross join evaluations on evaluations.checkpoint_id = points.checkpoint_id
       where points.sweep_id = ? and points.number between ? and ? and points.status in ('scored', 'failed', 'done')
       order by points.number, evaluations.id`,
    )
    .raw()
    .all(sweepId, from, to) as MeasuredRow[]
}

/** Writes scores, or why there is none: such a point has no interval and no chance either. Call in a transaction. */
export function writeScores(
  database: Database,
  rows: Iterable<{ id: number; score: number | null; ratios: string; error: string | null }>,
  now: number,
): void {
  const { $client: connection } = database
  const scored = connection.prepare(
    `update points set status = 'scored', score = ?, ratios = ?, error = null, scored_at = coalesce(scored_at, ?)
     where id = ?`,
  )
  const failed = connection.prepare(
    `update points set status = 'failed', score = null, ratios = ?, error = ?, scored_at = null, interval_low = null,
       interval_high = null, chance_of_best = null, tied_with_best = 0 where id = ?`,
  )
  for (const { id, score, ratios, error } of rows) {
    if (score === null) failed.run(ratios, error, id)
    else scored.run(score, ratios, now, id)
  }
}

/** Sweeps, deleted ones too, whose scores are being computed again. */
export function listSweepsBeingRescored(database: Database): number[] {
  return database.$client.prepare('select id from sweeps where rescored_to is not null').pluck().all() as number[]
}
