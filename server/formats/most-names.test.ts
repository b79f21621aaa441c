import { expect, test } from 'vitest'
import { leftOutSentence, limitMetrics, mostMetrics, mostNameCharacters } from './most-names.ts'

const row = (...names: string[]) => ({
  step: 1,
  time: null,
  values: Object.fromEntries(names.map((name) => [name, 1])),
})
const many = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`)

test('names beyond the most are taken out of every row, those known before are not', () => {
  const known = many(mostMetrics - 1)
  const rows = [row('m0', 'new', 'newer'), row('newer', 'm5'), row('newest')]
  expect([...limitMetrics(known, rows)]).toEqual(['newer', 'newest'])
  expect(rows.map(({ values }) => Object.keys(values))).toEqual([['m0', 'new'], ['m5'], []])
})

test('few names stay as they are, whatever they are called; one that is too long does not', () => {
  const rows = [row('loss', '__proto__', 'constructor', 'x'.repeat(mostNameCharacters))]
  expect(limitMetrics([], rows).size).toBe(0)
  expect(Object.keys(rows[0]!.values)).toHaveLength(4)
  const long = 'x'.repeat(mostNameCharacters + 1)
  expect([...limitMetrics([], [row(long)])]).toEqual([long])
})

test('the sentence names the first and says how many', () => {
  expect(leftOutSentence('metrics', 20, new Set(['a']))).toMatch(/^"a" is not shown: at most 20 metrics/)
  expect(leftOutSentence('benchmarks', 20, new Set(['a', 'b', 'c']))).toMatch(/^"a" and 2 more are not shown/)
  expect(leftOutSentence('metrics', 20, new Set(['x'.repeat(4000)])).length).toBeLessThan(400)
})
