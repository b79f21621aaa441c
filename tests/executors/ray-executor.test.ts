/** The executor for Ray on a real one, which is started for this file; without Ray's program it is skipped, and says so. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rayJobs, type RayJobs } from '../../server/executors/ray/jobs.ts'
import { rayExecutor } from '../../server/executors/ray/ray-executor.ts'
import { askFor, describeExecutor, launch, makeAttempt, observe, pause, until, untilFile } from './executor-contract.ts'
import { rayIsMissing, startRay, type RayCluster } from './ray-cluster.ts'

const missing = rayIsMissing()
if (missing !== null) console.log(`The executor for Ray is not tested: ${missing}`)

describe.skipIf(missing !== null)('Ray', () => {
  let cluster: RayCluster
  beforeAll(async () => {
    cluster = await startRay()
    askFor({ gpus: 0, name: 'contract', ray: { address: cluster.address, cpus: 0.1 } })
  }, 600_000)
  afterAll(() => cluster.stop())

  const settings = { killSeconds: 1, fileDelaySeconds: 0.2, askSeconds: 0.3, silenceSeconds: 4 }
  const make = (calls?: RayJobs) => rayExecutor(process.env, settings, calls)
  const attempt = () => makeAttempt(() => make())
  const asking = (ray: object, gpus = 0) => ({
    request: { gpus, name: 'A sweep: "first"', ray: { address: cluster.address, cpus: 0.1, ...ray } },
  })

  describeExecutor('the executor for Ray', () => make())

  test('a job has the GPUs that it asked for, and none of the server’s; the place says where', async () => {
    const executor = make()
    const own = attempt()
    await launch(executor, own, 'echo "$CUDA_VISIBLE_DEVICES" > "$ROOT/gpus"', asking({}, 2))
    const { place } = await until(executor, own, ['ended'])
    const gpus = readFileSync(path.join(own.root, 'gpus'), 'utf8').trim()
    expect(gpus).toMatch(/^\d,\d$/)
    expect(place).toMatchObject({ engine: 'ray', gpus, job: expect.stringMatching(/^a-sweep-first-[0-9a-f]{16}$/) })
  })

  test('what the cluster has no room for is queued, and can be given up for good', async () => {
    const executor = make()
    const own = attempt()
    await launch(executor, own, 'touch "$ROOT/ran"', asking({}, 80))
    for (;;) {
      const seen = await until(executor, own, ['queued'])
      if (seen.place!.waits!.includes('no room')) break
      await pause()
    }
    expect(await executor.abandon([own])).toEqual([true])
    expect((await observe(make(), own)).state).toBe('vanished')
  })

  test('a job that is stopped from outside says so, and its exit code 0 is no end', async () => {
    const executor = make()
    const own = attempt()
    await launch(executor, own, `trap 'exit 0' TERM; touch "$ROOT/ready"; while :; do sleep 0.02; done`)
    await untilFile(path.join(own.root, 'ready'))
    const { place } = await until(executor, own, ['running'])
    await rayJobs().stop(cluster.address, place!.job!)
    expect(await until(executor, own, ['ended'])).toMatchObject({ interruption: { costs: 'retry' }, signalled: false })
  })

  test('an answer that was lost makes no second job, and a cluster that is away is told', async () => {
    const real = rayJobs()
    let times = 0
    const lossy: RayJobs = {
      ...real,
      async submit(address, body) {
        const answer = await real.submit(address, body)
        return ++times === 1 ? { ok: false, sure: false, message: 'the line was cut' } : answer
      },
    }
    const own = attempt()
    const executor = make(lossy)
    await launch(executor, own, 'echo started >> "$ROOT/starts"')
    await until(executor, own, ['ended'])
    for (let looks = 0; times < 2 && looks < 1000; looks++) await pause()
    expect(readFileSync(path.join(own.root, 'starts'), 'utf8')).toBe('started\n')
    const other = makeAttempt(() => make())
    await launch(make(), other, 'true', asking({ address: 'http://127.0.0.1:9' }))
    const away = make()
    for (;;) {
      const { place } = await until(away, other, ['queued'])
      if (place!.waits!.includes('does not answer')) break
      await pause()
    }
    await away.abandon([other])
  })

  test('what the interface refuses ends the attempt with its words', async () => {
    const real = rayJobs()
    const asksForMany: RayJobs = {
      ...real,
      submit: (address, body) => real.submit(address, { ...body, entrypoint_num_cpus: 'many' }),
    }
    const executor = make(asksForMany)
    const own = attempt()
    await launch(executor, own, 'touch "$ROOT/ran"')
    const end = await until(executor, own, ['ended'])
    expect(end.error).toMatch(/could not be handed to Ray: .*entrypoint_num_cpus must be a number/)
    expect(existsSync(path.join(own.root, 'ran'))).toBe(false)
  })

  // Ray takes any runtime_env, and tries it when the job's turn comes; fields that it does not know it lets pass
  test('what Ray cannot start is lost with Ray’s own words', async () => {
    const executor = make()
    const own = attempt()
    const options = { runtime_env: { pip: ['a'], conda: 'b' } }
    await launch(executor, own, 'touch "$ROOT/ran"', asking({ options }))
    const { interruption } = await until(executor, own, ['vanished'])
    expect(interruption).toMatchObject({
      costs: 'loss',
      sentence: expect.stringMatching(/Ray could not start job a-sweep-first-\w+: .*'pip' field.* and 'conda' field/),
    })
    expect(existsSync(path.join(own.root, 'ran'))).toBe(false)
  })

  test('a head that is started anew ends nothing that lives, and what does not is lost, with a sentence', async () => {
    const executor = make()
    const own = attempt()
    await launch(executor, own, 'touch "$ROOT/ready"; until [ -e "$ROOT/go" ]; do sleep 0.02; done')
    await untilFile(path.join(own.root, 'ready'))
    await until(executor, own, ['running'])
    await cluster.kill()
    expect((await observe(executor, own)).state).toBe('running')
    await cluster.start()
    writeFileSync(path.join(own.root, 'go'), '')
    // Ray ends what its daemons started when they are gone, or does not come to it: both ends are told
    const end = await until(executor, own, ['vanished', 'ended'])
    if (end.state === 'vanished') expect(end.interruption!.sentence).toContain('knows nothing of job')
    expect(existsSync(path.join(own.control, 'claim'))).toBe(true)
  }, 180_000)
})
