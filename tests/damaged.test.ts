/** Pages of the database that something overwrote: said where people look, and nothing is started on them. */
import { spawnSync } from 'node:child_process'
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import SqliteDatabase from 'better-sqlite3'
import { readConfig } from '../server/base/process/config.ts'
import { openDataFolder } from '../server/open.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { writeSweepText } from '../server/formats/write-sweep-file.ts'
import { smallSweep } from './harness.ts'
import { startServer, surroundings } from './start-server.ts'

let whole: string
beforeAll(() => {
  whole = mkdtempSync(path.join(tmpdir(), 'sweepboard-whole-'))
  const opened = openDataFolder(readConfig({ ...surroundings(), SWEEPBOARD_GPUS: '0' }, whole))
  if (!('context' in opened)) throw new Error('the folder is held')
  createSweep(opened.context, { definition: smallSweep(), directory: whole, paused: true })
  opened.close()
})
afterAll(() => rmSync(whole, { recursive: true, force: true }))

/** A copy in which the first page of the table or index is overwritten with `byte`. */
function damaged(name: string, byte: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-damaged-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  cpSync(whole, folder, { recursive: true })
  const file = path.join(folder, 'sweepboard.db')
  const database = new SqliteDatabase(file)
  database.pragma('wal_checkpoint(TRUNCATE)')
  const pageSize = database.pragma('page_size', { simple: true }) as number
  // the schema itself begins the file
  const find = database.prepare('select rootpage from sqlite_schema where name = ?').pluck()
  const page = (find.get(name) ?? 1) as number
  database.close()
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(pageSize, byte), 0, pageSize, (page - 1) * pageSize)
  closeSync(descriptor)
  return folder
}

const check = (folder: string) =>
  spawnSync(process.execPath, [path.join(import.meta.dirname, '../cli/data.ts'), 'check', '--data', folder], {
    env: { ...surroundings() },
    encoding: 'utf8',
  })

test('a server says it on every page and in its log, and starts nothing', async () => {
  const server = await startServer({ dataFolder: damaged('events_job', 0) })
  onTestFinished(() => server.stop())
  const health = async () => (await (await fetch(`${server.url}/api/health`)).json()) as { problem: string | null }
  await expect
    .poll(async () => (await health()).problem)
    .toMatch(/sweepboard\.db is damaged: .*npm run data -- check.* SQLite says: \w/)
  expect(server.output()).toMatch(/error scheduler: .*sweepboard\.db is damaged/)
  const api = async (call: string, body?: object) => {
    const request = body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    return JSON.stringify(await (await fetch(`${server.url}/api/trpc/${call}`, request)).json())
  }
  expect(await api('system.get')).toContain('is damaged')
  await api('sweeps.resume', { json: { id: 1 } })
  expect(await api('sweeps.get?input=' + encodeURIComponent('{"json":{"id":1}}'))).toMatch(
    /"status":"(waiting|running)"/,
  )
  expect(JSON.parse(await api('system.get')).result.data.json.live).toEqual([])
})

test.each([
  ['events', 0],
  ['jobs', 0x5a],
  ['series_attempts', 0xff],
  ['sqlite_schema', 0x5a],
  ['points', 0],
  ['points', 0x0d],
  ['sweeps', 0xff],
  ['checkpoints', 0x5a],
  ['attempts', 0],
  ['events_job', 0x0a],
  ['__drizzle_migrations', 0],
])('npm run data -- check where %s is overwritten (%i) ends in sentences', (table, byte) => {
  const { status, stdout, stderr } = check(damaged(table, byte))
  expect(status, stderr).not.toBe(0)
  expect(stderr).toMatch(/SQLite: |cannot be looked at|is damaged/)
  expect(stderr).toMatch(/copy/)
  expect(stdout + stderr).not.toMatch(/\n\s+at |SqliteError/)
})

test.each([
  ['events_job', 0],
  ['sqlite_schema', 0x5a],
  ['points', 0x0d],
  ['jobs', 0x5a],
  ['sweeps', 0xff],
  ['attempts', 0],
])('npm run sweep where %s is overwritten (%i) says it and ends, as nothing would ever start', (table, byte) => {
  const folder = damaged(table, byte)
  const file = path.join(folder, 'sweep.yaml')
  // too many to end before the damage is found
  const a = Array.from({ length: 500 }, (_, at) => String(at + 1))
  writeFileSync(file, writeSweepText(smallSweep({ axes: { a } })))
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(import.meta.dirname, '../cli/main.ts'), file, '--data', folder],
    { env: { ...surroundings() }, encoding: 'utf8', timeout: 60_000 },
  )
  expect(status, stderr).toBe(1)
  expect(stderr).toMatch(/sweepboard\.db is damaged/)
  expect(stderr).not.toMatch(/\n\s+at |SqliteError/)
})
