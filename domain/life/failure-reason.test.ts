import { expect, test } from 'vitest'
import { failureReason } from './failure-reason.ts'
import { lastPages } from './failure-reason.pages.ts'

test.each(lastPages)('$name', ({ log, cause }) => {
  expect(failureReason(log.split('\n'))?.text).toContain(cause)
})

test('the line is the one that names the cause', () => {
  const lines = [
    'step 1',
    'Traceback (most recent call last):',
    '  File "a.py", line 1',
    'ValueError: no pad token',
    'wandb: bye',
  ]
  expect(failureReason(lines)).toEqual({ text: 'ValueError: no pad token', line: 3, weight: 4 })
})

test('a log that says nothing gives no reason', () => {
  expect(failureReason([])).toBeNull()
  expect(failureReason(['', '=====', 'wandb: synced'])).toBeNull()
})

test('a long message is cut; a line of megabytes costs little', () => {
  const reason = failureReason([`ValueError: ${'x'.repeat(5_000_000)}`])!
  expect(reason.text.length).toBe(300)
})
