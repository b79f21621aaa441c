import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { chanceOfSpread, expectedScores, spreadOfScores } from './spread.ts'

const random = createRandom(12)
const scores = (count: number, spread: number, noise = 1) =>
  Float64Array.from({ length: count }, () => 5 + spread * random.normal() + noise * random.normal())
const ones = (count: number) => new Float64Array(count).fill(1)

test('whether true scores differ is told from how scores differ', () => {
  expect(chanceOfSpread(spreadOfScores(scores(200, 0), ones(200))!, 0.5)).toBeLessThan(0.2)
  expect(chanceOfSpread(spreadOfScores(scores(200, 2), ones(200))!, 0.5)).toBeGreaterThan(0.99)
  // of two scores nothing is known
  const two = chanceOfSpread(spreadOfScores([5, 5.5], ones(2))!, 0.5)
  expect(two).toBeGreaterThan(0.3)
  expect(two).toBeLessThan(0.8)
})

test('the weights of all spreads sum to 1', () => {
  const { possible } = spreadOfScores(scores(27, 1), ones(27))!
  expect(possible.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
})

test('scores are drawn together by the share that luck has in them', () => {
  const found = expectedScores(scores(400, 1), ones(400))!
  expect(found.mean).toBeCloseTo(5, 0)
  const measured = scores(400, 3)
  const apart = expectedScores(measured, ones(400))!
  const spreadOf = (values: Float64Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - 5) ** 2, 0) / values.length)
  expect(spreadOf(apart.estimates) / spreadOf(measured)).toBeGreaterThan(0.85)
})

test('one that is truly far ahead of many equals keeps most of its lead', () => {
  const { estimates } = expectedScores([...scores(60, 0.3), 25], ones(61))!
  expect(estimates.at(-1)).toBeGreaterThan(23)
})

test('values without noise, or one alone, have no answer', () => {
  expect(expectedScores([1, 2], [0, 0])).toBeNull()
  expect(spreadOfScores([1, 2], [0, 0])).toBeNull()
  expect(expectedScores([1], [1])).toBeNull()
  expect(spreadOfScores([1], [1])).toBeNull()
})
