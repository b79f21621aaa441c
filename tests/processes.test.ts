/** Whose process is it, and by which clock: attempts that clear, leave, lose or outlive what says how they stand. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { listEvents } from '../db/queries/events.ts'
import { findJob, listLiveJobs } from '../db/queries/jobs.ts'
import { cancelSweep } from '../server/act/sweeps/change-sweep.ts'
import { attemptFolder } from '../server/base/context.ts'
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

/** What the server itself noticed of a job. */
const told = (jobId: number) =>
  listEvents(server.context.database, jobId, ['problem'], 100).map((event) => String(event.body.message))

const one = { axes: { a: ['1'] } }

describe('a trainer that clears its run folder first', () => {
  test.each([
    ['and makes it again', 'rm -rf "$SWEEPBOARD_RUN_DIR"; mkdir "$SWEEPBOARD_RUN_DIR"'],
    ['and leaves it away', 'cd /; rm -rf "$SWEEPBOARD_RUN_DIR"'],
    ['and puts a file in its place', 'rm -rf "$SWEEPBOARD_RUN_DIR"; touch "$SWEEPBOARD_RUN_DIR"'],
    ['and the folders around it', 'rm -rf "$(dirname "$SWEEPBOARD_RUN_DIR")"'],
    ['and all runs', 'rm -rf "$(dirname "$(dirname "$SWEEPBOARD_RUN_DIR")")"'],
    ['and moves it away', 'mv "$SWEEPBOARD_RUN_DIR" "$SWEEPBOARD_RUN_DIR.old"'],
    ['and puts a link to elsewhere in its place', 'rm -rf "$SWEEPBOARD_RUN_DIR"; ln -s /tmp "$SWEEPBOARD_RUN_DIR"'],
    ['and puts a link to nothing in its place', 'rm -rf "$SWEEPBOARD_RUN_DIR"; ln -s nothing "$SWEEPBOARD_RUN_DIR"'],
    ['and puts a pipe in its place', 'rm -rf "$SWEEPBOARD_RUN_DIR"; mkfifo "$SWEEPBOARD_RUN_DIR"'],
    ['and closes it for itself', 'chmod 0 "$SWEEPBOARD_RUN_DIR"'],
    ['of everything but the folder', 'find "$SWEEPBOARD_RUN_DIR" -mindepth 1 -delete'],
    [
      'and makes folders of the names of its files',
      'cd "$SWEEPBOARD_RUN_DIR"; rm -f *; mkdir events.jsonl stdout.log stderr.log job.json',
    ],
  ])('runs once, %s, and can be cancelled', async (_name, clear) => {
    const starts = file('starts')
    const train = { command: script(`echo $$ >> "$1.part"; ${clear}; mv "$1.part" "$1"; sleep 600`, starts) }
    const id = server.create(smallSweep({ ...one, train }))
    await fileAppears(starts)
    // a server that comes later launches at once what nobody has claimed
    server.leave()
    server = server.again()
    await looks(3)
    expect(existsSync(`${starts}.part`)).toBe(false)
    const [pid] = lines(starts)
    cancelSweep(server.context, id)
    const sweep = await server.finished(id)
    expect(sweep.runs[0]).toMatchObject({ status: 'cancelled', attempt: 1 })
    expect(lives(Number(pid))).toBe(false)
  })

  test('keeps its log', async () => {
    const train = { command: script('echo kept; rm -rf "$SWEEPBOARD_RUN_DIR"; mkdir "$SWEEPBOARD_RUN_DIR"') }
    const id = server.create(smallSweep({ ...one, train }))
    const sweep = await server.finished(id)
    expect(sweep.status).toBe('done')
    const log = path.join(attemptFolder(server.context, sweep.runs[0]!.id, 1), 'stdout.log')
    expect(readFileSync(log, 'utf8')).toBe('kept\n')
  })
})

describe('what an attempt leaves running', () => {
  test.each([
    ['in a session of its own', 'setsid sleep 600 &', 'in a session of its own'],
    ['in a session of its own, twice removed', `bash -c 'setsid bash -c "sleep 600; :" &'`, 'session'],
    ['in its group', `(trap '' TERM; exec sleep 600) &`, '1 process of it still ran: sleep ('],
    ['under another name', `setsid bash -c 'exec -a python3 sleep 600' &`, 'in a session of its own'],
    ['with SIGTERM, SIGINT and SIGHUP ignored', `setsid bash -c 'trap "" TERM INT HUP; sleep 600; :' &`, 'session'],
    ['stopped', `setsid bash -c 'kill -STOP $$; sleep 600' &`, 'session'],
    ['by nohup, its output elsewhere', 'nohup sleep 600 > /dev/null 2>&1 &', '1 process of it still ran: sleep ('],
    [
      'in its folder, which it removed',
      'cd "$SWEEPBOARD_RUN_DIR"; sleep 600 & cd /; rm -rf "$SWEEPBOARD_RUN_DIR";',
      'sleep (',
    ],
    ['ten at once', 'for each in 1 2 3 4 5 6 7 8 9 10; do setsid sleep 600 & done;', 'session'],
    [
      'that makes another when it is ended',
      `setsid bash -c 'trap "setsid sleep 600 & exit" TERM; sleep 600 & wait' &`,
      'session',
    ],
  ])('%s is gone before its slot is given on, and told', async (_name, leave, sentence) => {
    server.leave()
    server = server.again({ SWEEPBOARD_SLOTS: '1' })
    // the second training looks whether anything of the first is there
    const train = script(
      `if [ "$1" = 1 ]; then ${leave} sleep 0.2; exit 0; fi
      for environ in /proc/[0-9]*/environ; do
        if [ "$(dirname "$environ")" != /proc/$$ ] && grep -qz "^SWEEPBOARD_RUN_DIR=$2/runs/1/1$" "$environ" 2>/dev/null; then echo "$environ"; fi
      done > "$2/left"`,
      '${a}',
      server.dataFolder,
    )
    const id = server.create(smallSweep({ axes: { a: ['1', '2'] }, train: { command: train } }))
    const sweep = await server.finished(id)
    expect(sweep.status).toBe('done')
    expect(readFileSync(file('left'), 'utf8')).toBe('')
    expect(told(sweep.runs[0]!.id)).toEqual([expect.stringContaining(sentence)])
    expect(told(sweep.runs[1]!.id)).toEqual([])
  })

  test('when it is killed for memory: its workers in sessions of their own end with it', async () => {
    const body = `for worker in 1 2 3; do setsid bash -c 'trap "" TERM; echo $$ >> "$0"; sleep 600 & wait' "$1" & done
      until [ "$(wc -l < "$1")" = 3 ]; do sleep 0.02; done 2>/dev/null; kill -9 $$`
    const id = server.create(smallSweep({ ...one, train: { command: script(body, file('workers')) } }))
    const sweep = await server.finished(id)
    expect(sweep.runs[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('SIGKILL') })
    expect(lines(file('workers')).map(Number).filter(lives)).toEqual([])
  })

  test('when it is cancelled: the workers it handed SIGTERM on to are asked once, and killed with it', async () => {
    const worker = file('worker.sh')
    writeFileSync(worker, `trap 'echo asked >> "$1.asked"' TERM; echo $$ > "$1"; while :; do sleep 0.05; done`)
    const body = `setsid bash "$2" "$1" & trap 'kill $!' TERM; while :; do sleep 0.05; done`
    const id = server.create(smallSweep({ ...one, train: { command: script(body, file('worker'), worker) } }))
    const pid = Number(await fileAppears(file('worker')))
    cancelSweep(server.context, id)
    const sweep = await server.finished(id)
    expect(sweep.runs[0]!.status).toBe('cancelled')
    expect(lives(pid)).toBe(false)
    expect(lines(file('worker.asked'))).toEqual(['asked'])
  })
})

describe('a wrapper that is killed while its program ends well', () => {
  test('an evaluation whose report is whole is taken', async () => {
    const report = `echo started >> "$2"; until [ -e "$2.go" ]; do sleep 0.02; done; echo '{"acc":{"B":0.5}}' > "$1"`
    const evaluate = { command: script(report, '${report}', file('evaluated')), report: { accuracies: 'acc' } }
    const id = server.create(smallSweep({ axes: { a: ['1'] }, evaluate }))
    await fileAppears(file('evaluated'))
    const job = listLiveJobs(server.context.database)[0]!
    await server.until(id, () => findJob(server.context.database, job.id)!.status === 'running')
    process.kill(wrapperOf(job.id), 'SIGKILL')
    writeFileSync(file('evaluated.go'), '')
    const sweep = await server.finished(id)
    expect(sweep.points[0]).toMatchObject({ status: 'scored', score: 2 })
    expect(lines(file('evaluated'))).toEqual(['started'])
    expect(told(job.id).at(-1)).toContain('its report is there, whole, and is taken')
  })

  test.each([
    ['half a report', `printf '{"acc":{"B":0.' > "$1"`],
    ['a report of another benchmark', `echo '{"acc":{"C":0.5}}' > "$1"`],
    ['none', ':'],
    ['an empty one', ': > "$1"'],
    ['a report of no benchmark', `echo '{"acc":{}}' > "$1"`],
    ['a report under another key', `echo '{"accuracy":{"B":0.5}}' > "$1"`],
    ['an accuracy that is no number', `echo '{"acc":{"B":NaN}}' > "$1"`],
    ['an accuracy above 1', `echo '{"acc":{"B":50}}' > "$1"`],
    ['a pipe in its place', 'mkfifo "$1"'],
    ['zeros in its place', 'head -c 200 /dev/zero > "$1"'],
    ['a link to nothing', 'ln -s nothing "$1"'],
  ])('with %s it is evaluated again', async (_name, write) => {
    const report = `echo started >> "$2"; if [ -e "$2.go" ]; then echo '{"acc":{"B":0.5}}' > "$1"; exit; fi
      until [ -e "$2.go" ]; do sleep 0.02; done; ${write}`
    const evaluate = { command: script(report, '${report}', file('evaluated')), report: { accuracies: 'acc' } }
    const id = server.create(smallSweep({ axes: { a: ['1'] }, evaluate }))
    await fileAppears(file('evaluated'))
    const job = listLiveJobs(server.context.database)[0]!
    await server.until(id, () => findJob(server.context.database, job.id)!.status === 'running')
    process.kill(wrapperOf(job.id), 'SIGKILL')
    writeFileSync(file('evaluated.go'), '')
    expect((await server.finished(id)).points[0]).toMatchObject({ status: 'scored', score: 2 })
    expect(lines(file('evaluated'))).toEqual(['started', 'started'])
  })

  test('a training that reported every milestone is done', async () => {
    const save = (step: number) => `mkdir -p "$SWEEPBOARD_RUN_DIR/${step}"
      printf '{"type":"checkpoint","step":${step},"epoch":${step},"path":"${step}"}\\n' >> "$SWEEPBOARD_EVENTS"`
    const body = `echo started >> "$1"; ${save(1)}; until [ -e "$1.go" ]; do sleep 0.02; done; ${save(2)}`
    const axes = { epoch: { milestones: ['1', '2'] } }
    const id = server.create(smallSweep({ axes, train: { command: script(body, file('trained')) } }))
    await fileAppears(file('trained'))
    const [run] = (await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')).runs
    process.kill(wrapperOf(run!.id), 'SIGKILL')
    writeFileSync(file('trained.go'), '')
    const sweep = await server.finished(id)
    expect(sweep.points.map((point) => point.status)).toEqual(['scored', 'scored'])
    expect(lines(file('trained'))).toEqual(['started'])
  })
})

describe('files that say how an attempt stands', () => {
  test.each(['empty', 'torn'])(
    'a process number that a power cut left %s: the attempt is lost and goes on',
    async (how) => {
      const id = server.create(
        smallSweep({ ...one, train: { command: stub('waits-for-file', file('go')), retries: 0 } }),
      )
      const [run] = (await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')).runs
      server.leave()
      process.kill(-wrapperOf(run!.id), 'SIGKILL')
      truncateSync(path.join(controlOf(run!.id), 'pid.json'), how === 'empty' ? 0 : 9)
      server = server.again()
      await server.until(id, (sweep) => sweep.runs[0]!.attempt === 2)
      writeFileSync(file('go'), '')
      expect((await server.finished(id)).status).toBe('done')
    },
  )

  test('removed while the program runs: nothing is started beside it, it can be cancelled, and what it leaves is taken', async () => {
    const train = { command: script('echo $$ >> "$1"; sleep 600', file('starts')) }
    const id = server.create(smallSweep({ ...one, train }))
    const [run] = (await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')).runs
    const pid = Number(await fileAppears(file('starts')))
    server.leave()
    rmSync(controlOf(run!.id), { recursive: true })
    server = server.again()
    await looks(3)
    expect(lines(file('starts'))).toHaveLength(1)
    expect(server.sweep(id).runs[0]).toMatchObject({ status: 'running', attempt: 1 })
    cancelSweep(server.context, id)
    expect((await server.finished(id)).runs[0]).toMatchObject({ status: 'cancelled', attempt: 1 })
    expect(lives(pid)).toBe(false)
  })

  test('of a version before this one, in the run folder, are found: a running training goes on', async () => {
    const id = server.create(smallSweep({ ...one, train: { command: stub('waits-for-file', file('go')) } }))
    const [run] = (await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')).runs
    server.leave()
    const control = controlOf(run!.id)
    const folder = attemptFolder(server.context, run!.id, 1)
    const { pid, start, boot } = JSON.parse(readFileSync(path.join(control, 'pid.json'), 'utf8'))
    mkdirSync(path.join(folder, 'claim'))
    const identity = { pid, start, boot: boot.split('/')[0] }
    writeFileSync(path.join(folder, 'pid.json'), `${JSON.stringify(identity)}\n`)
    // the wrapper of before writes where it was told to: this one's word is carried over
    renameSync(control, file('elsewhere'))
    server = server.again()
    await looks(2)
    expect(server.sweep(id).runs[0]).toMatchObject({ status: 'running', attempt: 1 })
    mkdirSync(path.dirname(control), { recursive: true })
    writeFileSync(path.join(folder, 'exit.json'), '{"exitCode":0}\n')
    renameSync(file('elsewhere'), file('control-of-before'))
    writeFileSync(file('go'), '')
    const sweep = await server.finished(id)
    expect(sweep.runs[0]).toMatchObject({ status: 'done', attempt: 1 })
  })
})

describe('a clock that is set', () => {
  afterEach(() => void vi.restoreAllMocks())
  /** The wall clock is `hours` off from now on. */
  function setClock(hours: number): void {
    const real = Date.now.bind(Date)
    vi.spyOn(Date, 'now').mockImplementation(() => real() + hours * 3_600_000)
  }

  test.each([2, -2, 0.003, -0.003, 24 * 365, -24 * 365])(
    'by %d h: a training of seconds is not timed out, and took seconds',
    async (hours) => {
      const train = { command: stub('waits-for-file', file('go')), timeout_seconds: 600 }
      const id = server.create(smallSweep({ ...one, train }))
      await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
      setClock(hours)
      await looks(3)
      writeFileSync(file('go'), '')
      const sweep = await server.finished(id)
      expect(sweep.runs[0]!.status).toBe('done')
      const job = findJob(server.context.database, sweep.runs[0]!.id)!
      expect(job.finishedAt! - job.startedAt!).toBeGreaterThan(500)
      expect(job.finishedAt! - job.startedAt!).toBeLessThan(60_000)
    },
  )

  test.each([2, -2, -0.001, 24 * 365])('by %d h: SIGKILL comes when it should, and a timeout does', async (hours) => {
    const train = { command: stub('ignores-sigterm'), timeout_seconds: 1 }
    const id = server.create(smallSweep({ ...one, train }))
    await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
    setClock(hours)
    const begun = performance.now()
    const sweep = await server.finished(id)
    expect(sweep.runs[0]).toMatchObject({ status: 'failed', error: 'Stopped after 1 s (timeout_seconds).' })
    // a second until it is asked, one until it is killed (SWEEPBOARD_KILL_SECONDS)
    expect(performance.now() - begun).toBeGreaterThan(1500)
    expect(performance.now() - begun).toBeLessThan(30_000)
  })

  test('goes on across a restart of the server: a timeout counts from the start of the attempt', async () => {
    const train = { command: stub('waits-for-file', file('go')), timeout_seconds: 2 }
    const id = server.create(smallSweep({ ...one, train }))
    await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
    server.leave()
    await looks(8)
    const begun = performance.now()
    server = server.again()
    const sweep = await server.finished(id)
    expect(sweep.runs[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('timeout_seconds') })
    expect(performance.now() - begun).toBeLessThan(1900)
  })
})
