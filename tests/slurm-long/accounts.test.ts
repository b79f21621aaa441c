/**
 * Where a site keeps accounts, what Slurm's controller has forgotten is asked of them. By command, as it needs a MariaDB:
 * `SLURM_ACCOUNTS=1 npm test -- tests/slurm-long/accounts`.
 */
import { expect, onTestFinished, test } from 'vitest'
import { slurmExecutor } from '../../server/executors/slurm/slurm-executor.ts'
import { launch, makeAttempt, until, untilFile } from '../executors/executor-contract.ts'
import { slurmIsMissing, startSlurm } from '../executors/slurm-cluster.ts'
import path from 'node:path'

const reason = slurmIsMissing() ?? (process.env.SLURM_ACCOUNTS ? null : 'SLURM_ACCOUNTS=1 asks for it.')
if (reason !== null) console.log(`Slurm's accounts are not tried: ${reason}`)

test.skipIf(reason !== null)('a job that the controller has forgotten is known by the accounts', async () => {
  // the shortest that it keeps what has ended
  const cluster = await startSlurm({ accounting: true, lines: ['MinJobAge=2'] })
  onTestFinished(() => cluster.stop())
  const site = { ask_seconds: 0.5, most_jobs: 10, file_delay_seconds: 1, save_seconds: 180 }
  const make = () => slurmExecutor({ ...process.env, ...cluster.environment }, site, 1)
  const own = makeAttempt(make)
  await launch(make(), own, `trap '' TERM; touch "$ROOT/ready"; while :; do sleep 0.02; done`)
  await untilFile(path.join(own.root, 'ready'))
  const { place } = await until(make(), own, ['running'])
  await cluster.call('scancel', place!.job!)
  await expect
    .poll(() => cluster.call('squeue', '-h', '-t', 'all', '-o', '%i'), { timeout: 100_000, interval: 1000 })
    .toBe('')
  // a server that was away meanwhile
  const end = await until(make(), own, ['vanished', 'ended'])
  expect(end.interruption).toMatchObject({ costs: 'retry', sentence: expect.stringContaining('cancelled') })
})
