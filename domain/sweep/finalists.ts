/** `finalists` in a sweep file: points that cannot be told from the best are looked at once more (docs/finalists.md). */
import { z } from 'zod'

const most = 50
const counted = (what: string) => {
  const expected = `expected ${what}, a whole number from 2 to ${most}`
  return z.number(expected).int(expected).min(2, expected).max(most, expected)
}

export const finalistsSchema = z.strictObject({
  /** At most so many points, the best among them. */
  top: counted('how many points at most').default(3),
  /** Each is to have been trained with so many seeds, the first among them. */
  seeds: counted('how many seeds each').default(3),
})
export type Finalists = z.output<typeof finalistsSchema>
