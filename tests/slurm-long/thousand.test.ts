/**
 * A thousand short jobs on a real Slurm, beside a bare `sbatch --array` of the same: how fast they are through, and how often Slurm
 * is asked. By command, as it takes minutes: `SLURM_JOBS=1000 npm test -- tests/slurm-long/thousand`.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isSweepFinished } from '../../domain/life/run-status.ts'
import { requireSweep } from '../../server/base/find-sweep.ts'
import { slurmIsMissing, startSlurm } from '../executors/slurm-cluster.ts'
import { openTestServer } from '../harness.ts'

const jobs = Number(process.env.SLURM_JOBS ?? 0)
const reason = slurmIsMissing() ?? (jobs === 0 ? 'it takes minutes; SLURM_JOBS=1000 asks for it.' : null)
if (reason !== null) console.log(`A thousand jobs on Slurm are not tried: ${reason}`)

test.skipIf(reason !== null)(`${jobs} short jobs`, { timeout: 900_000 }, async () => {
  const cluster = await startSlurm()
  const folder = mkdtempSync(path.join(tmpdir(), 'thousand-'))
  const within = (name: string) => path.join(folder, name)
  // every call of Slurm's commands leaves a line
  for (const program of ['sbatch', 'squeue', 'sacct', 'scancel']) {
    const real = (await cluster.call('which', program)).trim()
    const text = `#!/bin/sh\necho "$(date +%s.%N) ${program}" >> '${within('calls')}'\nexec ${real} "$@"\n`
    writeFileSync(within(program), text)
    chmodSync(within(program), 0o755)
  }
  writeFileSync(within('settings.yaml'), 'slurm: { ask_seconds: 2, file_delay_seconds: 1, options: ["--gres=none"] }\n')
  const server = openTestServer({
    ...cluster.environment,
    SWEEPBOARD_SETTINGS: within('settings.yaml'),
    PATH: `${folder}:${process.env.PATH}`,
  })
  onTestFinished(async () => {
    await server.close()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const queued = async () => (await cluster.call('squeue', '-h', '-o', '%i')) !== ''
  const bareAt = performance.now()
  const most = String(jobs - 1)
  await cluster.call('sbatch', `--array=0-${most}`, '--no-requeue', '--output=/dev/null', '--wrap', 'exec /bin/true')
  const bareSubmitted = performance.now() - bareAt
  while (await queued()) await new Promise((resolve) => setTimeout(resolve, 200))
  const bare = performance.now() - bareAt

  const sweepAt = performance.now()
  const id = server.create({
    name: 'thousand',
    axes: { a: Array.from({ length: jobs }, (_, at) => String(at)) },
    executor: { slurm: {} },
    track: 'none',
    train: { command: ['/bin/true', '${a}'] },
  })
  // nothing is read of the sweep at each change: that is a page's business, and measured elsewhere
  while (!isSweepFinished(requireSweep(server.context, id).status))
    await new Promise((resolve) => setTimeout(resolve, 200))
  const own = performance.now() - sweepAt
  const calls = readFileSync(within('calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string])
  const asked = calls.filter(([, program]) => program === 'squeue').map(([time]) => Number(time))
  const submissions = calls.filter(([, program]) => program === 'sbatch').map(([time]) => Number(time))
  const shortest = Math.min(...asked.slice(1).map((time, at) => time - asked[at]!))
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1)
  console.log(
    [
      `bare sbatch --array: submitted in ${seconds(bareSubmitted)} s, through in ${seconds(bare)} s (${(jobs / (bare / 1000)).toFixed(1)} jobs/s)`,
      `sweep: ${submissions.length} arrays in ${(submissions.at(-1)! - submissions[0]!).toFixed(1)} s, through in ${seconds(own)} s (${(jobs / (own / 1000)).toFixed(1)} jobs/s), ${Math.round((100 * bare) / own)} % of the bare rate`,
      `questions: ${asked.length} squeue, at least ${shortest.toFixed(2)} s apart; ${calls.length - asked.length - submissions.length} others`,
    ].join('\n'),
  )
  expect(server.sweep(id).points.every(({ status }) => status === 'done')).toBe(true)
  expect(shortest).toBeGreaterThan(1.9)
})
