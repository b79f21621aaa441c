/** Trainings that have come to nothing: their loss is no number any more, or far above where it began. */

/** A loss whose size means something: of a policy gradient, say, it does not. */
const lossNames = /^(?:train\/|eval\/)?(?:train_|training_|eval_)?loss$/
/** So many values in a row must say it: one alone may be a step that the trainer leaves out. */
const notFiniteInARow = 3
export const valuesLookedAt = 5
const timesItsStart = 4
/** A loss that began below this is none whose multiples say anything. */
const leastStart = 0.1

/** Whether a metric is a loss that is watched. */
export function isLoss(metric: string): boolean {
  return lossNames.test(metric)
}

/** Whether the newest value makes it worth looking at the others: `minimum` of all finite ones, null where none is. */
export function isSuspicious({ value, minimum }: { value: number; minimum: number | null }): boolean {
  return !Number.isFinite(value) || value > timesItsStart * Math.max(leastStart, minimum ?? 0)
}

/**
 * Why a training has diverged, as the rest of a sentence; null where it has not. `first` and `last`: the first and the newest values of
 * its loss, `valuesLookedAt` of each.
 */
export function whyDiverged(metric: string, first: readonly number[], last: readonly number[]): string | null {
  const end = last.slice(-notFiniteInARow)
  if (end.length === notFiniteInARow && end.every((value) => !Number.isFinite(value)))
    return `its ${metric} is no finite number any more: ${end.join(', ')}.`
  const start = first.filter(Number.isFinite).toSorted((a, b) => a - b)[Math.floor((first.length - 1) / 2)]
  if (start === undefined || start < leastStart || last.length < valuesLookedAt) return null
  if (!last.every((value) => value > timesItsStart * start)) return null
  return `its last ${valuesLookedAt} values of ${metric} are all more than ${timesItsStart} times the ${short(start)} that it began with, the newest ${short(last.at(-1)!)}.`
}

const short = (value: number) => String(Number(value.toPrecision(4)))
