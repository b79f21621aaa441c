import { expect, test } from 'vitest'
import { type SeedGroup, seedGroupInterval, varianceByQuestions } from './seed-group.ts'

const group = (given: Partial<SeedGroup> = {}): SeedGroup => ({
  aggregate: 'harmonic-mean',
  baseline: [0.5, 0.5],
  members: [1, 2, 3, 4, 5].map(() => [
    { correct: 100, total: 200 },
    { correct: 200, total: 400 },
  ]),
  scores: [1, 1, 1, 1, 1],
  correlations: [0, 0],
  noise: { deviation: 0.05, freedom: 40 },
  ...given,
})
const width = (given: Partial<SeedGroup>) => {
  const [low, high] = seedGroupInterval(group(given))
  return high - low
}

test('five seeds on questions of their own say as much as five times the questions, on the same ones hardly more than one', () => {
  const one = 2 * 1.96 * Math.sqrt(varianceByQuestions(group()).own)
  const noise = { deviation: 0, freedom: 40 }
  expect(width({ noise }) / one).toBeCloseTo(1 / Math.sqrt(5), 1)
  expect(width({ noise, correlations: [0.98, 0.98] }) / one).toBeCloseTo(1, 1)
})

test('seeds that differ more than their questions explain widen it, the more so the fewer there are to tell', () => {
  const base = width({})
  expect(width({ noise: { deviation: 0.2, freedom: 40 } })).toBeGreaterThan(2 * base)
  expect(width({ noise: { deviation: 0.2, freedom: 2 } })).toBeGreaterThan(
    1.5 * width({ noise: { deviation: 0.2, freedom: 40 } }),
  )
})

test('it keeps within what a score can be, and holds the mean', () => {
  const members = [0, 1, 0].map((correct) => [
    { correct, total: 40 },
    { correct: 2 * correct, total: 40 },
  ])
  const scores = [0, 0.066, 0]
  const [low, high] = seedGroupInterval(group({ members, scores, noise: { deviation: 0.04, freedom: 2 } }))
  expect(low).toBeGreaterThanOrEqual(0)
  expect(low).toBeLessThanOrEqual(0.022)
  expect(high).toBeGreaterThan(0.066)
})
