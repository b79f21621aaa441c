import { expect, test } from 'vitest'
import { aggregates } from '../sweep/sweep.ts'
import { aggregateRatios } from './score.ts'
import { scoreInterval } from './score-interval.ts'

const baseline = [0.3, 0.716]
const total = [40, 200]

/** The ends by looking at every pair of accuracies on a fine grid. */
function byGrid(aggregate: (typeof aggregates)[number], correct: number[]): [number, number] {
  const likely = correct.map((right, at) => {
    const [x, n] = [right + 0.25, total[at]! + 0.5]
    return Array.from({ length: 4000 }, (_, step) => 1 / (1 + Math.exp(12 - (24 * step) / 3999)))
      .map((rate) => ({
        rate: rate / baseline[at]!,
        beyond: 2 * (x * Math.log(x / (n * rate)) + (n - x) * Math.log((n - x) / (n * (1 - rate)))),
      }))
      .filter(({ beyond }) => beyond < 3.8415)
  })
  let [low, high] = [Infinity, -Infinity]
  for (const first of likely[0]!)
    for (const second of likely[1]!) {
      if (first.beyond + second.beyond > 3.8415) continue
      const score = aggregateRatios(aggregate, [first.rate, second.rate])
      low = Math.min(low, score)
      high = Math.max(high, score)
    }
  return [low, high]
}

test.each(aggregates.filter((aggregate) => aggregate !== 'minimum'))(
  'the ends are those of all accuracies that are likely enough: %s',
  (aggregate) => {
    for (const correct of [
      [16, 140],
      [1, 140],
      [0, 199],
      [0, 0],
      [39, 3],
    ]) {
      const [low, high] = scoreInterval(aggregate, { correct, total, baseline })
      const [least, most] = byGrid(aggregate, correct)
      expect(Math.abs(low - least), `low end of ${correct}`).toBeLessThan(0.02 * least + 0.005)
      expect(Math.abs(high - most), `high end of ${correct}`).toBeLessThan(0.02 * most)
    }
  },
)

test.each(aggregates)('more questions narrow it, a larger error widens it: %s', (aggregate) => {
  const width = (times: number, widened = 1) => {
    const counts = { correct: [16 * times, 140 * times], total: total.map((each) => each * times), baseline }
    const [low, high] = scoreInterval(aggregate, counts, widened)
    return high - low
  }
  expect(width(4)).toBeLessThan(0.6 * width(1))
  expect(width(4, 2)).toBeGreaterThan(0.9 * width(1))
})
