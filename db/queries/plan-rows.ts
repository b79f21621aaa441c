/** A sweep's plan as rows. Statements are prepared once: a plan has up to 100,000 points, and each row costs microseconds. */
import type { Proposal } from '../../domain/search/method.ts'
import type { Database } from '../client.ts'

export type PlannedJobRow = {
  number: number
  params: Record<string, string>
  initCheckpointId: number | null
  /** Of a search: why it was proposed. */
  proposal: Proposal | null
}
export type PlannedPointRow = {
  number: number
  params: Record<string, string>
  key: string
  runId: number
  milestone: string | null
}

/** Adds waiting trainings and gives their ids in the order given. Call in a transaction. */
export function insertPlannedJobs(
  database: Database,
  sweepId: number,
  shared: { slotCount: number; readyAt: number },
  rows: Iterable<PlannedJobRow>,
): number[] {
  const statement = database.$client.prepare(
    `insert into jobs (sweep_id, kind, number, params, status, slot_count, ready_at, init_checkpoint_id, proposal)
     values (?, 'training', ?, ?, 'waiting', ?, ?, ?, ?)`,
  )
  return Array.from(rows, ({ number, params, initCheckpointId, proposal }) => {
    const text = JSON.stringify(params)
    const why = proposal && JSON.stringify(proposal)
    const { slotCount, readyAt } = shared
    return Number(statement.run(sweepId, number, text, slotCount, readyAt, initCheckpointId, why).lastInsertRowid)
  })
}

/** Adds waiting points. Call in a transaction. */
export function insertPlannedPoints(database: Database, sweepId: number, rows: Iterable<PlannedPointRow>): void {
  const statement = database.$client.prepare(
    'insert into points (sweep_id, number, params, key, run_id, milestone) values (?, ?, ?, ?, ?, ?)',
  )
  for (const { number, params, key, runId, milestone } of rows)
    statement.run(sweepId, number, JSON.stringify(params), key, runId, milestone)
}
