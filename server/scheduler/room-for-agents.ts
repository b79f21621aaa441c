/** How many trainings of a sweep that agents run may be there at a time: as many as run, and one for each agent that waits. */
import type { JobRow } from '../../db/queries/jobs.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { executorNameOf } from '../../domain/sweep/executor.ts'
import { attemptOf, type Context } from '../base/context.ts'

/** The sweep's own limit, and what its agents have hands for; null: no limit. */
export function concurrencyOf(context: Context, { id, definition }: SweepRow, live: readonly JobRow[]): number | null {
  const own = definition.concurrency ?? null
  if (executorNameOf(definition, 'training') !== 'agents') return own
  const { hands } = context.executors.agents
  const now = Date.now()
  const taken = live.filter(
    (job) =>
      job.sweepId === id &&
      job.executor === 'agents' &&
      (job.status === 'running' || hands.isGiven(attemptOf(context, job).mark, null, now)),
  )
  return Math.min(own ?? Infinity, taken.length + hands.idle(id, now))
}
