import { explainUnscored } from '../../../db/queries/points.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { endUnplannedRungs, tellUnplanned } from '../../../db/queries/unplanned-rungs.ts'
import { isJobFinished } from '../../../domain/life/run-status.ts'
import type { Context } from '../../base/context.ts'
import { measurementOf, whyUnmeasured } from '../../base/preparing/measured-baseline.ts'

/**
 * Points that wait for the baseline which their sweep measures say so; nothing where it is known. What is measured of them stays when there
 * will be none; those of a race that were asked nothing yet have failed then, and wait again when they are retried. Call in a transaction.
 */
export function explainUnmeasured(context: Context, sweepId: number): void {
  const { database } = context
  const reason = whyUnmeasured(context, findSweep(database, sweepId)!)
  if (reason === null) return
  explainUnscored(database, sweepId, reason)
  if (isJobFinished(measurementOf(context, sweepId)?.status ?? 'cancelled'))
    endUnplannedRungs(database, sweepId, reason, Date.now())
  else tellUnplanned(database, sweepId, reason)
}
