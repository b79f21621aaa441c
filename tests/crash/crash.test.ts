/**
 * Kills the server, trainers and wrappers with SIGKILL, and looks for what was lost, doubled or started twice.
 * CRASH_KILLS sets how many kills (the suite: 12; the long run: `CRASH_KILLS=60 npx vitest run tests/crash`). When to kill, and
 * whom, comes from a seed that a failure prints; CRASH_SEED repeats it, as far as processes run alike.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { listAttempts } from '../../db/queries/attempts.ts'
import { listLiveJobs, listSweepJobs } from '../../db/queries/jobs.ts'
import { createRandom, type Random } from '../../domain/stats/rng.ts'
import { readConfig } from '../../server/base/process/config.ts'
import type { Context } from '../../server/base/context.ts'
import { attemptFolder } from '../../server/base/context.ts'
import { openDataFolder } from '../../server/open.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'
import { requireSweep } from '../../server/base/finding/find-sweep.ts'
import { smallSweep, stub } from '../harness.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
const kills = Number(process.env.CRASH_KILLS ?? 12)
const trainings = Math.max(24, kills)
const steps = 120
/** Where the server kills itself; 'any' leaves it to the driver. */
const instants = ['any', 'after-claim', 'after-launch', 'in-ingest']
const environment = { SWEEPBOARD_SLOTS: '4', SWEEPBOARD_KILL_SECONDS: '1' }

test(
  `${kills} kills of the server lose and double no event and start no training twice`,
  { timeout: 20_000 + kills * 5000 },
  async () => {
    const random = seeded(0)
    const { folder, sweepId } = prepare(0)
    const deaths: string[] = []
    for (;;) {
      const instant = deaths.length < kills ? instants[deaths.length % instants.length]! : null
      const death = await runServer(folder, instant, instant === 'any' ? random.uniform() * 300 : null)
      if (death === 'finished') break
      deaths.push(death)
    }
    // Every kind of death was died: the test tries what it says.
    expect([...new Set(deaths)].toSorted()).toEqual(['after-claim', 'after-launch', 'driver', 'in-ingest'])
    inspect(folder, (context) => {
      const sweep = describeWholeSweep(context, requireSweep(context, sweepId))
      expect(sweep.status).toBe('done')
      expect(sweep.points.every((point) => point.score === 2)).toBe(true)
      for (const job of listSweepJobs(context.database, sweepId)) {
        expect(job.attempt, `${job.kind} ${job.id}`).toBe(1)
        if (job.kind === 'training') expectWhole(context, job.id, 1, 1)
      }
    })
  },
)

test('kills of trainers and of wrappers lose and double no event, and no attempt starts twice', async () => {
  const random = seeded(1)
  const { folder, sweepId } = prepare(20)
  const running = runServer(folder, null, null)
  let killed = 0
  const timer = setInterval(() => {
    const victims = liveProcesses(folder)
    if (victims.length === 0 || killed >= kills) return
    const victim = victims[Math.floor(random.uniform() * victims.length)]!
    killed++
    // Every other time the wrapper alone, else the trainer alone.
    const pid = killed % 2 === 0 ? victim : childOf(victim)
    if (pid !== null) tryKill(pid)
  }, 150)
  expect(await running).toBe('finished')
  clearInterval(timer)
  expect(killed).toBe(kills)
  inspect(folder, (context) => {
    const sweep = describeWholeSweep(context, requireSweep(context, sweepId))
    expect(sweep.points.map((point) => point.error)).toEqual(sweep.points.map(() => null))
    expect(sweep.status).toBe('done')
    for (const job of listSweepJobs(context.database, sweepId, 'training')) {
      const attempts = listAttempts(context.database, job.id).reverse()
      let first = 1
      for (const attempt of attempts) {
        const resumed = attempt.resumedFrom === null ? 0 : Number(path.basename(attempt.resumedFrom))
        first = resumed + 1
        expectWhole(context, job.id, attempt.number, first, attempt.status === 'done')
      }
    }
  })
})

/** The test's random numbers; a failure prints how they come again. */
function seeded(stream: number): Random {
  onTestFailed(() => console.error(`The kills of this test come again with CRASH_SEED=${seed}.`))
  return createRandom(seed, stream)
}

/** A data folder with a sweep in it that nobody runs yet. */
function prepare(retries: number): { folder: string; sweepId: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'crash-'))
  onTestFinished(() => {
    inspect(folder, (context) => expect(listLiveJobs(context.database)).toEqual([]))
    rmSync(folder, { recursive: true, force: true })
  })
  let sweepId = 0
  inspect(folder, (context) => {
    const definition = smallSweep({
      axes: { seed: { range: ['1', String(trainings), trainings] } },
      train: { command: ['bash', path.join(import.meta.dirname, 'trainer.sh'), String(steps)], retries },
      evaluate: { command: stub('evaluates', '${report}', 'B=0.5'), report: { accuracies: 'acc' }, retries: 0 },
    })
    sweepId = createSweep(context, { definition, directory: folder }).id
  })
  return { folder, sweepId }
}

function inspect(folder: string, look: (context: Context) => void): void {
  const opened = openDataFolder(readConfig({ ...process.env, ...environment }, folder))
  if (!('context' in opened)) throw new Error('the data folder is held')
  try {
    look(opened.context)
  } finally {
    opened.close()
  }
}

/** Runs a server until it ends or is killed; gives 'finished', 'driver' or the instant at which it killed itself. */
async function runServer(folder: string, instant: string | null, killAfter: number | null): Promise<string> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), folder], {
    env: { ...process.env, ...environment, CRASH_INSTANT: instant ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  child.stdout.on('data', (chunk) => {
    told += String(chunk).replace('ready\n', '')
    if (killAfter !== null) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter)
  })
  let timer: NodeJS.Timeout | undefined
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  )
  clearTimeout(timer)
  if (signal === 'SIGKILL') return told.trim() || 'driver'
  expect(code, told).toBe(0)
  return 'finished'
}

/** An attempt's events are in the database to the last, each once, in every form; and it started once. */
function expectWhole(context: Context, jobId: number, attempt: number, first: number, complete = true): void {
  const where = `job ${jobId}, attempt ${attempt}`
  const folder = attemptFolder(context, jobId, attempt)
  const started = existsSync(path.join(folder, 'starts'))
    ? readFileSync(path.join(folder, 'starts'), 'utf8').trim().split('\n').length
    : 0
  expect(started, where).toBeLessThanOrEqual(1)
  if (!existsSync(path.join(folder, 'events.jsonl'))) {
    expect(complete, where).toBe(false)
    return
  }
  const written = readFileSync(path.join(folder, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"metrics"'))
  const expected = written.map((line) => (JSON.parse(line) as { step: number }).step)
  if (complete) expect(expected, where).toEqual(Array.from({ length: steps - first + 1 }, (_, index) => first + index))
  for (const metric of ['loss', 'square']) {
    const stored = [...context.series.values(jobId, metric, attempt)]
    expect(
      stored.map((point) => point.step),
      `${where} ${metric}`,
    ).toEqual(expected)
    expect(
      stored.every((point) => point.value === (metric === 'loss' ? 1000 - point.step : point.step ** 2)),
      where,
    ).toBe(true)
  }
}

/** Wrappers that are alive now, by the folders' own word. */
function liveProcesses(folder: string): number[] {
  const runs = path.join(folder, 'runs')
  if (!existsSync(runs)) return []
  return readdirSync(runs).flatMap((job) =>
    readdirSync(path.join(runs, job)).flatMap((attempt) => {
      const at = path.join(runs, job, attempt)
      const control = path.join(folder, 'control', `${job}-${attempt}`)
      // Trainings only: an evaluation has no retries here.
      if (!existsSync(path.join(at, 'starts')) || existsSync(path.join(control, 'exit.json'))) return []
      const { pid } = JSON.parse(readFileSync(path.join(control, 'pid.json'), 'utf8')) as { pid: number }
      return existsSync(`/proc/${pid}`) ? [pid] : []
    }),
  )
}

function childOf(pid: number): number | null {
  try {
    const first = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]
    return first ? Number(first) : null
  } catch {
    return null
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It ended by itself in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
