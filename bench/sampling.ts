/**
 * What sampling an attempt costs (server/executors/local/sample.awk): processor time of the sampler and of what it starts, in its first
 * two minutes and once it has found its pace, without GPUs and with a program in nvidia-smi's place that takes 50 ms of processor time.
 */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { printTable } from './table.ts'

const seconds = 120
const script = path.join(import.meta.dirname, '../server/executors/local/sample.awk')
/** Of GPUs that answer like a machine's whose driver is loaded. */
const asNvidia = `#!/bin/sh
i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done
echo "0, 87, 40960, 81920, 61, 300.5"
`

/** Milliseconds of processor time of a process and of those that it has waited for. */
function processorMilliseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return 10 * [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0)
}

const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!

async function measure(gpus: string, programs: string): Promise<string[]> {
  const variables = {
    leader: process.pid,
    started: startOf(process.pid),
    ticks: 100,
    page: 4096,
    epoch: Math.floor(Date.now() / 1000),
    gpus,
  }
  const given = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`])
  const environment = { ...process.env, PATH: `${programs}:${process.env.PATH}`, SAMPLED_FOLDER: programs, LC_ALL: 'C' }
  const sampler = spawn('setsid', ['awk', ...given, '-f', script], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let samples = 0
  sampler.stdout.on('data', (chunk: Buffer) => (samples += chunk.toString().split('\n').length - 1))
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds))
  const spent = processorMilliseconds(sampler.pid!)
  process.kill(-sampler.pid!, 'SIGKILL')
  const each = spent / (samples + 1)
  const name = gpus === 'none' ? 'without GPUs' : 'with GPUs'
  return [name, String(samples), each.toFixed(1), (spent / seconds / 10).toFixed(2), (each / 15 / 10).toFixed(2)]
}

export async function run(): Promise<void> {
  const programs = mkdtempSync(path.join(tmpdir(), 'sweepboard-bench-'))
  try {
    writeFileSync(path.join(programs, 'nvidia-smi'), asNvidia)
    chmodSync(path.join(programs, 'nvidia-smi'), 0o755)
    const rows = await Promise.all([measure('none', programs), measure('all', programs)])
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length
    printTable(`Sampling an attempt, on a machine of ${processes} processes`, [
      ['', `samples in ${seconds} s`, 'processor time each, ms', '% of a core', 'at one every 15 s'],
      ...rows,
    ])
  } finally {
    rmSync(programs, { recursive: true, force: true })
  }
}
