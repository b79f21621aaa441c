import { expect, test } from 'vitest'
import { isTripped } from './breaker.ts'

const run = (number: number, status: string, milliseconds: number) => ({
  number,
  status,
  milliseconds,
  error: `Exit code ${number}.`,
})

test('three quick failures in a row trip it, and the sentence quotes the last', () => {
  expect(isTripped([run(5, 'failed', 900), run(4, 'failed', 9_999), run(3, 'failed', 0)])).toBe(
    '3 runs in a row failed within 10 seconds. The last one, run 5: Exit code 5.',
  )
})

test.each([
  ['only two have ended', [run(2, 'failed', 1), run(1, 'failed', 1)]],
  ['one of them took longer', [run(3, 'failed', 1), run(2, 'failed', 10_000), run(1, 'failed', 1)]],
  ['one between them was done', [run(3, 'failed', 1), run(2, 'done', 1), run(1, 'failed', 1)]],
])('it does not trip when %s', (_, newest) => {
  expect(isTripped(newest)).toBeNull()
})
