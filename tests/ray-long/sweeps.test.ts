/**
 * Sweeps whose jobs run on a real Ray, a head with eight pretended GPUs: the report's grid, and ten faults at random, after which what was
 * lost, doubled or started twice is looked for outside the data folder. By command, as it needs Ray and takes minutes:
 * `RAY=1 RAY_FAULTS=10 npm test -- tests/ray-long`. RAY_SEED repeats when and what comes, as far as processes run alike.
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { rayJobs } from '../../server/executors/ray/jobs.ts'
import { checkLoggedOnNode } from '../executors/logged-on-node.ts'
import { openFaultRun, type Fault } from '../executors/fault-run.ts'
import { rayIsMissing, startRay, type RayCluster } from '../executors/ray-cluster.ts'
import { runReportGrid } from '../executors/report-grid.ts'

const faults = Number(process.env.RAY_FAULTS ?? 0)
const seed = Number(process.env.RAY_SEED ?? Date.now() % 1_000_000)
const missing = process.env.RAY_BIN || process.env.RAY ? rayIsMissing() : 'it takes minutes; RAY=1 asks for it.'
if (missing !== null) console.log(`Sweeps on Ray are not tested: ${missing}`)
else if (faults === 0) console.log('Faults of Ray are not tried: they take minutes; RAY_FAULTS=10 asks for them.')

describe.skipIf(missing !== null)('a sweep on Ray', () => {
  let cluster: RayCluster
  beforeAll(async () => {
    cluster = await startRay()
  }, 600_000)
  afterAll(() => cluster.stop())

  test(
    'the report’s grid: 9 trainings of 4 GPUs, 18 evaluations of 1, every point scored as published and nothing started twice',
    { timeout: 600_000 },
    async () => {
      const { places } = await runReportGrid({}, `{ ray: { address: "${cluster.address}" } }`)
      expect(places.map(({ gpus }) => gpus!.split(',').length).toSorted()).toEqual([
        ...Array<number>(18).fill(1),
        ...Array<number>(9).fill(4),
      ])
    },
  )

  test('what a script logs on a node is taken in there, though no server is there and the intake is killed', async () => {
    await checkLoggedOnNode({}, { ray: { address: cluster.address, gpus: 1, cpus: 1 } })
  })

  test.skipIf(faults === 0)(
    `${faults} faults lose and double nothing, and start nothing twice`,
    { timeout: 600_000 + faults * 60_000 },
    async () => {
      console.log(`RAY_SEED=${seed}`)
      const run = openFaultRun(seed)
      const { pick, upTo } = run
      onTestFinished(async () => {
        run.stop()
        await cluster.kill()
        run.remove()
        await cluster.start()
      })
      run.begin({ ray: { address: cluster.address, gpus: 1, cpus: 1 } }, Math.max(8, faults))
      const kinds: Record<string, Fault> = {
        ...run.kinds,
        async jobStop() {
          const jobs = await rayJobs().list(cluster.address)
          if (!jobs.ok) return false
          const [id] = pick([...jobs.value].filter(([, { status }]) => status === 'RUNNING')) ?? []
          return id !== undefined && (await rayJobs().stop(cluster.address, id)).ok
        },
        async head() {
          await cluster.kill()
          await upTo(10)
          await cluster.start()
          return true
        },
      }
      await run.meet(kinds, faults)
      await run.over()
      run.check()
    },
  )
})
