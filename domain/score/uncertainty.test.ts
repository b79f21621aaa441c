import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { aggregateRatios } from './score.ts'
import { type Aggregate, aggregates } from '../sweep/sweep.ts'
import type { MeasuredPoint } from './counted-points.ts'
import { accuracyInterval, isMostlyLuck, uncertaintyOf } from './uncertainty.ts'

const baseline = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }
const questions = [40, 1319, 500, 675]
const names = Object.keys(baseline)
const ofBaseline = Object.values(baseline)
const best = [0.4, 933 / 1319, 0.412, 73 / 675]
const random = createRandom(2025)

const scoreOf = (rates: number[], aggregate: Aggregate = 'harmonic-mean') =>
  aggregateRatios(
    aggregate,
    rates.map((rate, index) => rate / ofBaseline[index]!),
  )

function measure(rates: number[], aggregate: Aggregate = 'harmonic-mean'): MeasuredPoint {
  const correct = rates.map((rate, index) => {
    let right = 0
    for (let question = 0; question < questions[index]!; question++) if (random.uniform() < rate) right += 1
    return right
  })
  const counts = names.map((name, index) => [name, { correct: correct[index]!, total: questions[index]! }])
  const measured = correct.map((right, index) => right / questions[index]!)
  return { score: scoreOf(measured, aggregate), counts: Object.fromEntries(counts) }
}

/** Share of points in whose interval their true score lies. */
function coverage(aggregate: Aggregate, count: number, ratesOf: () => number[]): number {
  const truths: number[] = []
  const points = Array.from({ length: count }, () => {
    const rates = ratesOf()
    truths.push(scoreOf(rates, aggregate))
    return measure(rates, aggregate)
  })
  const intervals = uncertaintyOf({ aggregate, baseline, points }).map(({ interval }) => interval!)
  return intervals.filter(([low, high], index) => low <= truths[index]! && truths[index]! <= high).length / count
}

const between = (low: number, high: number) => low + random.uniform() * (high - low)
const rateChoices: [string, () => number[]][] = [
  ["the best point's", () => best],
  ["the baseline's", () => ofBaseline],
  ['any', () => questions.map(() => random.uniform())],
  ['around the study', () => [between(0.15, 0.55), between(0.5, 0.8), between(0.25, 0.55), between(0.04, 0.19)]],
  ['near 0', () => questions.map(() => between(0.01, 0.06))],
  ['near 1', () => questions.map(() => between(0.94, 0.99))],
  ['one of 40 questions now and then', () => [0.02, 0.5, 0.3, 0.05]],
]

test.each(rateChoices)('the 95 percent interval covers 93 to 97 percent of 2,000 points, rates: %s', (_, ratesOf) => {
  const covered = coverage('harmonic-mean', 2000, ratesOf)
  expect(covered).toBeGreaterThanOrEqual(0.93)
  expect(covered).toBeLessThanOrEqual(0.97)
})

test.each(aggregates.slice(1))('so it does for the %s', (aggregate) => {
  const covered = coverage(aggregate, 2000, rateChoices[2]![1])
  expect(covered).toBeGreaterThanOrEqual(0.93)
  expect(covered).toBeLessThanOrEqual(0.97)
})

test('a minimum over benchmarks that stand level is covered too, though it always looks too low', () => {
  expect(coverage('minimum', 2000, () => ofBaseline)).toBeGreaterThan(0.92)
})

test.each([1, 18, 400, 3500])('the chances of %d points to be the best sum to 1', (count) => {
  const points = Array.from({ length: count }, () => measure(rateChoices[3]![1]()))
  for (const aggregate of count > 100 ? (['harmonic-mean'] as const) : aggregates) {
    const sum = uncertaintyOf({ aggregate, baseline, points }).reduce((total, one) => total + one.chanceOfBest!, 0)
    expect(sum).toBeCloseTo(1, 9)
  }
})

test('of scores that only luck tells apart no chance is stated, and each may be the best; a clear winner has it all', () => {
  const counts = Object.fromEntries(
    names.map((name, index) => [name, { correct: questions[index]! / 2, total: questions[index]! }]),
  )
  const alike = [1, 2, 3, 4].map(() => ({ score: 1, counts }))
  const close = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points: alike })
  expect(close.map((one) => one.chanceOfBest)).toEqual([null, null, null, null])
  expect(isMostlyLuck(close.map((one) => ({ ...one, score: 1 })))).toBe(true)
  expect(close.map((one) => one.tiedWithBest)).toEqual([false, true, true, true])
  const winner = {
    score: 2,
    counts: Object.fromEntries(names.map((name) => [name, { correct: 900, total: 1000 }])),
  }
  const found = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points: [...alike, winner] })
  expect(found.map((one) => one.tiedWithBest)).toEqual([false, false, false, false, false])
  expect(found.at(-1)!.chanceOfBest).toBeGreaterThan(0.999)
})

test("a point's interval stays the same when others come and go, and is the same every time", () => {
  const points = [1, 2, 3].map(() => measure(best))
  const all = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points })
  const alone = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points: [points[1]!] })
  expect(alone[0]!.interval).toEqual(all[1]!.interval)
  expect(uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points })).toEqual(all)
})

test("the published best point's interval is about as wide as its 40 questions allow", () => {
  const counts = Object.fromEntries(
    names.map((name, index) => [
      name,
      { correct: Math.round(best[index]! * questions[index]!), total: questions[index]! },
    ]),
  )
  const points = [{ score: 1.0758890919394155, counts }]
  const interval = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points })[0]!.interval!
  expect(interval[0]).toBeGreaterThan(0.9)
  expect(interval[0]).toBeLessThan(1)
  expect(interval[1]).toBeGreaterThan(1.14)
  expect(interval[1]).toBeLessThan(1.22)
})

test('without counts there is no interval, and with one such point nobody knows who is the best', () => {
  const points: MeasuredPoint[] = [
    measure(best),
    { score: 0.9, counts: {} },
    { score: null, counts: {} },
    { ...measure(best), score: null },
  ]
  const found = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points })
  expect(found.map((one) => one.interval !== null)).toEqual([true, false, false, false])
  expect(found.map((one) => one.chanceOfBest)).toEqual([null, null, null, null])
  const unsure = [points[0]!, measure(best), { score: 9, counts: {} }]
  expect(uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points: unsure }).some((one) => one.tiedWithBest)).toBe(
    false,
  )
  // without the point that has no counts, they can be told
  expect(uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points: points.slice(2) })).toEqual([
    { interval: null, chanceOfBest: null, tiedWithBest: false },
    { interval: null, chanceOfBest: null, tiedWithBest: false },
  ])
  expect(
    uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points: [points[0]!, points[2]!] })[0]!.chanceOfBest,
  ).toBe(1)
})

test.each([
  { correct: 3, total: 0 },
  { correct: 41, total: 40 },
  { correct: -1, total: 40 },
  { correct: Number.NaN, total: 40 },
  null,
])('counts %j are none', (counts) => {
  const point = { score: 1, counts: { A: counts } }
  expect(uncertaintyOf({ aggregate: 'minimum', baseline: { A: 0.5 }, points: [point] })[0]!.interval).toBeNull()
  if (counts) expect(accuracyInterval(counts)).toBeNull()
})

test.each(aggregates)('a score of none or of all questions right belongs to its interval: %s', (aggregate) => {
  for (const correct of [0, 40]) {
    const counts = { A: { correct, total: 40 }, B: { correct: 20, total: 40 } }
    const score = aggregateRatios(aggregate, [correct / 40 / 0.5, 1])
    const [low, high] = uncertaintyOf({
      aggregate,
      baseline: { A: 0.5, B: 0.5 },
      points: [{ score, counts }],
    })[0]!.interval!
    expect(low).toBeLessThanOrEqual(score)
    expect(high).toBeGreaterThanOrEqual(score)
    expect(high - low).toBeGreaterThan(0.05)
  }
})

test("an accuracy's interval covers about 95 % for any rate, and holds the accuracy", () => {
  for (const total of [40, 675]) {
    let covered = 0
    for (let round = 0; round < 4000; round++) {
      const rate = random.uniform()
      let correct = 0
      for (let question = 0; question < total; question++) if (random.uniform() < rate) correct += 1
      const [low, high] = accuracyInterval({ correct, total })!
      expect(low).toBeLessThanOrEqual(correct / total)
      expect(high).toBeGreaterThanOrEqual(correct / total)
      if (low <= rate && rate <= high) covered += 1
    }
    expect(covered / 4000).toBeGreaterThan(0.935)
    expect(covered / 4000).toBeLessThan(0.965)
  }
  expect(accuracyInterval({ correct: 0, total: 40 })![0]).toBe(0)
  expect(accuracyInterval({ correct: 40, total: 40 })![1]).toBe(1)
})

test('where trainings were stopped early the highest and what was stopped are drawn towards the others, and nobody else', () => {
  const rates = (factor: number) => ofBaseline.map((rate) => rate * factor)
  const points = [1.2, 1.05, 1, 0.95, 0.8].map((factor) => measure(rates(factor)))
  const order = points.map((_, at) => at).toSorted((a, b) => points[b]!.score! - points[a]!.score!)
  const [highest, ...others] = order
  const lowest = others.pop()!
  const plain = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points })
  const stopped = points.map((point, at) => ({ ...point, givenUp: at === lowest }))
  const found = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points: stopped })
  const middleOf = ({ interval }: (typeof found)[number]) => (interval![0] + interval![1]) / 2
  expect(middleOf(found[highest!]!)).toBeLessThan(middleOf(plain[highest!]!))
  expect(middleOf(found[lowest]!)).toBeGreaterThan(middleOf(plain[lowest]!))
  for (const at of others) expect(found[at]!.interval).toEqual(plain[at]!.interval)
})
