/** The executor for Slurm on a real one, which is started for this file; without Slurm's programs it is skipped, and says so. */
import { afterAll, beforeAll, describe } from 'vitest'
import { slurmExecutor } from '../../server/executors/slurm/slurm-executor.ts'
import { describeExecutor } from './executor-contract.ts'
import { slurmIsMissing, startSlurm, type SlurmCluster } from './slurm-cluster.ts'

const missing = slurmIsMissing()
if (missing !== null) console.log(`The executor for Slurm is not tested: ${missing}`)

describe.skipIf(missing !== null)('Slurm', () => {
  let cluster: SlurmCluster
  beforeAll(async () => {
    cluster = await startSlurm()
  })
  afterAll(() => cluster.stop())

  const site = { ask_seconds: 0.3, most_jobs: 1000, file_delay_seconds: 0.2, save_seconds: 180 }
  const make = () => slurmExecutor({ ...process.env, ...cluster.environment }, site, 1)

  describeExecutor('the executor for Slurm', make)
})
