import { expect, test } from 'vitest'
import { createRandom } from './rng.ts'
import { median, trendOf } from './trend.ts'

const steps = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

test('a straight line has its slope, and no doubt about it', () => {
  const trend = trendOf({ steps: steps(20), values: steps(20).map((step) => 3 + 0.25 * step) })!
  expect(trend.slope).toBeCloseTo(0.25)
  expect(trend.interval[1] - trend.interval[0]).toBeLessThan(1e-6)
  expect([trend.from, trend.to, trend.count]).toEqual([1, 20, 20])
})

test('nothing is said of too few values, of one step, or of gaps alone', () => {
  expect(trendOf({ steps: steps(9), values: steps(9) })).toBeNull()
  expect(trendOf({ steps: steps(20), values: steps(20).map(() => null) })).toBeNull()
  expect(trendOf({ steps: steps(20).map(() => 5), values: steps(20) })).toBeNull()
  expect(trendOf({ steps: steps(12), values: steps(12).map((step) => (step > 2 ? step : NaN)) })?.count).toBe(10)
})

/** How often the 95 % interval holds the true slope, over curves whose noise follows itself by `correlation`. */
function coverage(count: number, correlation: number, slope: number): number {
  const random = createRandom(7)
  let held = 0
  const curves = 2000
  for (let curve = 0; curve < curves; curve++) {
    let noise = random.normal() / Math.sqrt(1 - correlation ** 2)
    const values = steps(count).map((step) => {
      noise = correlation * noise + random.normal()
      return 50 + slope * step + noise
    })
    const { interval } = trendOf({ steps: steps(count), values })!
    if (interval[0] <= slope && slope <= interval[1]) held += 1
  }
  return held / curves
}

test.each([
  [20, 0],
  [20, 0.3],
  [40, 0],
  [40, 0.5],
  [200, 0.7],
])(
  'the interval of a slope over %i steps whose noise correlates by %f holds it about 95 times in 100',
  (count, correlation) => {
    expect(coverage(count, correlation, 0.1)).toBeGreaterThan(0.92)
    expect(coverage(count, correlation, 0.1)).toBeLessThan(0.99)
  },
)

test('a median is the middle one, or the mean of the middle two', () => {
  expect(median([3, null, 1, 2])).toBe(2)
  expect(median([4, 1, 3, NaN, 2])).toBe(2.5)
  expect(median([null])).toBeNull()
})
