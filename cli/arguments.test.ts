import { expect, test } from 'vitest'
import { help, readArguments, usage } from './arguments.ts'

test('a file, and what else may be said', () => {
  expect(readArguments(['a.yaml'])).toEqual({
    file: 'a.yaml',
    json: false,
    data: null,
    afresh: false,
    continued: false,
    overwrite: false,
    plan: false,
  })
  expect(readArguments(['--json', '--data', 'd', 'a.yaml', '--new'])).toEqual({
    file: 'a.yaml',
    json: true,
    data: 'd',
    afresh: true,
    continued: false,
    overwrite: false,
    plan: false,
  })
  expect(readArguments(['--data=d', '--', '--odd-name.yaml'])).toMatchObject({ file: '--odd-name.yaml', data: 'd' })
  expect(readArguments(['-h'])).toBe('help')
  expect(help).toContain(usage)
})

test.each([
  [[], 'There is no sweep file among the arguments'],
  [['a.yaml', 'b.yaml'], 'There are 2 files (a.yaml, b.yaml); expected one.'],
  [['a.yaml', '--fast'], "Unknown option '--fast'"],
  [['a.yaml', '--data'], '--data'],
  [['a.yaml', '--data', ''], '--data is empty; expected a folder.'],
  [['a.yaml', '--json=yes'], '--json'],
])('%j is refused', (given, message) => {
  expect(readArguments(given)).toEqual({ problem: expect.stringContaining(message) })
})
