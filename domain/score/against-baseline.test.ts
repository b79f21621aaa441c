import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { aggregates } from '../sweep/sweep.ts'
import { intervalAgainstBaseline } from './against-baseline.ts'
import { scoreInterval } from './score-interval.ts'

const totals = [40, 1319, 500]
const rates = [0.3, 0.7, 0.4]
const random = createRandom(8)
const measure = () =>
  rates.map((rate, at) => ({
    total: totals[at]!,
    correct: Array.from({ length: totals[at]! }, () => Number(random.uniform() < rate)).reduce(
      (sum, one) => sum + one,
      0,
    ),
  }))

test.each(aggregates.filter((aggregate) => aggregate !== 'minimum'))(
  'a checkpoint that is as good as its baseline is called so in about 95 of 100 cases: %s',
  (aggregate) => {
    let [with_, without] = [0, 0]
    const rounds = 600
    for (let round = 0; round < rounds; round++) {
      const [own, baseline] = [measure(), measure()]
      const [low, high] = intervalAgainstBaseline(
        aggregate,
        own.map((counts, at) => ({ own: counts, baseline: baseline[at]!, correlation: 0 })),
      )
      with_ += Number(low <= 1 && high >= 1)
      const [from, to] = scoreInterval(aggregate, {
        correct: own.map(({ correct }) => correct),
        total: totals,
        baseline: baseline.map(({ correct, total }) => correct / total),
      })
      without += Number(from <= 1 && to >= 1)
    }
    expect(with_ / rounds).toBeGreaterThan(0.93)
    expect(with_ / rounds).toBeLessThan(0.98)
    // as if the baseline were known for certain
    expect(without / rounds).toBeLessThan(0.9)
  },
)

test('where both answered the same questions alike, less is left to chance', () => {
  const counts = [{ correct: 200, total: 500 }]
  const width = (correlation: number) => {
    const [low, high] = intervalAgainstBaseline('minimum', [{ own: counts[0]!, baseline: counts[0]!, correlation }])
    return high - low
  }
  expect(width(0.8)).toBeLessThan(0.5 * width(0))
})

test('none and all right still give an interval', () => {
  for (const aggregate of aggregates) {
    const [low, high] = intervalAgainstBaseline(aggregate, [
      { own: { correct: 0, total: 40 }, baseline: { correct: 40, total: 40 }, correlation: 0 },
      { own: { correct: 20, total: 40 }, baseline: { correct: 0, total: 40 }, correlation: 0 },
    ])
    expect(low).toBeGreaterThanOrEqual(0)
    expect(high).toBeGreaterThan(low)
  }
})
