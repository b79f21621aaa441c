/** What an attempt and its machine take, sampled beside it: it needs no server, holds nothing up, and leaves nothing behind. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findJob } from '../db/queries/jobs.ts'
import type { SystemMetricsView } from '../contract/api/runs.ts'
import { describeSystemMetrics } from '../server/read/runs/describe-system-metrics.ts'
import { openTestServer, type TestServer } from './harness.ts'

let server: TestServer
let programs: string
beforeEach(() => {
  server = openTestServer()
  programs = mkdtempSync(path.join(tmpdir(), 'sweepboard-programs-'))
})
afterEach(async () => {
  await server.close()
  rmSync(programs, { recursive: true, force: true })
})

/** A GPU that says nothing of its power, and another that says everything. */
function fakeGpus(): void {
  const file = path.join(programs, 'nvidia-smi')
  const lines =
    'echo "$@" >> "$0.calls"\necho "0, 87, 40960, 81920, 61, [N/A]"\necho "3, 12, 1024, 81920, 40, 301.25"\n'
  writeFileSync(file, `#!/bin/sh\n${lines}`)
  chmodSync(file, 0o755)
}

const busy = 'until [ -e "$0" ]; do :; done'
const sweepOf = (script: string, ...rest: string[]) => ({
  name: 'machine',
  axes: { a: ['1'] },
  train: {
    command: ['bash', '-c', script, ...rest],
    env: { PATH: `${programs}:${process.env.PATH}`, CUDA_VISIBLE_DEVICES: '0,3' },
  },
})
const view = () => describeSystemMetrics(server.context, findJob(server.context.database, 1)!, 300)
async function sampled(id: number): Promise<SystemMetricsView> {
  await server.until(id, () => view() !== null)
  return view()!
}
const valueOf = ({ series }: SystemMetricsView, metric: string) =>
  series.find((one) => one.metric === metric)?.last?.value
/** Command lines of the samplers of this data folder that live. */
function samplers(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const environment = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/environ`, 'utf8') : ''
      const command = environment.includes(`SAMPLED_FOLDER=${server.dataFolder}`) ? [pid] : []
      return command
    } catch {
      return []
    }
  })
}

test('an attempt that computes has its load, its machine and its GPUs by time, and none of it among its metrics', async () => {
  fakeGpus()
  const stop = path.join(programs, 'stop')
  const id = server.create(sweepOf(busy, stop))
  const seen = await sampled(id)
  expect(valueOf(seen, 'attempt/cpu_percent')).toBeGreaterThan(5)
  expect(valueOf(seen, 'attempt/memory_gb')).toBeGreaterThan(0)
  expect(valueOf(seen, 'machine/memory_percent')).toBeGreaterThan(0)
  expect(valueOf(seen, 'machine/disk_percent')).toBeGreaterThan(0)
  expect(valueOf(seen, 'gpu.0/use_percent')).toBe(87)
  expect(valueOf(seen, 'gpu.0/memory_percent')).toBe(50)
  expect(valueOf(seen, 'gpu.3/power_watts')).toBe(301.25)
  expect(valueOf(seen, 'gpu.0/power_watts')).toBeUndefined()
  expect(readFileSync(path.join(programs, 'nvidia-smi.calls'), 'utf8')).toContain('-i 0,3 ')
  const before = seen.series[0]!.points
  // a server that is gone misses nothing
  server.leave()
  server = server.again()
  writeFileSync(stop, '')
  expect((await server.finished(id)).status).toBe('done')
  expect(view()!.series[0]!.points).toBeGreaterThanOrEqual(before)
  expect(server.context.series.names(1)).toEqual([])
  expect(samplers()).toEqual([])
})

test('a wrapper that is killed leaves no sampler for long, and nobody waits for it', async () => {
  const id = server.create(sweepOf('echo $PPID > wrapper; exec sleep 600'))
  await sampled(id)
  const wrapper = Number(readFileSync(path.join(server.dataFolder, 'wrapper'), 'utf8'))
  expect(samplers()).not.toEqual([])
  const command = server.until(id, (sweep) => sweep.slotsHeld === 0)
  process.kill(-wrapper, 'SIGKILL')
  await command
  await expect.poll(samplers, { timeout: 30_000 }).toEqual([])
})

test('a folder that cannot be written to takes nothing from the attempt', async () => {
  // the sampler's file is a folder: its first line has nowhere to go
  const control = path.join(server.dataFolder, 'control', '1-1', 'system.jsonl')
  mkdirSync(control, { recursive: true })
  const id = server.create(sweepOf('true'))
  expect((await server.finished(id)).status).toBe('done')
  expect(view()).toBeNull()
})
