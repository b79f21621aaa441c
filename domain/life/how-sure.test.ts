import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { totalWithin } from './how-sure.ts'

test('few earlier jobs tell nothing; alike ones tell it exactly; what holds more slots counts more', () => {
  expect(totalWithin([{ measured: [10, 12], waiting: 5, slots: 1 }])).toBeNull()
  expect(totalWithin([{ measured: [], waiting: 0, slots: 1 }])).toBeNull()
  expect(totalWithin([{ measured: [10, 10, 10], waiting: 5, slots: 4 }])).toEqual({ low: 200, high: 200 })
  expect(
    totalWithin([
      { measured: [10, 10, 10], waiting: 5, slots: 1 },
      { measured: [], waiting: 0, slots: 1 },
    ]),
  ).toEqual({ low: 50, high: 50 })
})

test('the total of jobs that differ as earlier ones did lies within in about 95 of 100 cases', () => {
  const random = createRandom(4)
  const job = () => 60 + 30 * random.uniform()
  for (const [earlier, waiting] of [
    [3, 9],
    [20, 9],
    [20, 100],
  ] as const) {
    let within = 0
    const cases = 2000
    for (let at = 0; at < cases; at++) {
      const measured = Array.from({ length: earlier }, job)
      const total = Array.from({ length: waiting }, job).reduce((sum, value) => sum + value, 0)
      const { low, high } = totalWithin([{ measured, waiting, slots: 1 }])!
      if (low <= total && total <= high) within += 1
    }
    expect(within / cases, `${earlier} earlier, ${waiting} to come`).toBeGreaterThan(0.91)
    expect(within / cases, `${earlier} earlier, ${waiting} to come`).toBeLessThan(0.99)
  }
})
