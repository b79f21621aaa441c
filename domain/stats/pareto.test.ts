import { expect, test } from 'vitest'
import { createRandom } from './rng.ts'
import { dominates, paretoFront, rankedByFronts, scalarised } from './pareto.ts'

const random = createRandom(3)
const cloud = (count: number, objectives: number) =>
  Array.from({ length: count }, () => Array.from({ length: objectives }, () => Math.round(20 * random.uniform())))

test.each([2, 3, 4])(
  'the front of %i objectives is who no other point dominates, compared pair by pair',
  (objectives) => {
    for (let turn = 0; turn < 30; turn++) {
      const values = cloud(60, objectives)
      const front = paretoFront(values)
      expect(front).toEqual(values.map((one) => !values.some((other) => dominates(other, one))))
      expect(front).toContain(true)
    }
  },
)

test('equal points are on the front together, and one without a value on none', () => {
  expect(paretoFront([[1, 2], [1, 2], null, [0, 2], [2, 0]])).toEqual([true, true, false, false, true])
})

test('a front stands before the next, and its ends before its middle', () => {
  const values = [
    [0, 4],
    [2, 2],
    [1.9, 2.1],
    [4, 0],
    [1, 1],
    [0, 0],
  ]
  const ranked = rankedByFronts(values)
  const order = values.map((_, at) => at).toSorted((a, b) => ranked[b]! - ranked[a]!)
  expect(new Set(order.slice(0, 2))).toEqual(new Set([0, 3]))
  expect(order.slice(4)).toEqual([4, 5])
  expect(rankedByFronts([])).toEqual([])
})

test('all weight on one objective gives its order; the highest of any weights is on the front', () => {
  const values = cloud(40, 3)
  const first = scalarised(values, [1, 0, 0])
  expect(values[first.indexOf(Math.max(...first))]![0]).toBe(Math.max(...values.map(([one]) => one!)))
  const front = paretoFront(values)
  for (const weights of [
    [0.2, 0.3, 0.5],
    [0.6, 0.2, 0.2],
  ]) {
    const numbers = scalarised(values, weights)
    expect(front[numbers.indexOf(Math.max(...numbers))]).toBe(true)
  }
})
