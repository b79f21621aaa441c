import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readState, StateFile } from './state-file.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-state-'))
  file = path.join(folder, 'intake/state.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the last state that was written whole is read, wherever a kill cut the next one off', () => {
  const state = new StateFile(file, readState(file))
  for (const count of [1, 2]) state.save({ count })
  const { size } = statSync(file)
  state.save({ count: 3 })
  expect(readState(file)).toEqual({ count: 3 })
  for (let bytes = statSync(file).size - 1; bytes >= size; bytes--) {
    truncateSync(file, bytes)
    expect(readState(file)).toEqual({ count: 2 })
  }
})

test('after a line that was cut off the next state stands on its own', () => {
  new StateFile(file, {}).save({ count: 1 })
  appendFileSync(file, '{"cou')
  const state = new StateFile(file, readState(file))
  state.save({ count: 2 })
  state.save({ count: 3 })
  expect(readState(file)).toEqual({ count: 3 })
  expect(readFileSync(file, 'utf8')).toBe('{"count":2}\n{"count":3}\n')
})

test('a state that stays as it is writes nothing, and the file stays within a few states', () => {
  const state = new StateFile(file, {})
  const text = 'x'.repeat(100_000)
  for (let count = 0; count < 50; count++) state.save({ count, text })
  const { size, mtimeNs } = statSync(file, { bigint: true })
  expect(size).toBeLessThan(5 * text.length)
  state.save({ count: 49, text })
  expect(statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs)
  expect(readState(file)).toEqual({ count: 49, text })
})

test('a file of a version that wrote no line end is read', () => {
  new StateFile(file, {}).save({})
  expect(readState(file)).toEqual({})
  new StateFile(file, {}).save({ count: 1 })
  writeFileSync(file, '{"count":7}')
  expect(readState(file)).toEqual({ count: 7 })
})
