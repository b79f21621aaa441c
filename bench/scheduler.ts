/**
 * What supervision costs: 200 trainings that do nothing, and trainings of 5 s, on 8 slots.
 * The peer is `xargs -P 8` over the same commands: it starts processes as fast as can be and records nothing.
 * By hand: `node bench/scheduler.ts`. SECONDS_EACH and ROUNDS change the second part (5 s, 6 rounds of 8).
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { listAttempts } from '../db/queries/attempts.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { readConfig } from '../server/base/process/config.ts'
import { openDataFolder } from '../server/open.ts'
import { startScheduler } from '../server/scheduler/scheduler.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { describeSweep } from '../server/read/sweeps/describe-sweep.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { printTable } from './table.ts'

const slots = 8
const nothings = Number(process.env.NOTHINGS ?? 200)
const secondsEach = Number(process.env.SECONDS_EACH ?? 5)
const rounds = Number(process.env.ROUNDS ?? 6)

/** Prints the table. */
export async function run(): Promise<void> {
  const idle = await measureSweep(nothings, ['true'])
  const idlePeer = await measurePeer(nothings, 'true')
  const busy = await measureSweep(rounds * slots, ['sleep', String(secondsEach)])
  const busyPeer = await measurePeer(rounds * slots, `sleep ${secondsEach}`)
  const ideal = rounds * secondsEach
  printTable(`Scheduling, ${slots} slots`, [
    ['', 'Sweepboard', 'xargs -P 8 (records nothing)'],
    [
      `${nothings} trainings that do nothing, a second`,
      (nothings / idle.seconds).toFixed(1),
      (nothings / idlePeer).toFixed(1),
    ],
    [`CPU of the server, ms a training`, ((idle.cpuSeconds / nothings) * 1000).toFixed(1), ''],
    [
      `${rounds * slots} trainings of ${secondsEach} s: slots busy, %`,
      (busy.busyShare * 100).toFixed(2),
      ((ideal / busyPeer) * 100).toFixed(2),
    ],
  ])
}

/** Runs a sweep to its end; `busyShare`: the time that slots were held by a process, of slots × the whole. */
async function measureSweep(trainings: number, command: string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const opened = openDataFolder(
    readConfig({ ...process.env, SWEEPBOARD_SLOTS: String(slots), SWEEPBOARD_GPUS: '0' }, folder),
  )
  if (!('context' in opened)) throw new Error('the folder is held')
  const { context } = opened
  const scheduler = startScheduler(context)
  const axis = { range: ['1', String(trainings), trainings] as [string, string, number] }
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const { id } = createSweep(context, {
    definition: { name: 'bench', axes: { a: axis }, train: { command }, score: { baseline: { B: 0.5 } } },
    directory: folder,
  })
  const ended = Promise.withResolvers<void>()
  context.signals.on('change', () => {
    if (requireSweep(context, id).finishedAt !== null) ended.resolve()
  })
  await ended.promise
  const seconds = (performance.now() - startedAt) / 1000
  const used = process.cpuUsage(cpu)
  // The points have no checkpoint and fail; what counts here is that every training was done.
  const { trainingsDone } = describeSweep(context, requireSweep(context, id)).counts
  if (trainingsDone !== trainings) throw new Error(`${trainingsDone} of ${trainings} trainings were done`)
  const attempts = listSweepJobs(context.database, id).flatMap((job) => listAttempts(context.database, job.id))
  const first = Math.min(...attempts.map((attempt) => attempt.claimedAt))
  const last = Math.max(...attempts.map((attempt) => attempt.finishedAt!))
  const commandSeconds = Number(command[1] ?? 0)
  const busyShare = (trainings * commandSeconds) / (((last - first) / 1000) * slots)
  scheduler.stop()
  opened.close()
  rmSync(folder, { recursive: true })
  return { seconds, cpuSeconds: (used.user + used.system) / 1e6, busyShare }
}

async function measurePeer(trainings: number, command: string): Promise<number> {
  const startedAt = performance.now()
  const child = spawn('xargs', ['-P', String(slots), '-I', '{}', ...command.split(' ')], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.stdin.end(Array.from({ length: trainings }, (_, index) => `${index}\n`).join(''))
  await new Promise((resolve) => child.on('close', resolve))
  return (performance.now() - startedAt) / 1000
}

if (import.meta.main) await run()
