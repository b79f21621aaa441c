import { expect, test } from 'vitest'
import { limitOfBest } from './many-against-best.ts'
import { normalCumulative, normalQuantile, z95 } from './normal.ts'

test.each([
  // scipy.stats.norm.cdf
  [0, 0.5],
  [1, 0.8413447460685429],
  [-3, 0.0013498980316300933],
  [-10, 7.619853024160527e-24],
  [5, 0.9999997133484281],
])('the chance below %d, to the last digits', (z, chance) => {
  expect(normalCumulative(z) / chance).toBeCloseTo(1, 12)
})

test('quantiles are where the chances are', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(z95, 12)
  for (const chance of [1e-9, 0.2, 0.5, 0.999]) expect(normalCumulative(normalQuantile(chance))).toBeCloseTo(chance, 12)
})

test.each([
  // one-sided limits of Dunnett's test at 5 % with known variance: Bechhofer & Dunnett (1988), correlation 1/2
  [1, 1.645],
  [2, 1.916],
  [5, 2.234],
  [9, 2.417],
])('of %d comparisons with one none is beyond the limit in 95 %%', (comparisons, limit) => {
  expect(limitOfBest(comparisons)).toBeCloseTo(limit, 3)
})

test('one alone has nothing to be compared with', () => {
  expect(limitOfBest(0)).toBe(0)
})
