import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openQueue } from './queue.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-queue-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = () => path.join(folder, 'calls.jsonl')
const open = () => openQueue<number>(file(), path.join(folder, 'calls.json'), folder)

test('what waits comes back in its order after a kill, without what was sent', () => {
  const first = open()
  for (let call = 0; call < 5; call++) first.add(call)
  first.names.a = 'b'
  first.drop(2)
  const second = open()
  expect([second.next(9), second.names]).toEqual([[2, 3, 4], { a: 'b' }])
  second.drop(1)
  second.add(5)
  expect(open().next(9)).toEqual([3, 4, 5])
})

test('a line that a kill cut off is left out, and what follows it is whole', () => {
  open().add(1)
  appendFileSync(file(), '[2')
  const queue = open()
  queue.add(3)
  expect(open().next(9)).toEqual([1, 3])
})

test('nothing is left on the disk of what was sent, and a queue that began anew is not taken for sent', () => {
  const queue = open()
  queue.add(1)
  queue.drop(1)
  expect(existsSync(file())).toBe(false)
  appendFileSync(file(), '2\n')
  expect(open().next(9)).toEqual([2])
  expect(readFileSync(file(), 'utf8')).toBe('2\n')
})

test('a tracker that is gone for days does not fill the disk', () => {
  const queue = openQueue<string>(file(), path.join(folder, 'calls.json'), folder)
  const large = 'x'.repeat(40 << 20)
  expect([queue.add(large), queue.add(large), queue.add('small'), queue.count()]).toEqual([true, false, true, 2])
})

test('a tracker that is always one call behind does not let the file grow for ever, and nothing is lost or sent again', () => {
  const queue = openQueue<string>(file(), path.join(folder, 'calls.json'), folder)
  const large = 'x'.repeat(8 << 20)
  queue.add(`0 ${large}`)
  for (let call = 1; call <= 20; call++) {
    queue.add(`${call} ${large}`)
    queue.drop(1)
  }
  expect(statSync(file()).size).toBeLessThan(12 * large.length)
  expect(queue.next(9).map((call) => call.slice(0, 3))).toEqual(['20 '])
  queue.add('21')
  const again = openQueue<string>(file(), path.join(folder, 'calls.json'), folder)
  expect(again.next(9).map((call) => call.slice(0, 3))).toEqual(['20 ', '21'])
})
