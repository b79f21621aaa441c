/**
 * What a large cluster costs the server, and what the server costs a cluster. First a model: 10,000 jobs of one GPU on 100 nodes of 4, driven
 * by the real scheduler and executor; only Slurm's commands and what jobs write are pretended (cluster-model.ts). Then, where Slurm is installed,
 * 1,000 jobs that do nothing on a real one of its own, beside a bare `sbatch --array` of the same: once of the same scripts, so that what differs is how
 * they are handed over and followed, and once of the command alone.
 * MODEL_JOBS, MODEL_SECONDS and SLURM_JOBS change their numbers and the length of the model's jobs (8 s).
 */
import { fork } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isSweepFinished } from '../domain/life/run-status.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { readConfig } from '../server/base/process/config.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { startScript } from '../server/executors/cluster/start-script.ts'
import type { Call } from '../server/executors/slurm/call.ts'
import { batchScript } from '../server/executors/slurm/scripts.ts'
import { readSite } from '../server/executors/slurm/site.ts'
import { slurmExecutor } from '../server/executors/slurm/slurm-executor.ts'
import { openDataFolder } from '../server/open.ts'
import { describeSweep } from '../server/read/sweeps/describe-sweep.ts'
import { startScheduler } from '../server/scheduler/scheduler.ts'
import { slurmIsMissing, startSlurm } from '../tests/executors/slurm-cluster.ts'
import { printTable } from './table.ts'

const modelJobs = Number(process.env.MODEL_JOBS ?? 10_000)
const modelSeconds = Number(process.env.MODEL_SECONDS ?? 8)
const realJobs = Number(process.env.SLURM_JOBS ?? 1000)
const nodes = 100
const gpusPerNode = 4
const onNode = path.join(import.meta.dirname, '../server/executors/slurm/on-node.sh')

/** A call of Slurm's commands, and when it was made, by `performance.now()`. */
type Called = { program: string; at: number }

/** Prints the tables. */
export async function run(): Promise<void> {
  if (modelJobs > 0) await model()
  const missing = slurmIsMissing()
  if (realJobs === 0) return
  if (missing === null) await real()
  else console.log(`\nNo sweep on a real Slurm: ${missing}`)
}

async function model(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const settings = path.join(folder, 'settings.yaml')
  writeFileSync(settings, `slurm: { most_jobs: ${modelJobs} }\n`)
  const slurm = fork(path.join(import.meta.dirname, 'cluster-model.ts'), [nodes, gpusPerNode, modelSeconds].map(String))
  const waiting = new Map<number, (text: string) => void>()
  slurm.on('message', ({ id, text }: { id: number; text: string }) => {
    waiting.get(id)!(text)
    waiting.delete(id)
  })
  const calls: Called[] = []
  const call: Call = async (program, args) => {
    if (program === 'sacct') return { ok: false, sure: true, message: 'Slurm accounting storage is disabled' }
    calls.push({ program, at: performance.now() })
    const id = calls.length
    const text = await new Promise<string>((resolve) => {
      waiting.set(id, resolve)
      slurm.send({ id, program, args })
    })
    return { ok: true, text }
  }
  const environment = { ...process.env, SWEEPBOARD_SETTINGS: settings }
  const opened = openDataFolder(readConfig(environment, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const { context } = opened
  context.executors.slurm = slurmExecutor(environment, readSite(settings), 1, call)
  const cpu = process.cpuUsage()
  const before = process.memoryUsage().rss
  const beganAt = performance.now()
  const { id } = createSweep(context, {
    definition: {
      name: 'model',
      axes: { a: Array.from({ length: modelJobs }, (_, at) => String(at)) },
      executor: { slurm: {} },
      track: 'none',
      train: { command: ['true', '${a}'] },
    },
    directory: folder,
  })
  const scheduler = startScheduler(context)
  const looks: number[] = []
  let lookedAt = 0
  let most = 0
  while (!isSweepFinished(requireSweep(context, id).status)) {
    await delay(20)
    const { lastLook, problem } = scheduler.state()
    if (problem !== null) throw new Error(problem)
    if (lastLook !== null && lastLook.at !== lookedAt) looks.push(lastLook.milliseconds)
    lookedAt = lastLook?.at ?? 0
    most = Math.max(most, process.memoryUsage().rss)
  }
  const seconds = (performance.now() - beganAt) / 1000
  const used = process.cpuUsage(cpu)
  const { trainingsDone } = describeSweep(context, requireSweep(context, id)).counts
  if (trainingsDone !== modelJobs) throw new Error(`${trainingsDone} of ${modelJobs} trainings were done`)
  scheduler.stop()
  opened.close()
  slurm.disconnect()
  rmSync(folder, { recursive: true })

  const sorted = looks.toSorted((one, other) => one - other)
  const share = (part: number) =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!)} ms`
  const asked = calls.filter(({ program }) => program === 'squeue')
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`
  const ideal = (modelJobs * modelSeconds) / (nodes * gpusPerNode)
  printTable(
    `A model of ${modelJobs} jobs on ${nodes} nodes of ${gpusPerNode} GPUs, each ${modelSeconds} s on average`,
    [
      ['', ''],
      ['through in', `${seconds.toFixed(0)} s (${ideal.toFixed(0)} s if all GPUs were always busy)`],
      ['a look of the scheduler, median / 95 in 100 / longest', `${share(0.5)} / ${share(0.95)} / ${share(1)}`],
      ['memory before / most', `${megabytes(before)} / ${megabytes(most)}`],
      ['processor of the server', `${(((used.user + used.system) / 1e6 / seconds) * 100).toFixed(0)} % of a core`],
      ['questions (squeue)', `${asked.length}, at least ${shortestPause(asked).toFixed(1)} s apart`],
      ['submissions (sbatch)', String(calls.filter(({ program }) => program === 'sbatch').length)],
      ['other calls', String(calls.filter(({ program }) => program !== 'sbatch' && program !== 'squeue').length)],
    ],
  )
}

/** The script of an array whose jobs run what a sweep's do, without a sweep. */
function sameScripts(folder: string): string {
  const controls = Array.from({ length: realJobs }, (_, at) => path.join(folder, String(at)))
  for (const control of controls) {
    mkdirSync(path.join(control, 'run'), { recursive: true })
    const launch = {
      mark: path.basename(control),
      control,
      folder: path.join(control, 'run'),
      directory: folder,
      command: ['/bin/true', path.basename(control)],
      environment: { PATH: process.env.PATH },
    }
    writeFileSync(path.join(control, 'start.sh'), startScript(launch, {}, 1, onNode))
  }
  const script = path.join(folder, 'submit.sh')
  writeFileSync(script, batchScript(controls, 0))
  return script
}

/** Seconds. */
function shortestPause(calls: readonly Called[]): number {
  return Math.min(...calls.slice(1).map(({ at }, index) => (at - calls[index]!.at) / 1000))
}

async function real(): Promise<void> {
  const cluster = await startSlurm()
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const within = (name: string) => path.join(folder, name)
  // every call of Slurm's commands leaves a line
  for (const program of ['sbatch', 'squeue', 'sacct', 'scancel']) {
    const found = (await cluster.call('which', program)).trim()
    const text = `#!/bin/sh\necho "$(date +%s.%N) ${program}" >> '${within('calls')}'\nexec ${found} "$@"\n`
    writeFileSync(within(program), text)
    chmodSync(within(program), 0o755)
  }
  writeFileSync(within('settings.yaml'), 'slurm: { ask_seconds: 2, file_delay_seconds: 1, options: ["--gres=none"] }\n')
  const environment = { ...process.env, ...cluster.environment, SWEEPBOARD_SETTINGS: within('settings.yaml') }
  const opened = openDataFolder(readConfig({ ...environment, PATH: `${folder}:${process.env.PATH}` }, within('data')))
  if (!('context' in opened)) throw new Error('the folder is held')
  const { context } = opened
  const scheduler = startScheduler(context)
  try {
    const bareSeconds = async (...job: string[]) => {
      const beganAt = performance.now()
      const array = `--array=0-${realJobs - 1}`
      await cluster.call('sbatch', array, '--no-requeue', '--output=/dev/null', ...job)
      while ((await cluster.call('squeue', '-h', '-o', '%i')) !== '') await delay(200)
      return (performance.now() - beganAt) / 1000
    }
    const nothing = await bareSeconds('--wrap', 'exec /bin/true')
    const before = await bareSeconds(sameScripts(within('before')))
    const ownAt = performance.now()
    const { id } = createSweep(context, {
      definition: {
        name: 'thousand',
        axes: { a: Array.from({ length: realJobs }, (_, at) => String(at)) },
        executor: { slurm: {} },
        track: 'none',
        train: { command: ['/bin/true', '${a}'] },
      },
      directory: folder,
    })
    while (!isSweepFinished(requireSweep(context, id).status)) await delay(200)
    const own = (performance.now() - ownAt) / 1000
    const { trainingsDone } = describeSweep(context, requireSweep(context, id)).counts
    if (trainingsDone !== realJobs) throw new Error(`${trainingsDone} of ${realJobs} trainings were done`)
    // before and after: the machine's other work comes and goes
    const after = await bareSeconds(sameScripts(within('after')))
    const same = (before + after) / 2
    const calls = readFileSync(within('calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line): Called => ({ program: line.split(' ')[1]!, at: Number(line.split(' ')[0]) * 1000 }))
    const asked = calls.filter(({ program }) => program === 'squeue')
    const submitted = calls.filter(({ program }) => program === 'sbatch')
    if (shortestPause(asked) < 1.9) throw new Error('Slurm was asked more often than every two seconds')
    const rate = (seconds: number) => (realJobs / seconds).toFixed(1)
    printTable(`${realJobs} jobs that do nothing on a real Slurm of two pretended nodes, in one run`, [
      ['', 'a sweep', 'one bare sbatch --array of the same scripts', 'and of /bin/true'],
      [
        'through in',
        `${own.toFixed(1)} s`,
        `${before.toFixed(1)} s before, ${after.toFixed(1)} s after`,
        `${nothing.toFixed(1)} s`,
      ],
      ['jobs a second', rate(own), rate(same), rate(nothing)],
      ['a sweep has of that', '', `${((100 * same) / own).toFixed(0)} %`, `${((100 * nothing) / own).toFixed(0)} %`],
      ['questions (squeue)', `${asked.length}, at least ${shortestPause(asked).toFixed(2)} s apart`, '', ''],
      [
        'submissions (sbatch)',
        `${submitted.length} in ${((submitted.at(-1)!.at - submitted[0]!.at) / 1000).toFixed(1)} s`,
        '1',
        '1',
      ],
      ['other calls', String(calls.length - asked.length - submitted.length), '', ''],
    ])
  } finally {
    scheduler.stop()
    opened.close()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) await run()
