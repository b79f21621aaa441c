/** Every score of a sweep again, after its baseline changed. */
import { isScored, scoringOf } from '../../../domain/sweep/scoring.ts'
import { transaction, type Database } from '../../../db/client.ts'
import { listMeasuredPoints, writeScores } from '../../../db/queries/rescore.ts'
import { countStored } from '../../../db/queries/points.ts'
import { findSweep, updateSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { scoreResults, type ReportedResult } from '../../../domain/score/score.ts'
import { logger } from '../../base/process/log.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import { notify, type Context } from '../../base/context.ts'
import { describeFailure } from '../../base/saying/describe-failure.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { pausedWork } from '../../base/process/paused-work.ts'
import { takeChangesIfHeld } from '../../tables/points-columns.ts'
import { hasFewPoints } from '../../base/finding/few-points.ts'
import { refreshInBackground, refreshSweep } from './refresh-sweep.ts'
import { settleSweep } from './settle-sweep.ts'

const log = logger('sweeps')
/** Points of a large sweep that one step takes: some milliseconds. */
const pointsEachStep = 500
/** Steps between two changes that pages are told of. */
const stepsEachNotice = 40
const retryMilliseconds = 5000
/** By data folder and sweep: the work under way. */
const underWay = new WeakMap<Database, Map<number, Promise<void>>>()

/**
 * Computes every score of a sweep again. A published score that is known only rounded has no accuracies to compute it from,
 * and stays. That of a large sweep happens in steps between the server's other work, and the sweep carries how far it came
 * (`rescoredTo`) until the last: call it in the transaction that changes the baseline, and a kill leaves nothing half done
 * unnoticed. The next server goes on.
 */
export function rescoreSweep(context: Context, sweepId: number): void {
  const { database } = context
  const sweep = requireSweep(context, sweepId)
  if (hasFewPoints(context, sweepId)) {
    transaction(database, () => {
      rescorePoints(context, sweep, 1, countStored(database, sweepId).points)
      refreshSweep(context, sweepId)
    })
    return
  }
  updateSweep(database, sweepId, { rescoredTo: 0 })
  // once the caller's transaction has ended, well or badly
  setImmediate(() => void whenRescored(context, sweepId))
}

/** Resolves when the scores and the intervals of a sweep rest on its present baseline; at once where they do. */
export function whenRescored(context: Context, sweepId: number): Promise<void> {
  const { database } = context
  const known = underWay.get(database) ?? new Map<number, Promise<void>>()
  underWay.set(database, known)
  const work = known.get(sweepId) ?? rescoreInSteps(context, sweepId).finally(() => known.delete(sweepId))
  known.set(sweepId, work)
  return work
}

async function rescoreInSteps(context: Context, sweepId: number): Promise<void> {
  const { database } = context
  for (let steps = 0; database.$client.open; steps++) {
    try {
      const sweep = findSweep(database, sweepId)
      // an edit meanwhile sets the mark back to the start
      if (sweep === undefined || sweep.rescoredTo === null) return
      const { points } = countStored(database, sweepId)
      if (sweep.rescoredTo < points) {
        const to = Math.min(points, sweep.rescoredTo + pointsEachStep)
        transaction(database, () => {
          rescorePoints(context, sweep, sweep.rescoredTo! + 1, to)
          updateSweep(database, sweepId, { rescoredTo: to })
        })
        takeChangesIfHeld(context, sweepId)
      } else {
        await refreshInBackground(context, sweepId)
        if (!database.$client.open) return
        if (findSweep(database, sweepId)?.rescoredTo === points) {
          updateSweep(database, sweepId, { rescoredTo: null })
          // one whose baseline was measured last ends by it
          settleSweep(context, sweepId)
        }
      }
      if (steps % stepsEachNotice === 0 || sweep.rescoredTo === points) notify(context, sweepId)
      await pausedWork()
    } catch (error) {
      if (!database.$client.open) return
      log.error(`Cannot compute the scores of sweep ${sweepId}: ${describeFailure(error)} It is tried again.`)
      await new Promise((resolve) => setTimeout(resolve, retryMilliseconds).unref())
    }
  }
}

function rescorePoints(context: Context, sweep: SweepRow, from: number, to: number): void {
  if (!isScored(sweep.definition)) return
  const { aggregate } = scoringOf(sweep.definition)
  const baseline = baselineOf(context, sweep).accuracies
  const changed: { id: number; score: number | null; ratios: string; error: string | null }[] = []
  const rows = listMeasuredPoints(context.database, sweep.id, from, to)
  for (let at = 0; at < rows.length;) {
    const [id, status, oldScore, oldRatios, oldError] = rows[at]!
    const results = Object.create(null) as Record<string, ReportedResult>
    for (; rows[at]?.[0] === id; at++) {
      const [, , , , , benchmark, accuracy, correct, total, error] = rows[at]!
      results[benchmark] = { accuracy: accuracyOf({ accuracy, correct, total }), error }
    }
    const { score, ratios: found, error } = scoreResults({ aggregate, baseline, results })
    const ratios = JSON.stringify(found)
    const same = score === oldScore && ratios === oldRatios && error === oldError
    if (!same || status !== (score === null ? 'failed' : 'scored')) changed.push({ id, score, ratios, error })
  }
  writeScores(context.database, changed, Date.now())
}
