/** What the server asks of an attempt's intake by its folder alone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isIntakeAwaited } from './settle.ts'

test('an ended attempt is waited for until its intake says that all is written; one without an intake never is', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-settle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(isIntakeAwaited(folder)).toBe(false)
  const write = (track: object | null) =>
    writeFileSync(path.join(folder, 'job.json'), JSON.stringify({ run: 1, track }))
  write(null)
  expect(isIntakeAwaited(folder)).toBe(false)
  write({ clients: ['wandb'], files: [], said: [] })
  expect(isIntakeAwaited(folder)).toBe(true)
  mkdirSync(path.join(folder, 'intake'))
  writeFileSync(path.join(folder, 'intake/done'), '')
  expect(isIntakeAwaited(folder)).toBe(false)
})
