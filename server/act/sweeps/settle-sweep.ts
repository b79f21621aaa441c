import { countSweeps, findSweep, hasOpenJobs, moveSweep } from '../../../db/queries/sweeps.ts'
import { notify, type Context } from '../../base/context.ts'
import { whyUnmeasured } from '../../base/preparing/measured-baseline.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { trainingsToCome } from '../../../domain/search/propose.ts'
import { hasFewPoints } from '../../base/finding/few-points.ts'
import { advanceFinalists } from './advance-finalists.ts'
import { advanceRace } from './advance-race.ts'
import { refreshSweep } from './refresh-sweep.ts'

/**
 * Ends a sweep that has nothing left to do: `failed` when a point failed or its baseline could not be measured, `cancelled` when all that is left was cancelled,
 * else `done`, what was stopped early or not. A paused sweep whose points are all settled ends too. So does a search that
 * has more to propose and will never have its baseline. Gives whether it ended now.
 */
export function settleSweep(context: Context, id: number): boolean {
  // an index answers this at once; counting 100,000 points after each job would not be quick
  if (hasOpenJobs(context.database, id)) return false
  const sweep = findSweep(context.database, id)
  // its points have their scores in a moment, or not
  if (sweep === undefined || sweep.rescoredTo !== null) return false
  // the best few of a race are finished before it ends
  if (advanceRace(context, id)) return false
  const unmeasured = whyUnmeasured(context, sweep) !== null
  const counts = countSweeps(context.database, [id]).get(id)!
  const settled = counts.scored + counts.done + counts.failed + counts.cancelled + counts.stopped
  const searches = searchOf(sweep.definition).propose !== null
  if (searches && !unmeasured && trainingsToCome(sweep.definition, counts.trainings) > 0) return false
  if ((counts.points === 0 && !(searches && unmeasured)) || settled < counts.points || counts.openJobs > 0) return false
  // what cannot be told from the best is looked at once more
  if (!unmeasured && advanceFinalists(context, sweep)) return false
  const status = counts.failed > 0 || unmeasured ? 'failed' : counts.cancelled > 0 ? 'cancelled' : 'done'
  // Whoever sees it ended sees its intervals and chances too; those of many points come seconds later, from their thread.
  if (hasFewPoints(context, id)) refreshSweep(context, id)
  const ended = moveSweep(context.database, id, ['waiting', 'running', 'paused'], {
    status,
    finishedAt: Date.now(),
    pauseReason: null,
  })
  if (ended) notify(context, id)
  return ended
}
