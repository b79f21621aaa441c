/** Whatever an attempt writes or leaves costs that attempt alone: real processes that leave what no file should be. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listLiveJobs } from '../db/queries/jobs.ts'
import { listEvents } from '../db/queries/events.ts'
import { cancelSweep } from '../server/act/sweeps/change-sweep.ts'
import { findJob } from '../db/queries/jobs.ts'
import { attemptFolder } from '../server/base/context.ts'
import { readLog } from '../server/read/runs/read-log.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { openTestServer, smallSweep, type TestServer } from './harness.ts'
import { longestHold } from './longest-hold.ts'

let server: TestServer
let elsewhere: string
beforeEach(() => {
  server = openTestServer()
  elsewhere = mkdtempSync(path.join(tmpdir(), 'sweepboard-elsewhere-'))
})
afterEach(async () => {
  await server.close()
  rmSync(elsewhere, { recursive: true, force: true })
})

/** A command that runs this script with bash; `$r` is the report's path, `$d` the run's folder. */
const bash = (script: string) => ['bash', '-c', `r=$0; d=$SWEEPBOARD_RUN_DIR; ${script}`]
const evaluates = (script: string) => ({
  evaluate: { command: [...bash(script), '${report}'], report: { accuracies: 'acc' } },
})
const problemsOf = (jobId: number) =>
  listEvents(server.context.database, jobId, ['problem'], 1000).map(({ body }) => String(body.message))

/** What read everything at once held the loop for many seconds; a loaded machine makes short holds of any length up to this. */
const mostHeld = 1000

const badReports: [string, string, RegExp][] = [
  ['a named pipe', 'mkfifo "$r"', /report\.json is a named pipe, and is not read/],
  ['a folder', 'mkdir "$r"', /report\.json is a folder, and is not read/],
  ['a link to itself', 'ln -s report.json "$r"', /its links lead to themselves|wrote no report/],
  ['a link to a pipe', 'mkfifo "$d/pipe"; ln -s pipe "$r"', /is a named pipe, and is not read/],
  ['a link to nothing', 'ln -s nothing "$r"', /wrote no report at/],
  ['a device', 'ln -s /dev/zero "$r"', /is a device, and is not read/],
  ['empty', ': > "$r"', /is no whole JSON/],
  [
    'nested 200,000 deep',
    `node -e 'process.stdout.write("[".repeat(2e5)+"]".repeat(2e5))' > "$r"`,
    /nested deeper than 100 levels/,
  ],
  [
    'objects nested 200,000 deep',
    `node -e 'process.stdout.write("{\\"acc\\":".repeat(2e5)+"1"+"}".repeat(2e5))' > "$r"`,
    /nested deeper than 100 levels/,
  ],
  ['of 1 GB', 'truncate -s 1G "$r"', /has 1,073,741,824 bytes; at most 67,108,864 are read of it/],
  [
    'of 33,000 names',
    `node -e 'console.log(JSON.stringify({acc:Object.fromEntries(Array.from({length:33000},(_,i)=>["b"+i,0.5]))}))' > "$r"`,
    /has 33,000 names under acc; at most 2,000 benchmarks were expected/,
  ],
  [
    'of a name of a million characters',
    `node -e 'console.log(JSON.stringify({acc:{["x".repeat(1e6)]:0.5}}))' > "$r"`,
    /names a benchmark with 1,000,000 characters/,
  ],
  [
    'a text of 20 MB',
    `node -e 'console.log(JSON.stringify({acc:"x".repeat(2e7)}))' > "$r"`,
    /holds "x+….* where benchmarks/,
  ],
  ['bytes that are no text', 'head -c 300000 /dev/urandom > "$r"', /is no whole JSON/],
]

test('reports that are none fail their points with the reason, and nobody else waits', async () => {
  const script = badReports.map(([, leaves], at) => `${at}) ${leaves};;`).join('\n')
  const id = server.create(
    smallSweep({
      axes: { a: badReports.map((_, at) => String(at)) },
      evaluate: {
        command: ['bash', '-c', `r=$0; d=$SWEEPBOARD_RUN_DIR\ncase $1 in\n${script}\nesac`, '${report}', '${a}'],
        report: { accuracies: 'acc' },
      },
    }),
  )
  const other = server.create(smallSweep({ name: 'other', axes: { a: ['1'] } }))
  const held = await longestHold(async () => {
    const { points } = await server.finished(id)
    for (const [at, [what, , reason]] of badReports.entries())
      expect(points[at], what).toMatchObject({ status: 'failed', error: expect.stringMatching(reason) })
    expect((await server.finished(other)).points[0]).toMatchObject({ status: 'scored', score: 2 })
  })
  // thirty processes start meanwhile, too
  expect(held).toBeLessThan(mostHeld)
  expect(listLiveJobs(server.context.database)).toEqual([])
})

const badEvents: [string, string, RegExp][] = [
  ['a named pipe', 'mkfifo "$SWEEPBOARD_EVENTS"', /events\.jsonl is a named pipe/],
  ['a folder', 'mkdir "$SWEEPBOARD_EVENTS"', /events\.jsonl is a folder/],
  ['a link to itself', 'ln -s events.jsonl "$SWEEPBOARD_EVENTS"', /its links lead to themselves/],
  ['a link out', 'ln -s /etc/hostname "$SWEEPBOARD_EVENTS"', /leads out of the folders/],
  ['a device', 'ln -s /dev/zero "$SWEEPBOARD_EVENTS"', /leads out of the folders/],
]

test('events that are none end trainings that live on: failed with the reason, slots free, processes gone', async () => {
  const script = badEvents.map(([, leaves], at) => `${at}) ${leaves};;`).join('\n')
  const leaves = `case $0 in\n${script}\nesac\necho $$ > ${elsewhere}/$0; sleep 600`
  const ids = badEvents.map(([what], at) =>
    server.create(
      smallSweep({ name: what, axes: { a: [String(at)] }, train: { command: ['bash', '-c', leaves, '${a}'] } }),
    ),
  )
  for (const [at, [what, , reason]] of badEvents.entries()) {
    const { points } = await server.finished(ids[at]!)
    expect(points[0], what).toMatchObject({ status: 'failed', error: expect.stringMatching(reason) })
    expect(problemsOf(points[0]!.runId).filter((text) => reason.test(text))).toHaveLength(1)
    expect(existsSync(`/proc/${readFileSync(path.join(elsewhere, String(at)), 'utf8').trim()}`)).toBe(false)
  }
  expect(listLiveJobs(server.context.database)).toEqual([])
})

test('events that cannot be read end a training that has ended, too', async () => {
  const id = server.create(smallSweep({ axes: { a: ['1'] }, train: { command: bash('mkfifo "$SWEEPBOARD_EVENTS"') } }))
  expect((await server.finished(id)).points[0]).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/is a named pipe/),
  })
})

test('cancel ends an attempt whose events cannot be read, at once, as cancelled', async () => {
  const id = server.create(
    smallSweep({ axes: { a: ['1'] }, train: { command: bash('mkfifo "$SWEEPBOARD_EVENTS"; sleep 600') } }),
  )
  await server.until(id, (seen) => seen.slotsHeld > 0 && problemsOf(seen.points[0]!.runId).length > 0)
  cancelSweep(server.context, id)
  const seen = await server.finished(id)
  expect(seen.status).toBe('cancelled')
})

test('an attempt that puts a file where the next one’s folder is to be fails, and frees its slot', async () => {
  const id = server.create(
    smallSweep({ axes: { a: ['1'] }, train: { command: bash('echo x > "$d/../2"; exit 1'), retries: 1 } }),
  )
  const seen = await server.finished(id)
  expect(seen.points[0]).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/EEXIST|ENOTDIR|file already exists/),
  })
})

test.each(['stdout', 'stderr'] as const)(
  '%s.log that became a pipe, a folder or a link out is told in the log view, and shows nothing else',
  async (stream) => {
    writeFileSync(path.join(elsewhere, 'secret'), 'secret')
    const script = `rm "$d/${stream}.log"; case $0 in 1) mkfifo "$d/${stream}.log";; 2) mkdir "$d/${stream}.log";; 3) ln -s ${elsewhere}/secret "$d/${stream}.log";; 4) ln -s ${stream}.log "$d/${stream}.log";; esac; exit 3`
    const id = server.create(
      smallSweep({
        axes: { a: ['1', '2', '3', '4'] },
        train: { command: ['bash', '-c', `d=$SWEEPBOARD_RUN_DIR; ${script}`, '${a}'] },
      }),
    )
    const seen = await server.finished(id)
    for (const { runId } of seen.points) {
      const job = findJob(server.context.database, runId)!
      if (job.attempt === 0) continue
      const log = readLog(server.context, job, 1, stream)
      expect(log.text).toMatch(/is a named pipe|is a folder|leads out of the folders|lead to themselves/)
      expect(log.text).not.toContain('secret\n')
      describeRun(server.context, job)
    }
  },
)

test('20,000 samples, as many unknown events and lines that are no JSON, then the end: the loop goes on, and all samples are there', async () => {
  const lines = `
    const { openSync, writeSync } = require('node:fs')
    const out = openSync(process.env.SWEEPBOARD_EVENTS, 'a')
    for (let block = 0; block < 20; block++) {
      let text = ''
      for (let at = 0; at < 1000; at++) {
        const step = block * 1000 + at
        text += JSON.stringify({ type: 'sample', step, prompt: 'p' + (step % 50), response: 'r'.repeat(50), reward: 1 }) + '\\n'
        text += '{"type":"mine"}\\nno json\\n'
      }
      writeSync(out, text)
    }
  `
  const script = path.join(elsewhere, 'floods.cjs')
  writeFileSync(script, lines)
  const id = server.create({ ...smallSweep({ axes: { a: ['1'] }, train: { command: ['node', script] } }) })
  const held = await longestHold(() =>
    server.until(id, ({ status, slotsHeld }) => status !== 'running' && status !== 'waiting' && slotsHeld === 0),
  )
  expect(held).toBeLessThan(mostHeld)
  const [{ runId } = { runId: 0 }] = server.sweep(id).points
  const count = server.context.database.$client
    .prepare('select type, count(*) as count from events where job_id = ? group by type')
    .all(runId)
  expect(count).toEqual(
    expect.arrayContaining([
      { type: 'sample', count: 20_000 },
      { type: 'unknown', count: 20_000 },
    ]),
  )
  // lines that are none are counted, not kept one by one
  expect((count as { type: string; count: number }[]).find(({ type }) => type === 'problem')!.count).toBeLessThan(
    10_000,
  )
}, 120_000)

test('a report of 60 MB is read beside the loop', async () => {
  const big = path.join(elsewhere, 'big.json')
  writeFileSync(
    big,
    JSON.stringify({
      acc: { B: 0.5 },
      samples: Array.from({ length: 400_000 }, (_, at) => ({ id: at, text: 'x'.repeat(100) })),
    }),
  )
  const id = server.create(smallSweep({ axes: { a: ['1'] }, ...evaluates(`cp ${big} "$r"`) }))
  const held = await longestHold(async () => {
    expect((await server.finished(id)).points[0]).toMatchObject({ status: 'scored', score: 2 })
  })
  expect(held).toBeLessThan(mostHeld)
})

test('a server over a folder of pipes starts, goes on, and ends', async () => {
  const id = server.create(smallSweep({ axes: { a: ['1'] }, train: { command: bash('sleep 600') } }))
  await server.until(id, (seen) => seen.slotsHeld > 0)
  const { runId } = server.sweep(id).points[0]!
  const folder = attemptFolder(server.context, runId, 1)
  server.leave()
  for (const name of ['events.jsonl', 'job.json', 'report.json', 'stderr.log', 'stdout.log']) {
    rmSync(path.join(folder, name), { force: true })
    execFileSync('mkfifo', [path.join(folder, name)])
  }
  server = server.again()
  const seen = await server.finished(id)
  expect(seen.points[0]).toMatchObject({ status: 'failed' })
  expect(readdirSync(folder)).toContain('stdout.log')
})
