/** A server that went while it was stopping what ran (Ctrl-C twice): the next one finds how that ended, and starts nothing twice. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listLiveJobs, updateJob } from '../db/queries/jobs.ts'
import { cancelSweep, pauseSweep, removeSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { controlFolder, lines, lives, looks, script, wrapperPid } from './attempt-processes.ts'
import { fileAppears, openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer

beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const file = (...parts: string[]) => path.join(server.dataFolder, ...parts)
const controlOf = (id: number, attempt = 1) => controlFolder(server, id, attempt)
const wrapperOf = (id: number, attempt = 1) => wrapperPid(server, id, attempt)
const one = { axes: { a: ['1'] } }

/**
 * Writes its own number to $1 at each start and takes no notice of being asked to stop; when $2 is there it does what `ending` says. `$1.asked`
 * is there once it was asked.
 */
const stubborn = (ending: string, started: string, gate: string) =>
  script(
    `trap 'touch "$1.asked"' TERM; echo $$ >> "$1"; until [ -e "$2" ]; do sleep 0.02; done; ${ending}`,
    started,
    gate,
  )

/** What a program does at its end that reports the last milestone of `untilEpoch`: without one nobody could know that it is whole. */
const saves = `mkdir "$SWEEPBOARD_RUN_DIR/1"; printf '{"type":"checkpoint","step":1,"epoch":1,"path":"1"}\\n' >> "$SWEEPBOARD_EVENTS"`
const untilEpoch = { epoch: { milestones: ['1'] } }

/** Asks to release, and leaves before anything has ended. */
async function leaveWhileReleasing(id: number): Promise<void> {
  pauseSweep(server.context, id, 'Stopped with Ctrl-C.')
  void server.scheduler.release(id)
  await looks(2)
  server.leave()
}

describe('a training', () => {
  test('what goes on by itself is not killed by the next server', async () => {
    const id = server.create(smallSweep({ ...one, train: { command: stub('ignores-sigterm') } }))
    const [run] = (await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')).runs
    await leaveWhileReleasing(id)
    const pid = wrapperOf(run!.id)
    server = server.again({ SWEEPBOARD_KILL_SECONDS: '0' })
    resumeSweep(server.context, id)
    await looks(4)
    expect(lives(pid)).toBe(true)
    expect(server.sweep(id).runs[0]).toMatchObject({ status: 'running', attempt: 1 })
  })

  test('what ended well meanwhile, with its last milestone, is done', async () => {
    const body = `trap '' TERM; echo started >> "$1"; until [ -e "$1.go" ]; do sleep 0.02; done; ${saves}`
    const id = server.create(smallSweep({ axes: untilEpoch, train: { command: script(body, file('trained')) } }))
    await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
    await leaveWhileReleasing(id)
    writeFileSync(file('trained.go'), '')
    server = server.again()
    resumeSweep(server.context, id)
    expect((await server.finished(id)).points[0]).toMatchObject({ status: 'scored' })
    expect(lines(file('trained'))).toEqual(['started'])
  })

  test('what saved because it was asked to goes on from there, though it ended with 0', async () => {
    const id = server.create(
      smallSweep({ axes: { a: ['1'] }, train: { command: stub('saves-on-sigterm', '40', '0') } }),
    )
    await server.until(id, (sweep) => (sweep.runs[0]!.progress?.done ?? 0) >= 3)
    await leaveWhileReleasing(id)
    server = server.again()
    resumeSweep(server.context, id)
    const sweep = await server.finished(id)
    expect(sweep.runs[0]).toMatchObject({ status: 'done', attempt: 2 })
    const steps = [...server.context.series.values(sweep.runs[0]!.id, 'loss')].map((point) => point.step)
    expect(steps).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  test.each([
    ['fails of itself', 'exit 3', { status: 'done', attempt: 2 }, 2],
    ['is killed', 'kill -KILL $$', { status: 'done', attempt: 2 }, 2],
    ['is killed with its wrapper', 'kill -KILL $PPID; kill -KILL $$', { status: 'done', attempt: 2 }, 2],
  ])(
    'that %s meanwhile is tried again, from no more than one start at a time',
    async (_name, ending, expected, starts) => {
      const text = `if [ "$SWEEPBOARD_ATTEMPT" = 1 ]; then ${ending}; fi`
      const id = server.create(smallSweep({ ...one, train: { command: stubborn(text, file('starts'), file('gate')) } }))
      await fileAppears(file('starts'))
      await leaveWhileReleasing(id)
      await fileAppears(file('starts.asked'))
      const [pid] = lines(file('starts'))
      writeFileSync(file('gate'), '')
      while (lives(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 5))
      server = server.again()
      if (server.sweep(id).status === 'paused') resumeSweep(server.context, id)
      expect((await server.finished(id)).runs[0]).toMatchObject(expected)
      expect(lines(file('starts'))).toHaveLength(starts)
    },
  )

  test('that ended is taken in by a server whose person does not go on: the sweep stays paused', async () => {
    const id = server.create(
      smallSweep({ axes: untilEpoch, train: { command: stubborn(saves, file('starts'), file('gate')) } }),
    )
    await fileAppears(file('starts'))
    await leaveWhileReleasing(id)
    writeFileSync(file('gate'), '')
    await fileAppears(path.join(controlOf(1), 'exit.json'))
    server = server.again()
    const sweep = await server.until(id, ({ slotsHeld }) => slotsHeld === 0)
    expect(sweep).toMatchObject({ status: 'paused', pauseReason: 'Stopped with Ctrl-C.' })
    resumeSweep(server.context, id)
    expect((await server.finished(id)).points[0]).toMatchObject({ status: 'scored' })
    expect(lines(file('starts'))).toHaveLength(1)
  })

  test.each([
    ['cancels', (id: number) => cancelSweep(server.context, id)],
    ['deletes', (id: number) => removeSweep(server.context, id)],
  ])('that goes on is ended when its person %s the sweep at the next server', async (_name, end) => {
    const id = server.create(smallSweep({ ...one, train: { command: stubborn(':', file('starts'), file('gate')) } }))
    await fileAppears(file('starts'))
    await leaveWhileReleasing(id)
    const [pid] = lines(file('starts'))
    server = server.again({ SWEEPBOARD_KILL_SECONDS: '0.2' })
    end(id)
    await expect.poll(() => lives(Number(pid)), { timeout: 20_000 }).toBe(false)
    await expect.poll(() => listLiveJobs(server.context.database)).toEqual([])
    expect(lines(file('starts'))).toHaveLength(1)
  })

  test('stopped by a second server as well, and left by it, still runs once', async () => {
    const id = server.create(
      smallSweep({ axes: untilEpoch, train: { command: stubborn(saves, file('starts'), file('gate')) } }),
    )
    await fileAppears(file('starts'))
    await leaveWhileReleasing(id)
    server = server.again({ SWEEPBOARD_KILL_SECONDS: '600' })
    resumeSweep(server.context, id)
    await looks(2)
    await leaveWhileReleasing(id)
    server = server.again({ SWEEPBOARD_KILL_SECONDS: '600' })
    resumeSweep(server.context, id)
    writeFileSync(file('gate'), '')
    expect((await server.finished(id)).runs[0]).toMatchObject({ attempt: 1 })
    expect(lines(file('starts'))).toHaveLength(1)
  })

  test('beside another: the one that ended is done, the one that goes on is followed, and neither starts again', async () => {
    const command = stubborn(saves, file('starts-${a}'), file('gate-${a}'))
    const id = server.create(smallSweep({ axes: { a: ['1', '2'], ...untilEpoch }, train: { command } }))
    await Promise.all([fileAppears(file('starts-1')), fileAppears(file('starts-2'))])
    await leaveWhileReleasing(id)
    writeFileSync(file('gate-1'), '')
    await fileAppears(path.join(controlOf(1), 'exit.json'))
    server = server.again({ SWEEPBOARD_KILL_SECONDS: '600' })
    resumeSweep(server.context, id)
    await server.until(id, ({ points }) => points.some(({ status }) => status === 'scored'))
    writeFileSync(file('gate-2'), '')
    expect((await server.finished(id)).points.map(({ status }) => status)).toEqual(['scored', 'scored'])
    expect([...lines(file('starts-1')), ...lines(file('starts-2'))]).toHaveLength(2)
  })
})

describe('an evaluation', () => {
  const report = 'printf \'{"acc":{"B":0.5}}\' > "$3"'
  const evaluated = () => ({
    evaluate: {
      command: [...stubborn(report, file('starts'), file('gate')), '${report}'],
      report: { accuracies: 'acc' },
    },
  })

  test('that ended well meanwhile counts, and is not asked again', async () => {
    const id = server.create(smallSweep({ ...one, ...evaluated() }))
    await fileAppears(file('starts'))
    await leaveWhileReleasing(id)
    const [pid] = lines(file('starts'))
    writeFileSync(file('gate'), '')
    while (lives(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 5))
    server = server.again()
    resumeSweep(server.context, id)
    expect((await server.finished(id)).points[0]).toMatchObject({ status: 'scored', score: 2 })
    expect(lines(file('starts'))).toHaveLength(1)
  })

  test('that goes on by itself is not killed by the next server, and counts', async () => {
    const id = server.create(smallSweep({ ...one, ...evaluated() }))
    await fileAppears(file('starts'))
    await leaveWhileReleasing(id)
    server = server.again({ SWEEPBOARD_KILL_SECONDS: '0' })
    resumeSweep(server.context, id)
    await looks(4)
    writeFileSync(file('gate'), '')
    expect((await server.finished(id)).points[0]).toMatchObject({ status: 'scored', score: 2 })
    expect(lines(file('starts'))).toHaveLength(1)
  })
})

test('a training that ended with 0 before Ctrl-C could reach it is done', async () => {
  const text = 'echo started >> "$1"; until [ -e "$2" ]; do sleep 0.02; done'
  const id = server.create(smallSweep({ ...one, train: { command: script(text, file('trained'), file('gate')) } }))
  // the server is gone before it could see the end, as if it had been busy
  await server.until(id, (sweep) => sweep.runs[0]!.status !== 'waiting')
  const [run] = server.sweep(id).runs
  await fileAppears(file('trained'))
  server.leave()
  writeFileSync(file('gate'), '')
  await fileAppears(path.join(controlOf(run!.id), 'exit.json'))
  server = server.again()
  if (listLiveJobs(server.context.database).some((job) => job.id === run!.id))
    updateJob(server.context.database, run!.id, { stopReason: 'release', stopRequestedAt: Date.now() })
  expect((await server.finished(id)).runs[0]).toMatchObject({ status: 'done', attempt: 1 })
  expect(lines(file('trained'))).toEqual(['started'])
})
