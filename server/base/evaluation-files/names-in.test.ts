import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measureSizeBytes } from '../process/measure-size.ts'
import { namesIn } from '../../attempt-files/names-in.ts'
import { traceOf } from './traces.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-many-'))
const count = 25_000
beforeAll(() => {
  for (let at = 0; at < count; at++) writeFileSync(path.join(folder, `sample-${at}`), '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('no more names are read than are asked for, and all of a smaller folder', () => {
  expect(namesIn(folder, 100)).toHaveLength(101)
  expect(new Set(namesIn(folder, count)).size).toBe(count)
  expect(() => namesIn(path.join(folder, 'none'), 1)).toThrow(/ENOENT/)
})

test('of more than is looked at no size and no digest is given, rather than those of a part', () => {
  expect(measureSizeBytes(folder)).toBeNull()
  expect(traceOf(folder)).toMatchObject({ all: null })
})
