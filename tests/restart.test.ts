/** Sweeps whose server, machine or disk fails under them. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pauseSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { attemptOf } from '../server/base/context.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

test('a server that comes back finds its trainings running and its sweep where it was', async () => {
  const go = path.join(server.dataFolder, 'go')
  const id = server.create(smallSweep({ train: { command: stub('waits-for-file', go) } }))
  await server.until(id, (sweep) => sweep.runs.every((run) => run.status === 'running'))
  server.leave()
  server = server.again()
  writeFileSync(go, '')
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.runs.map((run) => run.attempt)).toEqual([1, 1])
})

test('after a reboot everything that ran goes on by itself, and no retry is spent', async () => {
  const go = path.join(server.dataFolder, 'go')
  const id = server.create(smallSweep({ train: { command: stub('waits-for-file', go), retries: 0 } }))
  const before = await server.until(id, (sweep) => sweep.runs.every((run) => run.status === 'running'))
  server.leave()
  for (const run of before.runs) {
    const { control } = attemptOf(server.context, { id: run.id, attempt: 1, claimedAt: null })
    const identity = JSON.parse(readFileSync(path.join(control, 'pid.json'), 'utf8'))
    process.kill(-identity.pid, 'SIGKILL')
    // What the machine calls itself is another after a boot; the number may be anybody's by then.
    writeFileSync(path.join(control, 'pid.json'), JSON.stringify({ ...identity, pid: process.pid, boot: 'before' }))
  }
  server = server.again()
  await server.until(id, (sweep) => sweep.runs.every((run) => run.attempt === 2 && run.status === 'running'))
  writeFileSync(go, '')
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.retriedAttempts).toMatchObject([
    { attempt: 1, error: expect.stringContaining('vanished') },
    { attempt: 1 },
  ])
})

test('a clean stop releases trainings, and they go on from what they saved without costing a retry', async () => {
  const id = server.create(smallSweep({ axes: { a: ['1'] }, train: { command: stub('saves-on-sigterm', '40') } }))
  await server.until(id, (sweep) => (sweep.runs[0]!.progress?.done ?? 0) >= 3)
  pauseSweep(server.context, id)
  await server.scheduler.release(id)
  const stopped = server.sweep(id)
  expect(stopped.runs[0]).toMatchObject({ status: 'waiting', attempt: 1 })
  server.leave()
  server = server.again()
  resumeSweep(server.context, id)
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.runs[0]!.attempt).toBe(2)
  const steps = [...server.context.series.values(sweep.runs[0]!.id, 'loss')].map((point) => point.step)
  expect(steps).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
})

test('a full disk stops the reading, says so, and loses nothing: with room again it goes on by itself', async () => {
  const go = path.join(server.dataFolder, 'go')
  const script = `until [ -e "$1" ]; do sleep 0.02; done
for i in $(seq 5000); do
  printf '{"type":"metrics","step":%d,"values":{"loss":0.%d%d,"other":0.%d%d}}\\n' $i $RANDOM $RANDOM $RANDOM $RANDOM
done >> "$SWEEPBOARD_EVENTS"`
  const id = server.create(
    smallSweep({
      axes: { a: ['1'] },
      train: { command: ['bash', '-c', script, 'x', go] },
    }),
  )
  await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
  // SQLite's own word for a full disk, at an exact moment.
  const { $client: sqlite } = server.context.database
  sqlite.pragma(`max_page_count = ${sqlite.pragma('page_count', { simple: true })}`)
  expect(() => server.create(smallSweep({ axes: { a: { range: ['1', '5000', 5000] } } }))).toThrow('full')
  const told = Promise.withResolvers<string>()
  server.context.signals.on('change', () => {
    const problem = server.scheduler.state().problem
    if (problem !== null) told.resolve(problem)
  })
  writeFileSync(go, '')
  expect(await told.promise).toContain('The disk is full.')
  sqlite.pragma('max_page_count = 1000000')
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  const steps = [...server.context.series.values(sweep.runs[0]!.id, 'loss')].map((point) => point.step)
  expect(steps).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
  expect(server.scheduler.state().problem).toBeNull()
})

test('a full disk while metrics are sealed does not end the server: it says so and goes on', async () => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  const seal = vi.spyOn(server.context.series, 'maintain').mockImplementation(() => {
    throw full
  })
  const id = server.create(smallSweep())
  const told = Promise.withResolvers<string>()
  server.context.signals.on('change', () => {
    const problem = server.scheduler.state().problem
    if (problem !== null) told.resolve(problem)
  })
  expect(await told.promise).toContain('The disk is full.')
  seal.mockRestore()
  expect((await server.finished(id)).status).toBe('done')
})

test('a second server on the same data folder is refused', () => {
  expect(() => openTestServer({}, server.dataFolder)).toThrow('held by another process')
})
