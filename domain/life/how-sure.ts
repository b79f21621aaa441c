/**
 * How sure an estimate is that rests on earlier jobs. The total of so many more is taken to vary as the earlier ones differ, and their mean
 * by how few they are: a prediction interval, by Student's t. What other settings do to it, earlier ones do not tell.
 */
import { studentLimit } from '../stats/tail-areas.ts'

/** Fewer say nothing of how much they differ. */
const fewest = 3

/** Jobs still to come, and what earlier ones of their kind took, in seconds. `slots`: what each holds; 1 for seconds alone. */
export type Kind = { measured: readonly number[]; waiting: number; slots: number }

/** What the total is within in 95 of 100 cases, in the unit of the estimates; never below nothing. */
export type Within = { low: number; high: number }

/** Of the slot seconds of several kinds together; null where a kind that is to come was measured too seldom to tell. */
export function totalWithin(kinds: readonly Kind[]): Within | null {
  const coming = kinds.filter(({ waiting }) => waiting > 0)
  if (coming.length === 0 || coming.some(({ measured }) => measured.length < fewest)) return null
  let [total, variance, degrees] = [0, 0, Infinity]
  for (const { measured, waiting, slots } of coming) {
    const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length
    const spread = measured.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (measured.length - 1)
    total += slots * waiting * mean
    variance += slots ** 2 * spread * (waiting + waiting ** 2 / measured.length)
    degrees = Math.min(degrees, measured.length - 1)
  }
  const half = studentLimit(degrees) * Math.sqrt(variance)
  return { low: Math.max(0, total - half), high: total + half }
}
