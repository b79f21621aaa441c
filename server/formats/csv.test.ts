import { expect, test } from 'vitest'
import { csvCell, csvTable } from './csv.ts'

test.each([
  '=1+1',
  '+1',
  '@SUM(A1)',
  '-1+cmd|calc',
  '-A1',
  '--1',
  '-',
  '-1e5x',
  '-1.2.3',
  '\t=1',
  '\r=1',
  '\n=1',
  '-.',
  '-1e',
])('a spreadsheet runs nothing of the text %j', (text) => {
  expect(csvCell(text).replaceAll('"', '')).toBe(`'${text}`)
})

test.each(['-1', '-1.5', '-.5', '-1e-5', '-1.5E+3', '-2.', '1e-5', 'a=b', 'run-3', ''])(
  'the text %j stays as it is',
  (text) => {
    expect(csvCell(text)).toBe(text)
  },
)

test('numbers are never texts, and a text of 100,000 digits takes no time', () => {
  expect(csvTable([[-1, null, undefined, true, -0.5]])).toBe('-1,,,true,-0.5\r\n')
  const startedAt = performance.now()
  csvCell(`-${'1'.repeat(1_000_000)}x`)
  expect(performance.now() - startedAt).toBeLessThan(1000)
})
