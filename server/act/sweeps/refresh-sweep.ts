import { transaction } from '../../../db/client.ts'
import { listSweepEvaluations } from '../../../db/queries/checkpoints.ts'
import { listPoints, updatePoint } from '../../../db/queries/points.ts'
import { uncertaintyOf } from '../../../domain/score/uncertainty.ts'
import { notify, type Context } from '../../base/context.ts'
import { baselineOf } from '../../base/baseline-of.ts'
import { resultCounts } from '../../tables/describe-results.ts'
import { groupByCheckpoint } from '../../tables/describe-points.ts'
import { requireSweep } from '../../base/find-sweep.ts'
import { isLarge } from '../../base/large-sweeps.ts'
import { refreshLargeSweep } from './refresh-large-sweep.ts'

/** Computes intervals, chances of being best and ties of a sweep's points afresh: each depends on all the others. */
export function refreshSweep(context: Context, sweepId: number): void {
  const { database } = context
  const sweep = requireSweep(context, sweepId)
  if (isLarge(sweep)) {
    refreshLargeSweep(context, sweep)
    return
  }
  const { aggregate, questions } = sweep.definition.score
  const points = listPoints(database, sweepId)
  const evaluations = groupByCheckpoint(listSweepEvaluations(database, sweepId))
  const measured = uncertaintyOf({
    aggregate,
    baseline: baselineOf(context, sweep).accuracies,
    points: points.map((point) => ({
      id: point.number,
      score: point.score,
      counts: Object.fromEntries(
        (evaluations.get(point.checkpointId ?? 0) ?? []).map((row) => [
          row.benchmark,
          resultCounts(row, questions[row.benchmark]),
        ]),
      ),
    })),
  })
  transaction(database, () => {
    for (const [index, point] of points.entries()) {
      const { interval, chanceOfBest, tiedWithBest } = measured[index]!
      const [intervalLow, intervalHigh] = interval ?? [null, null]
      const same =
        point.intervalLow === intervalLow &&
        point.intervalHigh === intervalHigh &&
        point.chanceOfBest === chanceOfBest &&
        point.tiedWithBest === tiedWithBest
      if (!same) updatePoint(database, point.id, { intervalLow, intervalHigh, chanceOfBest, tiedWithBest })
    }
  })
  notify(context, sweepId)
}
