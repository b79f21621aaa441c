/** Another budget for a sweep: a person raises it, in the file or on the page. */
import { transaction } from '../../../db/client.ts'
import { updateSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { gpuHoursSchema, type Sweep } from '../../../domain/sweep/sweep.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'

/** `gpuHours` null: none. `source`: the file that says so, where one does. A paused sweep stays paused. */
export function setBudget(
  context: Context,
  sweepId: number,
  { gpuHours, source }: { gpuHours: number | null; source?: string },
): void {
  if (gpuHours !== null && !gpuHoursSchema.safeParse(gpuHours).success)
    throw new SweepboardError('invalid', `${gpuHours} is no budget; expected GPU hours above 0, e.g. 200.`)
  transaction(context.database, () => {
    const sweep = requireSweep(context, sweepId)
    if ((sweep.definition.budget?.gpu_hours ?? null) === gpuHours) return
    const { budget: _, ...others } = sweep.definition
    const definition: Sweep = gpuHours === null ? others : { ...others, budget: { gpu_hours: gpuHours } }
    // what was written says another budget now; without a file of the new one, the file is made from the definition
    updateSweep(context.database, sweepId, { definition, source: source ?? null })
  })
  notify(context, sweepId)
  context.signals.emit('work')
}
