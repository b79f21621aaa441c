import { expect, test } from 'vitest'
import { compileFilter } from './passing.ts'
import { comparisonOf, type FieldValue, type FilterField, filterNames, parseFilter } from './filter.ts'

const fields: FilterField[] = [
  { name: 'batch_size', kind: 'text' },
  { name: 'learning_rate', kind: 'text' },
  { name: 'optimizer', kind: 'text' },
  { name: 'score', kind: 'number' },
  { name: 'GSM8k', kind: 'share' },
  { name: 'chance of best', kind: 'share' },
]

type Row = Record<string, FieldValue>
const rows: Row[] = [
  { batch_size: '128', learning_rate: '1e-5', optimizer: 'adam', score: 1.013, GSM8k: 0.717, 'chance of best': 0.057 },
  { batch_size: '512', learning_rate: '2e-5', optimizer: 'Lion', score: 1.076, GSM8k: 0.707, 'chance of best': 0.292 },
  { batch_size: '0512', learning_rate: '4e-5', optimizer: 'adam', score: null, GSM8k: null, 'chance of best': null },
]

/** Numbers of the rows that pass. */
function passing(text: string): number[] {
  const { filter, error } = parseFilter(text, fields)
  expect(error).toBeNull()
  const places = [...rows.keys()]
  if (filter === null) return places
  const passes = compileFilter(filter, {
    condition: (field, test) => (row) => test(rows[row]![field] ?? null),
    word: (holds) => (row) => Object.values(rows[row]!).some((value) => typeof value === 'string' && holds(value)),
  })
  return places.filter(passes)
}

test.each<[string, number[]]>([
  ['', [0, 1, 2]],
  ['   ', [0, 1, 2]],
  ['learning_rate < 1.5e-5 and score > 1', [0]],
  ['learning_rate<2e-5', [0]],
  ['learning_rate <= 0.00002', [0, 1]],
  ['score >= 1.013 score < 1.05', [0]],
  ['batch_size = 512', [1, 2]],
  ['batch_size ~ 0512', [2]],
  ['batch_size == 128 or learning_rate = 4e-5', [0, 2]],
  ['not batch_size = 128', [1, 2]],
  ['optimizer = lion', [1]],
  ['OPTIMIZER != adam', [1]],
  ['score != 1.076', [0, 2]],
  ['score > 0', [0, 1]],
  ['GSM8k > 71 %', [0]],
  ['GSM8k > 71%', [0]],
  ['GSM8k > 0.71', [0]],
  ['"chance of best" > 0.1', [1]],
  ['score > 1 and (learning_rate = 4e-5 or optimizer = adam)', [0]],
  ['batch_size = 128 or batch_size = 512 and score > 1', [0, 1]],
  ['lion', [1]],
  ['adam score > 1', [0]],
  ['"e-5"', [0, 1, 2]],
])('%s', (text, expected) => {
  expect(passing(text)).toEqual(expected)
})

test.each([
  ['score >', '“score >” needs a value after it.'],
  ['score > and', '“and”'],
  ['score > high', 'score > needs a number, not “high”.'],
  ['learning_rate < low', 'learning_rate < needs a number, not “low”.'],
  ['skore > 1', 'There is no “skore” here. Known: batch_size, learning_rate'],
  ['GSM8k > 70', 'GSM8k goes from 0 to 1: write 70 % or 0.7.'],
  ['(score > 1', 'A parenthesis is never closed.'],
  ['score > 1)', '“)” closes nothing.'],
  ['> 1', '“>” stands where a name was expected'],
  ['score > 1 and', 'The filter ends where a condition was expected'],
  ['and score > 1', '“and” stands where a condition was expected'],
  ['score > "1', 'The quote at "1 is never closed.'],
  ['score ! 1', '“! 1” is not understood here.'],
])('%s is refused with a sentence that says why', (text, sentence) => {
  const { filter, error } = parseFilter(text, fields)
  expect(filter).toBeNull()
  expect(error).toContain(sentence)
})

test('the names of a filter are those that stand before a comparison, each once', () => {
  expect(filterNames('train/loss < 2 and not ("eval loss" >= 1 or train/loss = 3) word')).toEqual([
    'train/loss',
    'eval loss',
  ])
  expect(filterNames('a < "never closed')).toEqual([])
})

test.each([
  ['digits', '1'.repeat(1_000_000)],
  ['digits that are compared', `score = ${'1'.repeat(1_000_000)}x`],
  ['brackets', '('.repeat(100_000)],
  ['nots', 'not '.repeat(100_000)],
  ['conditions', 'score > 1 '.repeat(100_000)],
  ['blanks before a sign', `1${' '.repeat(1_000_000)}`],
  ['an open quote', `"${'x'.repeat(1_000_000)}`],
])('a million %s are refused at once, with a sentence', (_, text) => {
  const startedAt = performance.now()
  expect(parseFilter(text, fields).error).toMatch(/A filter has at most 2,000 characters; this one has/)
  expect(filterNames(text)).toEqual([])
  expect(performance.now() - startedAt).toBeLessThan(500)
})

test('within the length, depth is refused with a sentence too', () => {
  for (const text of ['('.repeat(1999), 'not '.repeat(499), '(not '.repeat(300)])
    expect(parseFilter(`${text}a`, fields).error).toMatch(/stand at most 100 deep within each other/)
  expect(parseFilter(`${'('.repeat(100)}score > 1${')'.repeat(100)}`, fields).error).toBeNull()
})

test('a held text of a million digits is compared at once', () => {
  const compare = comparisonOf('<', '1')
  const startedAt = performance.now()
  for (const end of ['', 'x', '.', 'e', '%x']) compare('1'.repeat(1_000_000) + end)
  expect(performance.now() - startedAt).toBeLessThan(1000)
})
