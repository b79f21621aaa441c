import { expect, test } from 'vitest'
import { UnreadableFile } from '../attempt-files/open-file.ts'
import { isHopeless, isOfTheMachine, withError, type Trouble } from './job-trouble.ts'

function after(times: number, error: unknown): Trouble {
  let trouble: Trouble | undefined
  for (let at = 0; at < times; at++) trouble = withError(trouble, error, trouble?.nextAt ?? 1000)
  return trouble!
}

test('pauses grow, up to half a minute', () => {
  const error = new Error('no')
  const pauses = Array.from({ length: 12 }, (_, at) => {
    const before = after(at + 1, error)
    return withError(before, error, 0).nextAt
  })
  expect(pauses.slice(0, 5)).toEqual([400, 800, 1600, 3200, 6400])
  expect(pauses.at(-1)).toBe(30_000)
})

test('a pipe where a file was to be ends the attempt after a few seconds, and one that has ended at the second look', () => {
  const error = new UnreadableFile('events.jsonl is a named pipe')
  expect(isHopeless(after(5, error), error, { lives: true, asked: false, now: 20_000 })).toBe(false)
  expect(isHopeless(after(6, error), error, { lives: true, asked: false, now: 20_000 })).toBe(true)
  expect(isHopeless(after(1, error), error, { lives: false, asked: false, now: 1000 })).toBe(false)
  expect(isHopeless(after(2, error), error, { lives: false, asked: false, now: 1000 })).toBe(true)
  expect(isHopeless(after(2, new Error('no')), new Error('no'), { lives: false, asked: true, now: 1000 })).toBe(true)
  expect(after(6, error).nextAt).toBeLessThan(15_000)
})

test('an error that may pass does not end a training that lives for ten minutes, and one that has ended at once', () => {
  const error = new Error('stale file handle')
  expect(isHopeless(after(50, error), error, { lives: true, asked: false, now: 500_000 })).toBe(false)
  expect(isHopeless(after(50, error), error, { lives: true, asked: false, now: 700_000 })).toBe(true)
  expect(isHopeless(after(6, error), error, { lives: false, asked: false, now: 8000 })).toBe(true)
})

test.each(['SQLITE_FULL', 'ENOSPC', 'SQLITE_IOERR_WRITE', 'EMFILE', 'SQLITE_READONLY_DBMOVED'])(
  '%s is the machine’s, no attempt’s',
  (code) => {
    expect(isOfTheMachine(Object.assign(new Error('no'), { code }))).toBe(true)
  },
)

test.each(['ENOTDIR', 'EISDIR', 'EACCES', 'SQLITE_CONSTRAINT_FOREIGNKEY', undefined])('%s is the attempt’s', (code) => {
  expect(isOfTheMachine(Object.assign(new Error('no'), { code }))).toBe(false)
})
