/** The executor for Slurm on a real one, which is started for this file; without Slurm's programs it is skipped, and says so. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slurmCalls, type Call } from '../../server/executors/slurm/call.ts'
import { slurmExecutor } from '../../server/executors/slurm/slurm-executor.ts'
import { describeExecutor, launch, makeAttempt, observe, pause, until, untilFile } from './executor-contract.ts'
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
  const environment = () => ({ ...process.env, ...cluster.environment })
  const make = (call?: Call) => slurmExecutor(environment(), site, 1, call)
  const attempt = () => makeAttempt(() => make())
  const asking = (slurm: object, gpus = 0) => ({ request: { gpus, name: 'A sweep: "first"', slurm } })

  describeExecutor('the executor for Slurm', () => make())

  test('attempts that start together are one array, each at its own place with the GPUs that it asked for', async () => {
    const calls: string[][] = []
    const call: Call = (program, args, seconds) => {
      calls.push([program, ...args])
      return slurmCalls(environment())(program, args, seconds)
    }
    const executor = slurmExecutor({ ...environment(), CUDA_VISIBLE_DEVICES: '7' }, site, 1, call)
    const all = [attempt(), attempt(), attempt()]
    await executor.launch(
      all.map(({ root, ...own }) => ({
        ...own,
        ...asking({}, 2),
        command: ['bash', '-c', 'echo "$CUDA_VISIBLE_DEVICES $SLURM_ARRAY_TASK_ID" > "$ROOT/gpus"'],
        directory: own.folder,
        environment: { ROOT: root, PATH: process.env.PATH, CUDA_VISIBLE_DEVICES: '7' },
      })),
    )
    const places = []
    for (const own of all) places.push((await until(executor, own, ['ended'])).place!)
    expect(calls.filter(([program]) => program === 'sbatch')).toHaveLength(1)
    const [number] = places[0]!.job!.split('_')
    expect(places.map(({ job }) => job)).toEqual([0, 1, 2].map((at) => `${number}_${at}`))
    expect(places.every(({ node, cluster: name }) => /^n[12]$/.test(node!) && name === 'trial')).toBe(true)
    // the environment of this machine names no GPUs there; nothing of the array reaches the command
    for (const own of all) expect(readFileSync(path.join(own.root, 'gpus'), 'utf8')).toMatch(/^(\d,\d)? \n$/)
  })

  test('a submission whose answer was lost is found by its name, by this server and by a later one', async () => {
    let submissions = 0
    const losing: Call = async (program, args, seconds) => {
      const answer = await slurmCalls(environment())(program, args, seconds)
      if (program !== 'sbatch') return answer
      submissions++
      return { ok: false, sure: false, message: 'Socket timed out on send/recv operation' }
    }
    const executor = make(losing)
    const own = attempt()
    await launch(executor, own, 'until [ -e "$ROOT/go" ]; do sleep 0.02; done')
    await until(executor, own, ['running'])
    await launch(make(losing), own, 'true')
    writeFileSync(path.join(own.root, 'go'), '')
    await until(executor, own, ['ended'])
    expect(submissions).toBe(1)
  })

  test('with the controller away what is to start waits and says so, what runs goes on, and each starts once', async () => {
    const executor = make()
    const before = attempt()
    const own = attempt()
    await launch(executor, before, 'until [ -e "$ROOT/go" ]; do sleep 0.02; done')
    await until(executor, before, ['running'])
    await cluster.kill('slurmctld', 'SIGTERM')
    await launch(executor, own, 'echo started >> "$ROOT/starts"')
    for (;;) {
      const seen = await until(executor, own, ['queued'])
      if (seen.place!.waits!.includes('did not answer')) break
      await pause()
    }
    expect((await observe(executor, before)).state).toBe('running')
    writeFileSync(path.join(before.root, 'go'), '')
    expect(await until(executor, before, ['ended'])).toMatchObject({ exitCode: 0, interruption: null })
    await cluster.start('slurmctld')
    await until(executor, own, ['ended'])
    expect(readFileSync(path.join(own.root, 'starts'), 'utf8')).toBe('started\n')
  })

  test('a held job says Slurm’s reason, and given up it leaves the queue', async () => {
    const executor = make()
    const own = attempt()
    await launch(executor, own, 'touch "$ROOT/ran"', asking({ options: ['--hold'] }))
    let job = ''
    for (;;) {
      const { place } = await until(executor, own, ['queued'])
      job = place!.job ?? ''
      if (/JobHeldUser/.test(place!.waits!)) break
      await pause()
    }
    expect(await executor.abandon([own])).toEqual([true])
    await until(executor, own, ['vanished'])
    expect(await cluster.call('squeue', '-h', '-t', 'all', '-o', '%T', '-j', job)).toBe('CANCELLED\n')
    expect(existsSync(path.join(own.root, 'ran'))).toBe(false)
  })

  test('a job that waits says how many go before it, and when Slurm expects to start it', async () => {
    const executor = make()
    // two that run on all GPUs, and three that wait
    for (let count = 0; count < 5; count++)
      await cluster.call('sbatch', '--gres=gpu:4', '--time=10', '--output=/dev/null', '--wrap', 'sleep 600')
    const running = () => cluster.call('squeue', '-h', '-t', 'running', '-n', 'wrap', '-o', '%i')
    while ((await running()).split('\n').length < 3) await pause()
    const own = attempt()
    await launch(executor, own, 'true', asking({ time: '10' }, 4))
    for (;;) {
      const { place } = await until(executor, own, ['queued'])
      if (place!.ahead === 3 && place!.expectedStart! > Date.now()) break
      await pause()
    }
    expect(await executor.abandon([own])).toEqual([true])
    await until(executor, own, ['vanished'])
    await cluster.call('scancel', '--name=wrap')
    await cluster.ready()
  })

  test.each([
    [{ partition: 'nowhere' }, /could not be handed to Slurm: .*nvalid partition name/],
    [{ options: ['--gres=gpu:99'] }, /Requested node configuration is not available/],
    [{ options: ['--no-such-option'] }, /unrecognized option/],
  ])('what Slurm refuses ends the attempt with its words: %j', async (slurm, words) => {
    const own = attempt()
    const executor = make()
    await launch(executor, own, 'touch "$ROOT/ran"', asking(slurm))
    const end = await until(executor, own, ['ended'])
    expect(end.error).toMatch(words)
    expect(existsSync(path.join(own.root, 'ran'))).toBe(false)
  })

  const jobOf = async (own: ReturnType<typeof attempt>) => (await until(make(), own, ['running'])).place!.job!
  const lives = 'touch "$ROOT/ready"; while :; do sleep 0.02; done'
  const saves = `trap 'exit 0' TERM; ${lives}`

  test.each([
    ['scancel', lives, (job: string) => ['scancel', job], 'retry', /cancelled, and not by Sweepboard/],
    ['scancel, and a command that saves', saves, (job: string) => ['scancel', job], 'retry', /cancelled, and not/],
    ['the time limit', saves, (job: string) => ['scancel', '--batch', '--signal=USR1', job], 'progress', /time limit/],
    ['a requeue', lives, (job: string) => ['scontrol', 'requeue', job], 'nothing', /put back into the queue/],
    [
      'a node that goes down',
      lives,
      (_job: string, node: string) => ['scontrol', 'update', `NodeName=${node}`, 'State=DOWN', 'Reason=test'],
      'loss',
      /went down/,
    ],
  ])('ended from outside by %s, the attempt says so and what it costs', async (_name, script, what, costs, words) => {
    const own = attempt()
    const executor = make()
    await launch(executor, own, script)
    await untilFile(path.join(own.root, 'ready'))
    const job = await jobOf(own)
    const { node } = (await until(executor, own, ['running'])).place!
    if (costs === 'nothing') await cluster.call('scontrol', 'update', `JobId=${job}`, 'Requeue=1')
    const [program, ...args] = what(job, node!)
    await cluster.call(program!, ...args)
    const end = await until(executor, own, ['ended', 'vanished'])
    expect(end.interruption).toMatchObject({ costs, sentence: expect.stringMatching(words) })
    // it may have come back by itself
    if (costs === 'loss') await cluster.call('scontrol', 'update', `NodeName=${node}`, 'State=RESUME').catch(() => {})
    await cluster.ready()
  })
})
