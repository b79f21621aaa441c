import { listSweeps } from '../../../db/queries/sweeps.ts'
import type { Context } from '../../base/context.ts'
import { describeSweep } from './describe-sweep.ts'
import { hasFewPoints } from '../../base/finding/few-points.ts'

/** Reads what the page of the newest large sweep begins with: 0.5 s for 100,000 points. */
export function readLargeSweepAhead(context: Context): void {
  if (!context.database.$client.open) return
  const newest = listSweeps(context.database).find(({ id }) => !hasFewPoints(context, id))
  if (newest !== undefined) describeSweep(context, newest)
}
