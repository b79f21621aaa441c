import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFile, openFileHandle, readFileEnd, readWholeFile, UnreadableFile } from './open-file.ts'
import { createFile, replaceFile } from './write-file.ts'

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sweepboard-door-'))
  folder = path.join(root, 'run')
  mkdirSync(folder)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const inRun = (name: string) => path.join(folder, name)
/** How it was refused, from every way to open it. */
async function refusals(file: string): Promise<string[]> {
  const told: string[] = []
  for (const open of [
    () => openFile(file, [folder]),
    () => readWholeFile(file, [folder], 1 << 20),
    () => readFileEnd(file, [folder], 100),
  ]) {
    try {
      open()
      told.push('opened')
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error
      told.push(error.message)
    }
  }
  told.push(
    await openFileHandle(file, [folder]).then(
      (opened) => (opened === null ? 'nothing' : 'opened'),
      (error: Error) => error.message,
    ),
  )
  return told
}

test('a plain file is read, whole and its end, and one that is not there is nothing', async () => {
  writeFileSync(inRun('report.json'), '{"a": 1}')
  expect(readWholeFile(inRun('report.json'), [folder], 100)).toBe('{"a": 1}')
  expect(readFileEnd(inRun('report.json'), [folder], 3)!.toString()).toBe(' 1}')
  const opened = (await openFileHandle(inRun('report.json'), [folder]))!
  expect(opened.stats.size).toBe(8)
  await opened.handle.close()
  for (const name of ['none', 'report.json/none', 'none/none']) {
    expect(readWholeFile(inRun(name), [folder], 100), name).toBeNull()
    expect(await openFileHandle(inRun(name), [folder]), name).toBeNull()
  }
})

test('a named pipe is told at once: opening it does not wait for a writer', async () => {
  execFileSync('mkfifo', [inRun('events.jsonl'), path.join(root, 'outside')])
  symlinkSync('events.jsonl', inRun('link'))
  for (const name of ['events.jsonl', 'link'])
    expect(new Set(await refusals(inRun(name)))).toEqual(
      new Set([`${inRun(name)} is a named pipe, and is not read; a plain file was expected`]),
    )
})

test('folders, sockets, devices, and links to them are told', async () => {
  mkdirSync(inRun('stderr.log'))
  symlinkSync('/dev/zero', inRun('zero'))
  symlinkSync('loop', inRun('loop'))
  symlinkSync('other-loop', inRun('one-loop'))
  symlinkSync('one-loop', inRun('other-loop'))
  const socket = createServer()
  await new Promise<void>((resolve) => socket.listen(inRun('socket'), resolve))
  try {
    expect((await refusals(inRun('stderr.log')))[0]).toMatch(/is a folder, and is not read/)
    expect((await refusals(inRun('zero')))[0]).toMatch(/leads out of the folders of its run/)
    expect(() => openFile(inRun('zero'), 'anywhere')).toThrow(/is a device, and is not read/)
    expect((await refusals(inRun('loop')))[0]).toMatch(/its links lead to themselves/)
    expect((await refusals(inRun('one-loop')))[3]).toMatch(/its links lead to themselves/)
    for (const told of await refusals(inRun('socket'))) expect(told).toMatch(/is no plain file/)
  } finally {
    socket.close()
  }
})

test('links are followed within the run, and nowhere else: not by the file, not by a folder above it, not upwards', async () => {
  writeFileSync(path.join(root, 'secret'), 'secret')
  writeFileSync(inRun('own'), 'own')
  mkdirSync(path.join(root, 'elsewhere'))
  writeFileSync(path.join(root, 'elsewhere/stdout.log'), 'secret')
  symlinkSync(path.join(root, 'secret'), inRun('out'))
  symlinkSync('../secret', inRun('up'))
  symlinkSync(path.join(root, 'elsewhere'), inRun('logs'))
  symlinkSync('own', inRun('within'))
  // a folder whose name only begins as the run's does
  mkdirSync(`${folder}-2`)
  writeFileSync(`${folder}-2/own`, 'secret')
  symlinkSync(`${folder}-2/own`, inRun('neighbour'))
  expect(readWholeFile(inRun('within'), [folder], 100)).toBe('own')
  for (const name of ['out', 'up', 'logs/stdout.log', 'neighbour', '../secret'])
    for (const told of await refusals(inRun(name))) expect(told, name).toMatch(/leads out of the folders of its run/)
})

test('a run folder that is reached over a link of the person’s own is its run’s all the same', () => {
  writeFileSync(inRun('own'), 'own')
  const link = path.join(root, 'data')
  symlinkSync(folder, link)
  expect(readWholeFile(path.join(link, 'own'), [link], 100)).toBe('own')
})

test('a file larger than its kind may be is not read, however little of it is on the disk', async () => {
  writeFileSync(inRun('report.json'), '')
  truncateSync(inRun('report.json'), 1 << 30)
  expect(() => readWholeFile(inRun('report.json'), [folder], 1 << 20)).toThrow(
    /has 1,073,741,824 bytes; at most 1,048,576 are read of it/,
  )
  expect(readFileEnd(inRun('report.json'), [folder], 10)).toHaveLength(10)
})

test.skipIf(process.getuid?.() === 0)('a file that may not be read is told', async () => {
  writeFileSync(inRun('secret'), '')
  chmodSync(inRun('secret'), 0)
  for (const told of await refusals(inRun('secret'))) expect(told).toMatch(/this user may not read it/)
})

test('no descriptor is left open by what was refused', async () => {
  execFileSync('mkfifo', [inRun('pipe')])
  mkdirSync(inRun('folder'))
  for (let round = 0; round < 20; round++)
    for (const name of ['pipe', 'folder', 'none']) await refusals(inRun(name)).catch(() => {})
  expect(openWithin(root)).toEqual([])
})

/** What this process holds open there. */
function openWithin(place: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`)
      return target.startsWith(place) ? [target] : []
    } catch {
      return []
    }
  })
}

test('a file that is written replaces whatever stood there: a pipe, a link, a folder', () => {
  writeFileSync(path.join(root, 'victim'), 'kept')
  execFileSync('mkfifo', [inRun('job.json.part')])
  replaceFile(inRun('job.json'), 'one')
  symlinkSync(path.join(root, 'victim'), inRun('job.json.part'))
  replaceFile(inRun('job.json'), 'two')
  expect(readWholeFile(inRun('job.json'), [folder], 100)).toBe('two')
  mkdirSync(inRun('events.jsonl'))
  closeSync(createFile(inRun('events.jsonl')))
  expect(readWholeFile(inRun('events.jsonl'), [folder], 100)).toBe('')
  expect(readWholeFile(path.join(root, 'victim'), [root], 100)).toBe('kept')
})

test('what is read of an open file stays readable when the path is another by then', () => {
  writeFileSync(inRun('log'), 'first')
  const { descriptor } = openFile(inRun('log'), [folder])!
  rmSync(inRun('log'))
  execFileSync('mkfifo', [inRun('log')])
  const buffer = Buffer.alloc(5)
  expect(readSync(descriptor, buffer, 0, 5, 0)).toBe(5)
  closeSync(descriptor)
})
