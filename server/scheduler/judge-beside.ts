/** Trainings are judged at each look of the scheduler at which something changed. */
import { transaction } from '../../db/client.ts'
import { listJudgedSweeps } from '../../db/queries/judgements.ts'
import { judgeTrainings } from '../act/sweeps/judge-trainings.ts'
import { settleSweep } from '../act/sweeps/settle-sweep.ts'
import type { Context } from '../base/context.ts'

/** Of a sweep of many points at most a tenth of the time goes into it. */
const restTimes = 10

/** Gives the look. What it remembers between two can be lost without harm. A sweep that cannot be judged keeps no other waiting. */
export function judgeBeside(context: Context, failed: (sweepId: number, error: unknown) => void): () => void {
  const { $client: connection } = context.database
  const changes = connection.prepare('select total_changes()').pluck()
  /** How much had been written when a sweep was last looked at, and from when on it is looked at again. */
  const seen = new Map<number, { changes: number; notBefore: number }>()
  const look = (sweepId: number) => {
    try {
      return transaction(context.database, () => {
        const found = judgeTrainings(context, sweepId)
        if (found.changed) settleSweep(context, sweepId)
        return found
      })
    } catch (error) {
      failed(sweepId, error)
      return { changed: false, waits: true }
    }
  }
  return () => {
    for (const sweepId of listJudgedSweeps(context.database)) {
      const before = seen.get(sweepId)
      const now = performance.now()
      if (before !== undefined && (now < before.notBefore || before.changes === changes.get())) continue
      const { changed, waits } = look(sweepId)
      const took = performance.now() - now
      const written = waits ? -1 : (changes.get() as number)
      seen.set(sweepId, { changes: written, notBefore: took < 5 ? 0 : performance.now() + restTimes * took })
      if (changed) context.signals.emit('work')
    }
  }
}
