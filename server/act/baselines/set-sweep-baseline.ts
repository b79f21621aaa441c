import { transaction } from '../../../db/client.ts'
import { findBaseline, findBaselineByName, insertBaseline, type BaselineRow } from '../../../db/queries/baselines.ts'
import { updateSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { planWaitingRace } from './plan-waiting-race.ts'
import { rescoreSweep } from '../sweeps/rescore-sweep.ts'

/**
 * Scores a sweep against another stored baseline, or against accuracies that become a stored one of its own. Throws `not-found`, and `invalid`
 * where a race that waits for its baseline cannot ask what is in this one.
 */
export function setSweepBaseline(
  context: Context,
  input: { id: number; baselineId?: number | undefined; accuracies?: Record<string, number> | undefined },
): void {
  const { database } = context
  const sweep = requireSweep(context, input.id)
  transaction(database, () => {
    let baseline: BaselineRow | undefined
    if (input.accuracies !== undefined) {
      baseline = insertBaseline(database, {
        name: freeName(context, sweep.name),
        accuracies: input.accuracies,
        note: '',
      })
    } else {
      baseline = findBaseline(database, input.baselineId ?? 0)
      if (!baseline) throw new SweepboardError('not-found', `There is no baseline ${input.baselineId}.`)
    }
    updateSweep(database, sweep.id, { baselineId: baseline.id })
    planWaitingRace(context, sweep, baseline.accuracies)
    rescoreSweep(context, sweep.id)
  })
  notify(context, sweep.id)
}

function freeName(context: Context, base: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base} ${number}`
    if (!findBaselineByName(context.database, name)) return name
  }
}
