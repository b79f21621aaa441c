import { expect, test } from 'vitest'
import { bestInRandomOrder } from './random-order.ts'

function orders<One>(all: readonly One[]): One[][] {
  if (all.length < 2) return [[...all]]
  return all.flatMap((first, at) => orders(all.toSpliced(at, 1)).map((rest) => [first, ...rest]))
}

test.each([[[1]], [[3, 1, 2]], [[0.5, -2, 0.5, 4, 1]], [[1, 1, 1]]])(
  'of %j it is the mean over every order',
  (values) => {
    const all = orders(values)
    const byHand = values.map(
      (_, at) => all.reduce((sum, order) => sum + Math.max(...order.slice(0, at + 1)), 0) / all.length,
    )
    const found = bestInRandomOrder(values)
    for (const [at, value] of byHand.entries()) expect(found[at]).toBeCloseTo(value, 12)
  },
)

test('it rises to the best, of thousands too, and of none there is none', () => {
  const values = Array.from({ length: 5000 }, (_, at) => Math.sin(at))
  const found = bestInRandomOrder(values)
  expect(found.at(-1)).toBe(Math.max(...values))
  expect(found.every((value, at) => at === 0 || value >= found[at - 1]! - 1e-12)).toBe(true)
  expect(bestInRandomOrder([])).toEqual([])
})
