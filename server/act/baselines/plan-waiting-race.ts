/** A race whose baseline is measured first: jobs of its first rung are there as checkpoints come, and ask once its accuracies say what. */
import { listUnplannedRungs, tellUnplanned } from '../../../db/queries/unplanned-rungs.ts'
import { updateSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../../base/context.ts'
import { racePlanBy } from '../../base/preparing/race-plan.ts'
import { planRung } from '../checkpoints/race-rungs.ts'

/**
 * Plans the rungs of a sweep that races and could not yet, by the baseline that it is given. Throws `invalid`, with what is to be known,
 * where the race cannot ask one of its benchmarks. Call in the transaction that gives the baseline.
 */
export function planWaitingRace(
  { database }: Context,
  { id, race, definition }: SweepRow,
  accuracies: Readonly<Record<string, number>>,
): void {
  if (race !== null) return
  const { plan, issues } = racePlanBy(definition, accuracies)
  if (issues.length > 0) throw new SweepboardError('invalid', issues[0]!.message, issues)
  if (plan === null) return
  updateSweep(database, id, { race: plan })
  tellUnplanned(database, id, null)
  for (const job of listUnplannedRungs(database, id)) planRung(database, plan, job)
}
