import { findRunIds } from '../../../db/queries/search-history.ts'
import type { SearchMethod } from '../../../domain/search/method.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { type Context, notify } from '../../base/context.ts'
import { whyUnmeasured } from '../../base/preparing/measured-baseline.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { searchHistory } from '../../base/preparing/search-history.ts'
import { stopEarly } from '../runs/stop-early.ts'
import { insertPlan } from './insert-plan.ts'

/**
 * Lets a sweep's search look at what was measured since: gives up the runs that it says and adds the points that it wants. Call in a
 * transaction, when jobs of the sweep have ended and before `settleSweep`.
 */
export function advanceSearch(context: Context, sweepId: number, given?: SearchMethod): void {
  const sweep = requireSweep(context, sweepId)
  const { nextPoints, stop } = given ?? searchOf(sweep.definition)
  // a person, or the breaker, has the last word
  if ((nextPoints ?? stop) === null || (sweep.status !== 'waiting' && sweep.status !== 'running')) return
  // what was found so far cannot be told apart without its baseline
  if (whyUnmeasured(context, sweep) !== null) return
  const stopped = stop?.(searchHistory(context, sweep)) ?? []
  const runIds = findRunIds(context.database, sweepId)
  for (const { run, reason } of stopped) stopEarly(context, runIds.get(run)!, reason)
  const more = nextPoints?.(sweep.definition, searchHistory(context, sweep)) ?? { runs: [], points: [] }
  if (more.points.length > 0) insertPlan(context, sweep, more, new Map())
  if (stopped.length + more.points.length === 0) return
  notify(context, sweepId)
  context.signals.emit('work')
}
