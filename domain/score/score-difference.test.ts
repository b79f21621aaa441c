import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { differencesFromBest } from './score-difference.ts'

const baseline = { A: 0.5, B: 0.25 }
const point = (a: number, b: number) => ({
  score: 2 / (0.5 / (a / 400) + 0.25 / (b / 400)),
  counts: { A: { correct: a, total: 400 }, B: { correct: b, total: 400 } },
})

test('the best has no difference from itself; the others have theirs with an interval and a chance', () => {
  const points = [point(200, 100), point(240, 130), point(236, 128)]
  const [first, best, near] = differencesFromBest({ aggregate: 'harmonic-mean', baseline, points })
  expect(best).toBeNull()
  expect(first!.interval[1]).toBeLessThan(0)
  expect(first!.chanceOfBetter).toBeLessThan(0.01)
  expect(near!.interval[0]).toBeLessThan(0)
  expect(near!.interval[1]).toBeGreaterThan(0)
  expect(near!.chanceOfBetter).toBeGreaterThan(0.3)
})

test('a chance is that of draws from both posteriors', () => {
  const points = [point(210, 110), point(225, 118)]
  const [found] = differencesFromBest({ aggregate: 'harmonic-mean', baseline, points })
  const random = createRandom(3)
  const draw = (right: number) => random.beta(right + 0.5, 400 - right + 0.5)
  const score = (a: number, b: number) => 2 / (0.5 / draw(a) + 0.25 / draw(b))
  const differences = Array.from({ length: 20_000 }, () => score(210, 110) - score(225, 118)).toSorted((a, b) => a - b)
  expect(found!.chanceOfBetter).toBeCloseTo(differences.filter((one) => one > 0).length / 20_000, 1)
  expect(found!.interval[0]).toBeCloseTo(differences[500]!, 1)
  expect(found!.interval[1]).toBeCloseTo(differences[19_500]!, 1)
})

test('without counts nothing is said, also of the best', () => {
  const lacking = { score: 9, counts: { A: null } }
  expect(differencesFromBest({ aggregate: 'minimum', baseline, points: [point(200, 100), lacking] })).toEqual([
    null,
    null,
  ])
  expect(differencesFromBest({ aggregate: 'minimum', baseline, points: [] })).toEqual([])
})
