/** Intervals, chances and answers of sweeps with new scores: computed after a look, no more often than a sweep's size allows. */
import { listSweepsWithUnreadAnswers } from '../../db/queries/answers.ts'
import { lacksIntervals } from '../../db/queries/point-parts.ts'
import { listSweeps } from '../../db/queries/sweeps.ts'
import { answerReader } from '../act/checkpoints/take-answers.ts'
import { refreshInBackground, refreshSweep } from '../act/sweeps/refresh-sweep.ts'
import type { Context } from '../base/context.ts'
import { hasFewPoints } from '../base/finding/few-points.ts'

/** Sweeps of many points, not long ended, whose intervals the server before this one did not come to write. */
function withoutIntervals(context: Context): number[] {
  const recent = Date.now() - 24 * 3_600_000
  return listSweeps(context.database)
    .filter((sweep) => sweep.origin !== 'imported' && (sweep.finishedAt ?? recent) >= recent)
    .filter((sweep) => !hasFewPoints(context, sweep.id) && lacksIntervals(context.database, sweep.id))
    .map((sweep) => sweep.id)
}

/**
 * The sweeps whose scores are new since their intervals were computed, those of the server before this one among them. `soon`: asks
 * for another look.
 */
export function refreshAfterLooks(
  context: Context,
  { soon, report }: { soon: () => void; report: (what: string, error: unknown) => void },
): { add: (sweepId: number) => void; isWaiting: () => boolean; refresh: () => void } {
  const stale = new Set([...withoutIntervals(context), ...listSweepsWithUnreadAnswers(context.database)])
  /** When each may be refreshed again: large ones take their time. */
  const notBefore = new Map<number, number>()
  const readAnswers = answerReader(context, {
    taken(sweepId) {
      stale.add(sweepId)
      soon()
    },
    failed: (sweepId, error) => report(`Cannot read the answers of sweep ${sweepId}`, error),
  })

  function refresh(): void {
    for (const sweepId of stale) {
      const startedAt = performance.now()
      if (startedAt < (notBefore.get(sweepId) ?? 0)) continue
      stale.delete(sweepId)
      // At most a tenth of the time goes into intervals of one sweep, however many points it has.
      const rest = () => notBefore.set(sweepId, performance.now() + (performance.now() - startedAt) * 10)
      if (!hasFewPoints(context, sweepId)) {
        notBefore.set(sweepId, Infinity)
        refreshInBackground(context, sweepId)
          .catch((error: unknown) => report(`Cannot compute the intervals of sweep ${sweepId}`, error))
          .finally(rest)
          .then(() => readAnswers(sweepId))
        continue
      }
      refreshSweep(context, sweepId)
      rest()
      readAnswers(sweepId)
    }
  }
  return { add: (sweepId) => stale.add(sweepId), isWaiting: () => stale.size > 0, refresh }
}
