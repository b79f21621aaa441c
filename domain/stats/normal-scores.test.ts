import { expect, test } from 'vitest'
import { normalQuantile } from './normal.ts'
import { normalScores } from './normal-scores.ts'

test('values have the scores of their ranks, equal ones the same, however far apart they are', () => {
  const near = normalScores([1, 2, 2, 3, 4])
  const far = normalScores([-1e6, 2, 2, 3, 400])
  const expected = [0.1, 0.4, 0.4, 0.7, 0.9].map(normalQuantile)
  for (const [place, value] of [1, 2, 2, 3, 4].entries()) expect(near.scoreOf(value)).toBeCloseTo(expected[place]!, 9)
  expect(far.scoreOf(-1e6)).toBe(near.scoreOf(1))
  expect(far.scoreOf(400)).toBe(near.scoreOf(4))
})

test('they rise, and go back to the values they came from, between and beyond those that were seen too', () => {
  const { scoreOf, valueOf } = normalScores([-3, 0, 0.5, 0.51, 2])
  const values = Array.from({ length: 101 }, (_, at) => -6 + at / 10)
  const scores = values.map(scoreOf)
  for (const [at, score] of scores.entries()) {
    expect(valueOf(score)).toBeCloseTo(values[at]!, 9)
    if (at > 0) expect(score).toBeGreaterThan(scores[at - 1]!)
  }
})

test('of values that are all alike nothing is known', () => {
  const { scoreOf, valueOf } = normalScores([0.3, 0.3])
  expect([scoreOf(0.3), scoreOf(9), valueOf(0), valueOf(1)]).toEqual([0, 0, 0.3, 0.3])
})
