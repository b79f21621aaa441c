import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { braceAt, orderRows, ranksOf, rowsByScore, sortedBy } from './order.ts'

test('rows sort as a comparing sort would: negative, equal, zero of both signs, infinite and missing keys, both ways', () => {
  const random = createRandom(3)
  const special = [NaN, 0, -0, Infinity, -Infinity, 5e-324, -5e-324, 1, 1, -1]
  // few rows are compared, many are not
  for (const [length, descending] of [
    [300, false],
    [300, true],
    [5000, false],
    [5000, true],
  ] as const) {
    const keys = Float64Array.from({ length }, (_, at) => special[at] ?? Math.round(random.normal() * 50) / 7)
    const rows = Uint32Array.from(keys, (_, at) => (at * 7) % keys.length)
    const expected = [...rows].toSorted((a, b) => {
      const [left, right] = [keys[a]!, keys[b]!]
      if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
      return left === right ? 0 : left < right === descending ? 1 : -1
    })
    expect([...sortedBy(rows, keys, descending)]).toEqual(expected)
  }
})

const scores = Float64Array.of(0.9, NaN, 1.1, 1, 1)

test('best first; equal ones by their number, what has no score last', () => {
  expect([...rowsByScore(scores)]).toEqual([2, 3, 4, 0, 1])
  expect([...ranksOf(rowsByScore(scores))]).toEqual([3, 4, 0, 1, 2])
})

test('ties of a column stay best first both ways, and what it lacks stands last both ways', () => {
  const best = rowsByScore(scores)
  const column = Float64Array.of(1, 1, 2, NaN, 1)
  expect([...orderRows(best, column, false)]).toEqual([4, 0, 1, 2, 3])
  expect([...orderRows(best, column, true)]).toEqual([2, 4, 0, 1, 3])
  const places = Uint32Array.of(2, 0, 1, 0, 1)
  expect([...orderRows(best, places, false)]).toEqual([3, 1, 2, 4, 0])
  expect([...orderRows(best, places, true)]).toEqual([0, 2, 4, 3, 1])
})

test('a column that is gone never turns the order round', () => {
  const best = rowsByScore(scores)
  expect([...orderRows(best, null, false)]).toEqual([...best])
  expect([...orderRows(best, null, true)]).toEqual([...best])
})

test('the bracket knows its ends', () => {
  const tied = new Set([0, 1, 2, 4])
  const braces = [0, 1, 2, 3, 4, 5].map((place) => braceAt(place, (at) => tied.has(at)))
  expect(braces).toEqual(['first', 'middle', 'last', null, 'alone', null])
})
