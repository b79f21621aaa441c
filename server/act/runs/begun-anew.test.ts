/** An events file that becomes another while it is read: nothing is lost, nothing doubled, and it is said on the run. */
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listEvents } from '../../../db/queries/events.ts'
import { findAttempt, insertAttempt } from '../../../db/queries/attempts.ts'
import { insertJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { readConfig } from '../../base/process/config.ts'
import { openDataFolder } from '../../open.ts'
import { checkData, rereadMetrics } from '../system/check-data.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { tailAttempt } from './tail-attempt.ts'

let folder: string
let context: Context
let close: () => void
let job: JobRow
let file: string
function open(): void {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_SLOTS: '1' }, folder))
  if (!('context' in opened)) throw new Error('held')
  ;({ context, close } = opened)
}
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-anew-'))
  open()
  const definition = { name: 'x', axes: { a: ['1'] }, train: { command: ['true'] }, score: { baseline: { B: 0.5 } } }
  const { id } = createSweep(context, { definition, directory: folder })
  ;[job] = insertJobs(context.database, [
    { sweepId: id, kind: 'training', number: 9, params: {}, status: 'running', slotCount: 1, attempt: 1 },
  ]) as [JobRow]
  insertAttempt(context.database, { jobId: job.id, number: 1, status: 'running', slots: [], claimedAt: 1 })
  mkdirSync(attemptFolder(context, job.id, 1), { recursive: true })
  file = path.join(attemptFolder(context, job.id, 1), 'events.jsonl')
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

const line = (step: number, loss = step / 8) =>
  `{"type":"metrics","step":${step},"values":{"loss":${loss},"acc":NaN}}\n`
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index)).join('')
const sample = (step: number) => `{"type":"sample","step":${step},"prompt":"p","response":"r","reward":1}\n`
const note = (text: string) => `{"type":"note","level":"info","text":"${text}"}\n`
const read = (ended = false) => tailAttempt(context, job, { ended })
const steps = () => [...context.series.values(job.id, 'loss', 1)].map(({ step }) => step)
const told = () => listEvents(context.database, job.id, ['problem'], 99).map(({ body }) => String(body.message))
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
const anew = [expect.stringMatching(/was begun anew or written over.* those \d+ that had been read/)]

/** What a program does to the file after steps 1 to 12 were read; in the end 1 to 20 were written. */
test.each<[string, () => void]>([
  ['moved away, the next begins shorter', () => (renameSync(file, `${file}.1`), writeFileSync(file, lines(13, 20)))],
  [
    'truncated in place, then written anew with all there was',
    () =>
      writeFileSync(file, line(1) + line(2, 0.25) + lines(3, 11) + line(12).replace('NaN', '"NaN"') + lines(13, 20)),
  ],
  ['truncated in place, what came next is longer', () => writeFileSync(file, note('x'.repeat(4000)) + lines(13, 20))],
  [
    'replaced by rename, the beginning is gone',
    () => (writeFileSync(`${file}.part`, lines(5, 20)), renameSync(`${file}.part`, file)),
  ],
  [
    'set back to an earlier step, and gone on from there',
    () => (truncateSync(file, lines(1, 7).length), read(), appendFileSync(file, lines(8, 20))),
  ],
  [
    'shrunk to nothing, seen so, then grown',
    () => (writeFileSync(file, ''), read(), writeFileSync(file, lines(13, 20))),
  ],
  [
    'shrunk, seen half written, then whole',
    () => (writeFileSync(file, lines(1, 3)), read(), appendFileSync(file, lines(4, 20))),
  ],
  [
    'of the same length as before',
    () => (writeFileSync(file, lines(1, 12).replace('"step":12', '"step":13')), appendFileSync(file, lines(14, 20))),
  ],
  ['gone for a look', () => (rmSync(file), read(), writeFileSync(file, lines(13, 20)))],
])('%s: every step once, said on the run', (_what, change) => {
  writeFileSync(file, lines(1, 12))
  read()
  change()
  read()
  appendFileSync(file, line(21))
  read(true)
  expect(new Set(steps())).toEqual(new Set(upTo(21)))
  expect(steps()).toHaveLength(21)
  expect(told()).toEqual(anew)
})

test('the new file is longer than what was read, and begins with other lines', () => {
  writeFileSync(file, lines(1, 12))
  read()
  renameSync(file, `${file}.1`)
  writeFileSync(file, lines(13, 60))
  read()
  expect(steps()).toEqual(upTo(60))
  expect(told()).toEqual(anew)
})

test('another file of exactly as many bytes as were read is another', () => {
  writeFileSync(file, lines(10, 19))
  read()
  renameSync(file, `${file}.1`)
  writeFileSync(file, lines(20, 29))
  read()
  expect(steps()).toEqual(upTo(29).slice(9))
})

test.each<[string, () => void]>([
  [
    'set back and gone on from there between two looks, as before',
    () => (truncateSync(file, 99), writeFileSync(file, lines(1, 20))),
  ],
  ['copied over itself', () => writeFileSync(file, lines(1, 12) + lines(13, 20))],
  [
    'replaced by a file that begins the same',
    () => (writeFileSync(`${file}.part`, lines(1, 20)), renameSync(`${file}.part`, file)),
  ],
  [
    'appended to by two writers in turn',
    () => (appendFileSync(file, lines(13, 15)), appendFileSync(file, lines(16, 20))),
  ],
])('%s: it is the same, and nothing is said', (_what, change) => {
  writeFileSync(file, lines(1, 12))
  read()
  change()
  read(true)
  expect(steps()).toEqual(upTo(20))
  expect(told()).toEqual([])
})

test('samples, notes, unknown events and lines that are none are not taken twice, and new ones are', () => {
  const first = sample(1) + sample(2) + note('one') + '{"type":"mine","step":1}\nno json\n'
  writeFileSync(file, first)
  read()
  writeFileSync(file, `${note('before all')}${first}${sample(2).replace('"r"', '"other"')}${note('two')}`)
  read(true)
  const count = (type: 'sample' | 'note' | 'unknown') => listEvents(context.database, job.id, [type], 99).length
  expect([count('sample'), count('note'), count('unknown')]).toEqual([3, 3, 1])
  expect(told().filter((text) => text.includes('begun anew'))).toHaveLength(1)
})

test('a program that writes it over and over is told when that doubles', () => {
  for (let round = 1; round <= 20; round++) {
    writeFileSync(file, `${note(`round ${round}`)}${lines(1, round)}`)
    read()
  }
  expect(steps()).toEqual(upTo(20))
  // 1, 2, 4, 8, 16
  expect(told()).toHaveLength(5)
})

test('a server that was started anew meanwhile finds it out, too', () => {
  writeFileSync(file, lines(1, 12))
  read()
  close()
  renameSync(file, `${file}.1`)
  writeFileSync(file, lines(13, 60))
  open()
  read(true)
  expect(steps()).toEqual(upTo(60))
  expect(told()).toEqual(anew)
})

test('an attempt of a version that remembered nothing is read on as before', () => {
  writeFileSync(file, lines(1, 12))
  read()
  context.database.$client.exec('update attempts set event_file = null')
  appendFileSync(file, lines(13, 20))
  read()
  expect(steps()).toEqual(upTo(20))
  expect(findAttempt(context.database, job.id, 1)!.eventFile).toMatchObject({ tailBytes: expect.any(Number) })
})

test('a repair leaves metrics that no file has any more', () => {
  writeFileSync(file, lines(1, 12))
  read()
  renameSync(file, `${file}.1`)
  writeFileSync(file, lines(13, 60))
  read(true)
  expect(rereadMetrics(context, job.id)).toMatchObject({
    mended: false,
    text: expect.stringContaining('was begun anew'),
  })
  expect(steps()).toEqual(upTo(60))
  expect(checkData(context).problems).toEqual([])
})
