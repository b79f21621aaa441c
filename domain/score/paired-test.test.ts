import { expect, test } from 'vitest'
import { holmAdjusted, mcnemarTest } from './paired-test.ts'

const chance = (onlyFirst: number, onlySecond: number) => mcnemarTest({ onlyFirst, onlySecond }).chance

test('few disagreements: the exact test, as published and as scipy.stats.binomtest gives it', () => {
  // Fagerland, Lydersen & Laake (2013), airway hyper-responsiveness (Bentur et al.): 7 against 1, exact conditional 0.070
  expect(mcnemarTest({ onlyFirst: 1, onlySecond: 7 })).toEqual({ chance: 0.0703125, method: 'exact' })
  expect(chance(6, 16)).toBeCloseTo(0.05247879, 8)
  expect(chance(4, 3)).toBe(1)
  expect(chance(0, 5)).toBe(0.0625)
  expect(chance(171, 205)).toBeCloseTo(0.08865021549196639, 10)
  expect(chance(38, 65)).toBe(chance(65, 38))
})

test('many disagreements: chi-squared with continuity correction, as scipy.stats.chi2.sf gives it', () => {
  const { chance: corrected, method } = mcnemarTest({ onlyFirst: 300, onlySecond: 240 })
  expect(method).toBe('corrected')
  expect(corrected).toBeCloseTo(0.01111838850785766, 12)
  expect(chance(270, 270)).toBe(1)
  // far out, where only the continued fraction keeps its digits
  expect(chance(3000, 2000) / 2.5531576493095586e-45).toBeCloseTo(1, 9)
  // both methods agree where one takes over from the other
  const exact = chance(180, 219)
  expect(Math.abs(exact - chance(180, 220))).toBeLessThan(0.012)
})

test('those that never disagree cannot be told apart', () => {
  expect(mcnemarTest({ onlyFirst: 0, onlySecond: 0 })).toEqual({ chance: 1, method: 'none' })
})

test('several comparisons: the smallest chance counts once for each, the next one time less', () => {
  // the worked figures of Holm's procedure: 4 × 0.005, 3 × 0.01, then never below the one before
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005])
  expect(adjusted.map((value) => Number(value.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02])
  expect(holmAdjusted([0.7, 0.8])).toEqual([1, 1])
  expect(holmAdjusted([])).toEqual([])
})
