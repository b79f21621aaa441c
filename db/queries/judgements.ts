/** What was read of a sweep's trainings at the rungs of `stop_early`, and what was decided: each once. */
import type { Database } from '../client.ts'
import type { judgements } from '../schema/judgements.ts'

export type JudgementRow = typeof judgements.$inferSelect

const columns =
  'judgements.id, judgements.run_id as runId, judgements.rung, value, verdict, reason, decided_at as decidedAt'

/** Those of a sweep, in the order that they arrived. */
export function listJudgements({ $client }: Database, sweepId: number): JudgementRow[] {
  return $client
    .prepare(
      `select ${columns} from judgements join jobs on jobs.id = judgements.run_id where jobs.sweep_id = ? order by judgements.id`,
    )
    .all(sweepId) as JudgementRow[]
}

/** Those of a training, in the order that they arrived. */
export function listRunJudgements({ $client }: Database, runId: number): JudgementRow[] {
  return $client.prepare(`select ${columns} from judgements where run_id = ? order by id`).all(runId) as JudgementRow[]
}

/** Stores what a training had reached; a rung that is there already stays as it is. */
export function insertReading(
  { $client }: Database,
  { runId, rung, value }: { runId: number; rung: number; value: number | null },
): void {
  $client
    .prepare('insert into judgements (run_id, rung, value) values (?, ?, ?) on conflict do nothing')
    .run(runId, rung, value)
}

/** Writes a decision where none stands. False: somebody decided before. */
export function decide(
  { $client }: Database,
  given: { runId: number; rung: number; verdict: 'goes on' | 'stopped'; reason: string; now: number },
): boolean {
  return (
    $client
      .prepare(
        `update judgements set verdict = @verdict, reason = @reason, decided_at = @now
         where run_id = @runId and rung = @rung and verdict is null`,
      )
      .run(given).changes === 1
  )
}

/** A training that was stopped is let go on: nothing stops it any more. */
export function spare({ $client }: Database, runId: number, now: number): void {
  $client
    .prepare("update judgements set verdict = 'spared', decided_at = ? where run_id = ? and verdict = 'stopped'")
    .run(now, runId)
}

export type RunToJudge = {
  id: number
  number: number
  status: string
  stopReason: string | null
  stopRequestedAt: number | null
  held: number | null
  lastStep: number | null
}

/** The trainings of a sweep by number. */
export function listRunsToJudge({ $client }: Database, sweepId: number): RunToJudge[] {
  return $client
    .prepare(
      `select id, number, status, stop_reason as stopReason, stop_requested_at as stopRequestedAt, held, last_step as lastStep
       from jobs where sweep_id = ? and kind = 'training' order by number`,
    )
    .all(sweepId) as RunToJudge[]
}

export type PointToJudge = {
  number: number
  runId: number
  milestone: string
  status: string
  score: number | null
  /** Whether it breaks a constraint: then it is worse than all that keep them. */
  broken: 0 | 1
  scoredAt: number | null
  checkpointId: number | null
  step: number | null
}

/** The points of a sweep with milestones, in the order that they were scored. */
export function listPointsToJudge({ $client }: Database, sweepId: number): PointToJudge[] {
  return $client
    .prepare(
      `select points.number, points.run_id as runId, milestone, points.status, score, broken is not null as broken, scored_at as scoredAt, checkpoint_id as checkpointId, step
       from points left join checkpoints on checkpoints.id = checkpoint_id
       where sweep_id = ? and milestone is not null order by scored_at, points.number`,
    )
    .all(sweepId) as PointToJudge[]
}

/** Sweeps that may have something to judge. */
export function listJudgedSweeps({ $client }: Database): number[] {
  return $client
    .prepare(
      `select id from sweeps where status in ('waiting', 'running') and deleted_at is null
         and json_extract(definition, '$.stop_early') is not null order by id`,
    )
    .pluck()
    .all() as number[]
}
