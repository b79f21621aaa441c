/** The value of a run's metric that stands in place of a point's score. */
import type { Objective } from '../sweep/objective.ts'

/** `step`: where the value was logged. */
export type ObjectiveValue = { value: number; step: number; error: null } | { value: null; step: null; error: string }

/**
 * What counts of a metric's values, in step order: those up to `until`, the step of the point's checkpoint, or all where it is null.
 * `at: milestone` takes the value at that very step. Where there is none, or it is not finite, a sentence says so. Values that are not
 * finite are never the best; of equal ones the first is.
 */
export function objectiveValue(
  { metric, goal, at }: Objective,
  values: Iterable<{ step: number; value: number }>,
  until: number | null,
): ObjectiveValue {
  let found: { step: number; value: number } | null = null
  let seen = 0
  for (const { step, value } of values) {
    if (until !== null && step > until) break
    seen += 1
    if (at === 'milestone' && step !== until) continue
    const better = goal === 'minimize' ? value < (found?.value ?? Infinity) : value > (found?.value ?? -Infinity)
    if (at !== 'best' || (Number.isFinite(value) && better)) found = { step, value }
  }
  const none = (error: string): ObjectiveValue => ({ value: null, step: null, error })
  const upTo = until === null ? '' : ` up to step ${until}, its checkpoint`
  if (seen === 0) return none(`The run logged no ${metric}${upTo}, so it has no value.`)
  if (found === null)
    return none(
      at === 'milestone'
        ? `The run logged no ${metric} at step ${until}, its checkpoint; expected at: last, which takes the last one before.`
        : `No value of ${metric}${upTo} is a finite number, so none is the best.`,
    )
  if (!Number.isFinite(found.value))
    return none(
      `The ${at === 'last' ? 'last ' : ''}value of ${metric}, at step ${found.step}, is ${found.value}: it is no finite number.`,
    )
  return { ...found, error: null }
}
