import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { intervalsOfTrueValues } from './true-scores.ts'

/** How often the interval of the first value, and that of the highest, holds the true one, of grids of 18 whose true values spread by so many noises. */
function holds(spread: number, { grids, own = 1 }: { grids: number; own?: number }): { any: number; highest: number } {
  const random = createRandom(7, Math.round(100 * spread + own))
  let [any, highest] = [0, 0]
  for (let grid = 0; grid < grids; grid++) {
    const shared = Math.sqrt(1 - own) * random.normal()
    const truth = Array.from({ length: 18 }, () => 5 + spread * random.normal())
    // some were measured longer
    const values = truth.map((value, at) => {
      const deviation = at % 3 === 0 ? 1.5 : 1
      const noise = deviation * (shared + Math.sqrt(own) * random.normal())
      return { value: value + noise, variance: deviation ** 2, own }
    })
    const best = values.reduce((top, { value }, at) => (value > values[top]!.value ? at : top), 0)
    const intervals = intervalsOfTrueValues(values, (at) => at === 0 || at === best)!
    const isHeld = (at: number) => intervals[at]![0] <= truth[at]! && truth[at]! <= intervals[at]![1]
    any += Number(isHeld(0))
    highest += Number(isHeld(best))
  }
  return { any: any / grids, highest: highest / grids }
}

test('intervals hold the true value as often as they say, the highest one’s too', () => {
  for (const spread of [0.5, 1, 3]) {
    const { any, highest } = holds(spread, { grids: 300 })
    // values are taken to be of a shape with longer tails than these have
    expect(any, `spread ${spread}`).toBeGreaterThan(0.9)
    expect(any, `spread ${spread}`).toBeLessThan(0.985)
    expect(highest, `spread ${spread}, highest`).toBeGreaterThan(0.92)
  }
})

test('noise that moves all alike widens them, and draws none nearer', () => {
  const { any } = holds(2, { grids: 200, own: 0.5 })
  expect(any).toBeGreaterThan(0.9)
})

test('of one value, or without noise, nothing is said', () => {
  expect(intervalsOfTrueValues([{ value: 1, variance: 1, own: 1 }])).toBeNull()
  expect(intervalsOfTrueValues([1, 2].map((value) => ({ value, variance: 0, own: 1 })))).toBeNull()
})
