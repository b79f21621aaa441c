/**
 * A sweep with a budget whose server is killed with SIGKILL again and again while it is spent: what its trainings took is counted by themselves,
 * outside the data folder, and never passes it. BUDGET_SEED repeats when.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { listLiveJobs } from '../../db/queries/jobs.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { requireSweep } from '../../server/base/finding/find-sweep.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'
import { smallSweep } from '../harness.ts'
import { inFolder } from './killed.ts'

const slots = 2
const budgetSeconds = 60
/** Says ten times a second by the machine's own clock that it lives, and takes two seconds more of training when it is asked to save. */
const trainer =
  'trap "for i in $(seq 20); do live; done; exit 0" TERM; live() { cat /proc/uptime >> "$0/$$"; sleep 0.1; }; for i in $(seq 40); do live; done'

test('a budget is not passed, however often the server is killed', { timeout: 300_000 }, async () => {
  const seed = Number(process.env.BUDGET_SEED ?? Date.now() % 1_000_000)
  console.log(`BUDGET_SEED=${seed}`)
  const { uniform } = createRandom(seed)
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-'))
  const ledger = mkdtempSync(path.join(tmpdir(), 'ledger-'))
  const environment = { SWEEPBOARD_SLOTS: String(slots), SWEEPBOARD_GPUS: '0', SWEEPBOARD_KILL_SECONDS: '10' }
  onTestFinished(() => [folder, ledger].forEach((each) => rmSync(each, { recursive: true, force: true })))
  const definition = smallSweep({
    axes: { a: { range: ['1', '40', 40] } },
    train: { command: ['bash', '-c', trainer, ledger], gpus: slots },
    evaluate: undefined,
    score: undefined,
    budget: { gpu_hours: budgetSeconds / 3600 },
  })
  const id = inFolder({ folder, environment }, (context) => createSweep(context, { definition, directory: folder }).id)

  const look = () =>
    inFolder({ folder, environment }, (context) => ({
      sweep: describeWholeSweep(context, requireSweep(context, id)),
      live: listLiveJobs(context.database).length,
    }))
  let kills = 0
  for (;;) {
    const server = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), folder], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(server.stdout, 'data')
    await delay(300 + uniform() * 3000)
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
    kills++
    const { sweep, live } = look()
    if (sweep.status === 'paused' && live === 0) break
    expect(sweep.status === 'running' || sweep.status === 'paused', sweep.status).toBe(true)
  }

  const { sweep } = look()
  const seconds = globSync(path.join(ledger, '*')).map((file) => {
    const times = readFileSync(file, 'utf8').trim().split('\n')
    return Number(times.at(-1)!.split(' ')[0]) - Number(times[0]!.split(' ')[0])
  })
  const spent = slots * seconds.reduce((sum, each) => sum + each, 0)
  console.log(`${kills} kills; ${spent.toFixed(1)} of ${budgetSeconds} slot seconds by the trainings' own count`)
  expect(kills).toBeGreaterThan(3)
  expect(spent).toBeLessThan(budgetSeconds)
  expect(sweep.slotHoursSpent * 3600).toBeLessThan(budgetSeconds)
  // and most of it was spent
  expect(spent).toBeGreaterThan(budgetSeconds * 0.6)
  expect(sweep.pauseReason).toContain('GPU hours of its budget are spent')
})
