import { expect, test } from 'vitest'
import { chiSquareTail, fisherTail, studentLimit } from './tail-areas.ts'

// expected: scipy’s stats.chi2.sf, stats.f.sf and stats.t.ppf(0.975)
test('tails of χ² and F are those of other programs', () => {
  expect(chiSquareTail(11.07, 5)).toBeCloseTo(0.050009618622405425, 12)
  expect(chiSquareTail(3, 1)).toBeCloseTo(0.08326451666355042, 12)
  expect(chiSquareTail(250, 200)).toBeCloseTo(0.009379131668826098, 12)
  expect(chiSquareTail(90_000, 89_000)).toBeCloseTo(0.009064165679440486, 8)
  expect(fisherTail(4.2, 3, 12)).toBeCloseTo(0.030102077575266634, 12)
  expect(fisherTail(0.5, 2, 7)).toBeCloseTo(0.6266545330387997, 10)
})

test('the ends: nothing is always passed, infinity never', () => {
  for (const tail of [(x: number) => chiSquareTail(x, 3), (x: number) => fisherTail(x, 3, 5)]) {
    expect(tail(0)).toBe(1)
    expect(tail(Infinity)).toBe(0)
  }
})

test('Student’s limits', () => {
  for (const [degrees, limit] of [
    [1, 12.70620474],
    [4, 2.77644511],
    [30, 2.04227246],
    [1e6, 1.959966],
  ] as const)
    expect(studentLimit(degrees)).toBeCloseTo(limit, 5)
})
