import type { Database } from '../client.ts'

export type ProposedRow = {
  number: number
  id: number
  proposal: string | null
  milliseconds: number | null
  slots: number
}

/** A sweep's trainings by number, with how long their attempts held slots in all; null while none has ended. `proposal` is JSON. */
export function listProposed({ $client }: Database, sweepId: number): ProposedRow[] {
  return $client
    .prepare(
      `select jobs.number, jobs.id, jobs.proposal, jobs.slot_count as slots,
         (select sum(finished_at - started_at) from attempts where attempts.job_id = jobs.id) as milliseconds
       from jobs where sweep_id = ? and kind = 'training' order by jobs.number`,
    )
    .all(sweepId) as ProposedRow[]
}
