import { expect, test } from 'vitest'
import { type Column, linesWithin, withRange } from './parallel-columns.ts'

const column = (key: string, values: (number | null)[]): Column => ({
  key,
  title: key,
  low: 0.1,
  high: 0.7,
  step: 0.003,
  values,
  ticks: [],
  wordsOf: String,
})

test('a range that ends where the column ends keeps what stands there, whatever rounding did', () => {
  const score = column('score', [0.1, 0.5, 0.7])
  const ranges = withRange({}, score, [0.4, 0.7 - 1e-16 * 4])
  expect(linesWithin([score], ranges, 3)).toEqual([1, 2])
  expect(linesWithin([score], withRange({}, score, [0.1 + 1e-12, 0.2]), 3)).toEqual([0])
})

test('a range over the whole column is none, and keeps what was not measured', () => {
  const [score, other] = [column('score', [0.1, 0.5, 0.7]), column('other', [null, 0.2, 0.3])]
  const both = withRange(withRange({}, score, [0.4, 0.7]), other, [0.15, 0.25])
  expect(linesWithin([score, other], both, 3)).toEqual([1])
  const cleared = withRange(withRange(both, other, [0.1, 0.7]), score, [0.1, 0.7])
  expect(cleared).toEqual({})
  expect(linesWithin([score, other], cleared, 3)).toEqual([0, 1, 2])
})
