import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { type ComparedCounts, differencesFromBest, scoreDifference } from './score-difference.ts'

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

const width = ([low, high]: [number, number]) => high - low
const ofSums = (benchmark: ComparedCounts) =>
  scoreDifference({ aggregate: 'harmonic-mean', baseline: { Sums: 0.5 }, benchmarks: { Sums: benchmark } })!
const [first, second] = [
  { correct: 520, total: 1000 },
  { correct: 500, total: 1000 },
]

test('the difference of two scores is narrower where the same questions were answered alike', () => {
  const paired = ofSums({ first, second, pair: { both: 480, onlyFirst: 40, onlySecond: 20, neither: 460 } })
  const unpaired = ofSums({ first, second, pair: null })
  // by hand: (b - c) / n ± 1.96 √(b + c - (b - c)²/n) / n, over the baseline 0.5
  expect(paired.interval[0]).toBeCloseTo((0.02 - 1.96 * 0.00772) / 0.5, 2)
  expect(paired.interval[1]).toBeCloseTo((0.02 + 1.96 * 0.00772) / 0.5, 2)
  expect(paired.ahead).toBeGreaterThan(0.99)
  // unpaired: √(2 × 0.5 × 0.5 / 1000) = 0.0224
  expect(width(unpaired.interval)).toBeCloseTo((2 * 1.96 * 0.02236) / 0.5, 1)
  expect(width(unpaired.interval)).toBeGreaterThan(2 * width(paired.interval))
})

test('questions that only one of two was asked are its own: half of them in common tell half as much', () => {
  const alike = { both: 490, onlyFirst: 30, onlySecond: 10, neither: 470 }
  const half = { both: 245, onlyFirst: 15, onlySecond: 5, neither: 235 }
  const [all, some, none] = [alike, half, null].map((pair) => width(ofSums({ first, second, pair }).interval))
  // the variance that is left, as a share of the one without pairs: 1 - correlation × share in common
  expect((some! / none!) ** 2).toBeCloseTo((1 + (all! / none!) ** 2) / 2, 2)
})

test('of a benchmark that is missing, or has no questions, nothing is said', () => {
  expect(scoreDifference({ aggregate: 'minimum', baseline: { Other: 1 }, benchmarks: {} })).toBeNull()
  const empty = { correct: 0, total: 0 }
  expect(
    scoreDifference({
      aggregate: 'minimum',
      baseline: { Sums: 1 },
      benchmarks: { Sums: { first: empty, second, pair: null } },
    }),
  ).toBeNull()
})
