/**
 * Later milestones: a training that has gone to epoch 3 is asked for epoch 5 too. Whether going on from its end is the same training as
 * one to 5 from the start, and what the shorter one was.
 */
import { checkConfig } from '../../../contract/check-settings.ts'
import { expandAxis, milestoneAxisName } from '../axes/axes.ts'
import { trainerConfig } from '../commands/commands.ts'
import type { Sweep } from '../sweep.ts'

/** What a training goes on from. */
export type Continuation = {
  /** The last checkpoint of the shorter training. */
  checkpointId: number
  /** Whether a person said so although it is not known to be the same as a training from the start. */
  told: boolean
}

/** The last of the sweep's milestones, as it was written; null where it has none. */
export function lastMilestone(sweep: Sweep): { axis: string; last: string } | null {
  const axis = milestoneAxisName(sweep.axes)
  return axis === null ? null : { axis, last: expandAxis(axis, sweep.axes[axis]!).values.at(-1)! }
}

/** The same sweep with trainings that end at an earlier milestone; null where that is none before its own last. */
export function shortenedTo(sweep: Sweep, last: string): Sweep | null {
  const own = lastMilestone(sweep)
  if (own === null || !(Number(last) < Number(own.last))) return null
  return { ...sweep, axes: { ...sweep.axes, [own.axis]: { milestones: [last] } } }
}

/**
 * Why going on from a shorter training is not the same as training the whole length, or not known to be: the end of a sentence. null:
 * it is the same. Of the built-in trainers all that is random in a step is drawn by its number, and only the schedule of the learning
 * rate looks at the whole length.
 */
export function goingOnDoubt(sweep: Sweep, params: Readonly<Record<string, string>>): string | null {
  if (sweep.trainer === undefined)
    return 'whether the learning rate, the warm-up or the data of a command depend on the whole length is not known'
  const axis = milestoneAxisName(sweep.axes)
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => name !== axis))
  const { config } = checkConfig({ ...trainerConfig(sweep, own), trainer: sweep.trainer })
  if (config?.schedule === 'constant') return null
  return 'the learning rate falls along a cosine over the whole length'
}
