/** Where attempts ran and when, what stood idle and why; and that no answer of it grows with what ran. */
import path from 'node:path'
import { writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { sweeps } from '../db/schema/sweeps.ts'
import { insertIdleSpells, listIdleSpells, pruneIdleSpells } from '../db/queries/idle-spells.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { describeTimeline } from '../server/read/where/describe-timeline.ts'
import { readPlacedAttempts } from '../server/read/where/placed-attempts.ts'
import { spanKinds } from '../domain/picture/slot-timeline.ts'
import type { TimelineView } from '../contract/api/where.ts'
import { openTestServer, smallSweep, stub } from './harness.ts'

const whole = { to: null, milliseconds: null, firstLane: 0 }
const kindsIn = (view: TimelineView, lane: number) => view.lanes[lane]!.spans.kind.map((kind) => spanKinds[kind])

test('a slot that is too few for what waits stands idle with that reason, before and after a restart', async () => {
  let server = openTestServer({ SWEEPBOARD_SLOTS: '4' })
  onTestFinished(() => server.close())
  const gate = path.join(server.dataFolder, 'gate')
  const wide = (name: string, gpus: number, command: string[]) => ({
    ...smallSweep({ name }),
    axes: { a: ['1'] },
    train: { command, gpus },
  })
  const first = server.create(wide('holds', 3, stub('waits-for-file', gate)))
  const second = server.create(wide('waits', 2, stub('finishes', '4')))
  const timeline = (id: number | null) =>
    describeTimeline(server.context, id === null ? null : requireSweep(server.context, id), whole)
  const idleOf = () => timeline(first).machine!.idle.map(({ code, sweepName, detail }) => [code, sweepName, detail])
  await expect.poll(idleOf, { timeout: 20_000 }).toContainEqual(['too-few', 'waits', '2'])

  server.leave()
  server = server.again()
  await expect.poll(() => timeline(first).machine!.unknown, { timeout: 20_000 }).toBeGreaterThan(0)
  writeFileSync(gate, '')
  await Promise.all([server.finished(first), server.finished(second)])

  const view = timeline(first)
  expect(view.lanes.map(({ node, slot }) => [node, slot])).toEqual([
    [null, '0'],
    [null, '1'],
    [null, '2'],
    [null, '3'],
  ])
  expect(kindsIn(view, 0)).toContain('training')
  expect(kindsIn(view, 3)).toContain('too-few')
  const { busy, own, idle, unknown, slots } = view.machine!
  const stood = idle.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  expect(busy + stood + unknown).toBe(slots * (view.to - view.from))
  const trained = listSweepJobs(server.context.database, first, 'training')[0]!
  expect(own).toBeGreaterThanOrEqual(3 * (trained.finishedAt! - trained.claimedAt!))
  // of a folder that is younger than a day ten minutes are shown, of an older one the day
  const all = () => {
    const { from, to } = timeline(null)
    return (to - from) / 60_000
  }
  expect(all()).toBe(10)
  const anHourAgo = Date.now() - 3_600_000
  server.context.database.$client
    .prepare('update attempts set claimed_at = ? where job_id = ?')
    .run(anHourAgo, trained.id)
  expect(all()).toBeCloseTo(60, 0)
  server.context.database.$client.prepare('update attempts set claimed_at = 0 where job_id = ?').run(trained.id)
  expect(all()).toBe(24 * 60)
  // what the other sweep did on these slots is theirs, not idle
  expect(timeline(second).machine!.own).toBeLessThanOrEqual(timeline(second).machine!.busy)
  const { rows, total } = readPlacedAttempts(server.context, { sweepId: first, offset: 0, limit: 10 })
  expect(total).toBe(2)
  expect(rows.find(({ kind }) => kind === 'training')).toMatchObject({
    attempt: 1,
    status: 'done',
    slots: ['0', '1', '2'],
    place: null,
    sweepName: 'holds',
  })
})

test('of 30,000 attempts on 100 nodes of a cluster an answer has under 100 kB, and counts what it cannot draw', async () => {
  const server = openTestServer()
  onTestFinished(() => server.close())
  const { database } = server.context
  const id = server.create(smallSweep({ name: 'many', max_slots: 1 }))
  await server.finished(id)
  const begun = Date.now() - 3_600_000
  const each = 300
  const insertJob = database.$client.prepare(
    `insert into jobs (sweep_id, kind, number, params, status, attempt, slot_count, executor)
      values (?, 'training', ?, '{"a":"1"}', 'done', 1, 1, 'slurm')`,
  )
  const insertAttempt = database.$client.prepare(
    `insert into attempts (job_id, number, status, slots, place, claimed_at, started_at, finished_at)
      values (?, 1, 'done', '[]', ?, ?, ?, ?)`,
  )
  database.$client.transaction(() => {
    for (let number = 100; number < 30_100; number++) {
      const at = begun + (number % each) * 10_000
      const node = `n${Math.floor((number - 100) / each)}`
      const known = { engine: 'slurm', cluster: 'trial', partition: 'main', waits: null, expectedStart: null }
      const place = { ...known, job: `${number}`, node, gpus: String(number % 8) }
      const { lastInsertRowid } = insertJob.run(id, number)
      insertAttempt.run(lastInsertRowid, JSON.stringify(place), at, at + 3000, at + 9000)
    }
    database
      .update(sweeps)
      .set({ startedAt: begun, finishedAt: begun + 3_100_000 })
      .run()
  })()
  const view = describeTimeline(server.context, requireSweep(server.context, id), whole)
  expect(JSON.stringify(view).length).toBeLessThan(100_000)
  // the newest of them; the rest is said to be left out
  expect(view.cutAt).toBeGreaterThan(begun)
  expect(view.lanesTotal).toBeGreaterThanOrEqual(800)
  expect(view.lanes).toHaveLength(48)
  expect(Math.max(...view.queued!)).toBe(100)
  const last = describeTimeline(server.context, requireSweep(server.context, id), {
    ...whole,
    firstLane: view.lanesTotal - 1,
  })
  expect(last.lanes).toHaveLength(1)
  expect(last.lanes[0]!.node).toBe('n99 of trial')
  const minute = describeTimeline(server.context, requireSweep(server.context, id), {
    ...whole,
    to: begun + 600_000,
    milliseconds: 60_000,
  })
  expect(minute.cutAt).toBeNull()
  expect(JSON.stringify(minute).length).toBeLessThan(100_000)
  expect(readPlacedAttempts(server.context, { sweepId: id, offset: 0, limit: 60 }).rows).toHaveLength(60)
})

test('what stood idle long ago is not kept for ever, and of very much the newest', async () => {
  let server = openTestServer()
  onTestFinished(() => server.close())
  const day = 24 * 3_600_000
  const spell = (daysAgo: number) => {
    const until = Date.now() - daysAgo * day
    return { slot: 'old', reason: 'nothing' as const, sweepId: null, detail: null, since: until - 60_000, until }
  }
  insertIdleSpells(server.context.database, [200, 181, 179, 2, 1].map(spell))
  server.leave()
  server = server.again()
  const { database } = server.context
  const old = () =>
    listIdleSpells(database, 0, Date.now())
      .filter(({ slot }) => slot === 'old')
      .map(({ until }) => Math.round((Date.now() - until) / day))
  await expect.poll(old).toEqual([179, 2, 1])
  const others = listIdleSpells(database, 0, Date.now()).length - 3
  pruneIdleSpells(database, { before: 0, most: others + 2 })
  expect(old()).toEqual([2, 1])
})
