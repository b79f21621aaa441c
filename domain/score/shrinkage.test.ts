import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { aggregateRatios } from './score.ts'
import { shrinkScores } from './shrinkage.ts'
import { aggregates } from '../sweep/sweep.ts'

const baseline = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }
const names = Object.keys(baseline)
const ofBaseline = Object.values(baseline)
const report = [40, 1319, 500, 675]
const random = createRandom(7)

function measure(rates: number[], questions = report) {
  const correct = rates.map((rate, index) => {
    let right = 0
    for (let question = 0; question < questions[index]!; question++) if (random.uniform() < rate) right += 1
    return right
  })
  const ratios = correct.map((right, index) => right / questions[index]! / ofBaseline[index]!)
  const counts = names.map((name, index) => [name, { correct: correct[index]!, total: questions[index]! }])
  return { score: aggregateRatios('harmonic-mean', ratios), counts: Object.fromEntries(counts) }
}

const shrink = (points: Parameters<typeof shrinkScores>[0]['points']) =>
  shrinkScores({ aggregate: 'harmonic-mean', baseline, points })

test('the best of 27 identical points: 1.11 by luck alone, 1.00 once luck is taken out', () => {
  const rounds = 300
  let raw = 0
  let corrected = 0
  for (let round = 0; round < rounds; round++) {
    const points = Array.from({ length: 27 }, () => measure(ofBaseline))
    const best = points.reduce((highest, point, index) => (point.score > points[highest]!.score ? index : highest), 0)
    raw += points[best]!.score / rounds
    corrected += shrink(points)!.estimates[best]! / rounds
  }
  expect(raw).toBeGreaterThan(1.09)
  expect(raw).toBeLessThan(1.13)
  expect(Math.abs(corrected - 1)).toBeLessThan(0.035)
})

test('where points truly differ, their order and most of their distance stay', () => {
  const points = [0.5, 0.7, 0.9, 1.1, 1.3].map((factor) =>
    measure(
      ofBaseline.map((rate) => rate * factor),
      [4000, 4000, 4000, 4000],
    ),
  )
  const { estimates, spread } = shrink(points)!
  expect(spread).toBeGreaterThan(0.2)
  points.forEach(({ score }, index) => expect(Math.abs(estimates[index]! - score)).toBeLessThan(0.02))
  expect(estimates).toEqual(estimates.toSorted((a, b) => a! - b!))
})

test('corrected scores are nearer to the truth than raw ones, over sweeps whose points differ a little', () => {
  let raw = 0
  let corrected = 0
  for (let round = 0; round < 100; round++) {
    const factors = Array.from({ length: 18 }, () => 1 + 0.05 * random.normal())
    const points = factors.map((factor) => measure(ofBaseline.map((rate) => rate * factor)))
    shrink(points)!.estimates.forEach((estimate, index) => {
      raw += (points[index]!.score - factors[index]!) ** 2
      corrected += (estimate! - factors[index]!) ** 2
    })
  }
  expect(corrected).toBeLessThan(raw * 0.6)
})

test('more questions, less correction', () => {
  const few = { score: 1.2, counts: measure(ofBaseline).counts }
  const many = {
    score: 1.2,
    counts: measure(
      ofBaseline,
      report.map((questions) => questions * 20),
    ).counts,
  }
  const others = Array.from({ length: 10 }, (_, index) => ({
    score: 0.8 + index * 0.04,
    counts: measure(ofBaseline).counts,
  }))
  const { estimates, mean } = shrink([few, many, ...others])!
  expect(mean).toBeLessThan(estimates[0]!)
  expect(estimates[0]!).toBeLessThan(estimates[1]!)
  expect(estimates[1]!).toBeLessThan(1.2)
})

test.each(aggregates)('estimates lie between the mean and the score: %s', (aggregate) => {
  const points = Array.from({ length: 12 }, (_, index) =>
    measure(ofBaseline.map((rate) => rate * (0.7 + index * 0.04))),
  )
  const { estimates, mean } = shrinkScores({ aggregate, baseline, points })!
  points.forEach(({ score }, index) => {
    expect(estimates[index]!).toBeGreaterThanOrEqual(Math.min(mean, score))
    expect(estimates[index]!).toBeLessThanOrEqual(Math.max(mean, score))
  })
})

test('points without a score or counts take no part; fewer than two give nothing', () => {
  const [a, b] = [measure(ofBaseline), measure(ofBaseline)]
  const none = [
    { score: 1, counts: {} },
    { score: null, counts: a!.counts },
  ]
  expect(shrink([a!, ...none])).toBeNull()
  expect(shrink([])).toBeNull()
  const found = shrink([a!, ...none, b!])!
  expect(found.estimates[1]).toBeNull()
  expect(found.estimates[2]).toBeNull()
  expect([found.estimates[0], found.estimates[3]]).toEqual(shrink([a!, b!])!.estimates)
})

test('rates of 0 and 1 everywhere still give numbers', () => {
  const counts = Object.fromEntries(names.map((name, index) => [name, { correct: index % 2 ? 40 : 0, total: 40 }]))
  const { estimates } = shrink([
    { score: 0, counts },
    { score: 0, counts },
  ])!
  expect(estimates).toEqual([0, 0])
})
