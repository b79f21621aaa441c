import { expect, test } from 'vitest'
import { aggregateRatios, countsOf, scoreResults } from './score.ts'
import { aggregates } from '../sweep/sweep.ts'

const baseline = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }
const best = {
  AMC23: { accuracy: null, correct: 16, total: 40 },
  GSM8k: { accuracy: null, correct: 933, total: 1319 },
  MATH500: { accuracy: null, correct: 206, total: 500 },
  OlympiadBench: { accuracy: null, correct: 73, total: 675 },
}
const harmonic = (results: Parameters<typeof scoreResults>[0]['results']) =>
  scoreResults({ aggregate: 'harmonic-mean', baseline, results })

test('the published best point has its published score to the last digit', () => {
  expect(harmonic(best).score).toBe(1.0758890919394155)
})

test('the score is the same to the last digit whatever the order of the benchmarks', () => {
  const reversed = Object.fromEntries(Object.entries(baseline).toReversed())
  expect(scoreResults({ aggregate: 'harmonic-mean', baseline: reversed, results: best }).score).toBe(1.0758890919394155)
})

test('an accuracy is used as it is given; counts, where reported, go before it', () => {
  const one = { baseline: { A: 0.5 }, aggregate: 'arithmetic-mean' as const }
  expect(scoreResults({ ...one, results: { A: { accuracy: 0.123 } } }).score).toBe(0.246)
  expect(scoreResults({ ...one, results: { A: { accuracy: 0.33, correct: 1, total: 3 } } }).score).toBe(1 / 3 / 0.5)
  expect(scoreResults({ ...one, results: { A: { accuracy: 0.33, correct: null, total: 3 } } }).score).toBe(0.66)
})

test('benchmarks that the baseline lacks do not count, even broken ones', () => {
  const results = { ...best, Extra: { accuracy: 7 }, toString: { accuracy: 0.1 } }
  expect(harmonic(results)).toEqual(harmonic(best))
  expect(Object.keys(harmonic(results).ratios)).toEqual(Object.keys(baseline))
})

test('an accuracy of 0 makes a harmonic and a geometric mean 0', () => {
  const results = { ...best, AMC23: { accuracy: 0 } }
  const scores = aggregates.map((aggregate) => scoreResults({ aggregate, baseline, results }))
  expect(scores.map(({ score, error }) => [score, error])).toEqual([
    [0, null],
    [0, null],
    [expect.closeTo(0.762708, 6), null],
    [0, null],
  ])
})

test.each([
  [undefined, 'AMC23 is missing'],
  [{ accuracy: null }, 'AMC23 is missing'],
  [
    { accuracy: null, error: 'its accuracy is "high", which is not a number.' },
    'AMC23: its accuracy is "high", which is not a number.',
  ],
  [{ accuracy: Number.NaN }, "AMC23's accuracy is NaN"],
  [{ accuracy: Number.POSITIVE_INFINITY }, "AMC23's accuracy Infinity is not within 0 to 1."],
  [{ accuracy: 1.0000001 }, 'is not within 0 to 1'],
  [{ accuracy: 40 }, "AMC23's accuracy 40 is not within 0 to 1 (a percentage?"],
  [{ accuracy: -0.1 }, "AMC23's accuracy -0.1 is not within 0 to 1"],
  [{ accuracy: 'x' as unknown as number }, `AMC23's accuracy "x" is not a number`],
  [{ accuracy: null, correct: 41, total: 40 }, "AMC23's accuracy 41 of 40 is not within 0 to 1"],
  [{ accuracy: null, correct: 0, total: 0 }, 'AMC23 has no questions'],
])('%j gives no score and the reason', (result, message) => {
  const { AMC23: _, ...others } = best
  const scored = harmonic(result ? { ...others, AMC23: result } : others)
  expect(scored.score).toBeNull()
  expect(scored.error).toContain(message)
  expect(scored.ratios).toEqual({
    GSM8k: expect.any(Number),
    MATH500: expect.any(Number),
    OlympiadBench: expect.any(Number),
  })
})

test('the error names every benchmark without an accuracy', () => {
  expect(harmonic({ AMC23: best.AMC23, GSM8k: { accuracy: 3 } }).error).toBe(
    "No score: GSM8k's accuracy 3 is not within 0 to 1 (a percentage? 0.5 stands for 50 %); MATH500 is missing: there is no accuracy for it; OlympiadBench is missing: there is no accuracy for it.",
  )
})

test('an inherited name is no result', () => {
  expect(scoreResults({ aggregate: 'minimum', baseline: { toString: 0.5 }, results: {} }).score).toBeNull()
})

test('the four means of 1/2 and 2', () => {
  expect(aggregates.map((aggregate) => aggregateRatios(aggregate, [0.5, 2]))).toEqual([0.8, 1, 1.25, 0.5])
})

test('the means keep their order, lie between the extremes and scale with the ratios', () => {
  let seed = 11
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  for (let round = 0; round < 1000; round++) {
    const ratios = Array.from({ length: 1 + Math.floor(random() * 6) }, () => random() * 3 + 1e-6)
    const [harmonicMean, geometric, arithmetic, minimum] = aggregates.map((name) => aggregateRatios(name, ratios))
    expect(minimum).toBeLessThanOrEqual(harmonicMean! * (1 + 1e-12))
    expect(harmonicMean).toBeLessThanOrEqual(geometric! * (1 + 1e-12))
    expect(geometric).toBeLessThanOrEqual(arithmetic! * (1 + 1e-12))
    expect(arithmetic).toBeLessThanOrEqual(Math.max(...ratios) * (1 + 1e-12))
    for (const name of aggregates) {
      expect(
        aggregateRatios(
          name,
          ratios.map((ratio) => ratio * 2),
        ) / aggregateRatios(name, ratios),
      ).toBeCloseTo(2, 10)
    }
  }
})

test('counts of an accuracy are the nearest whole numbers', () => {
  expect(countsOf(0.707, 1319)).toEqual({ correct: 933, total: 1319 })
  expect(countsOf(0.4, 40)).toEqual({ correct: 16, total: 40 })
  expect(countsOf(1, 3)).toEqual({ correct: 3, total: 3 })
  expect(countsOf(0, 3)).toEqual({ correct: 0, total: 3 })
})
