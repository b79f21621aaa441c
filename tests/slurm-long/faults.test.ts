/**
 * Faults at random while a sweep runs on a real Slurm without accounts, and what was lost, doubled or started twice is looked for
 * outside the data folder. By command, as it takes minutes: `SLURM_FAULTS=40 npm test -- tests/slurm-long/faults`. When and what comes
 * from a seed that is printed; SLURM_SEED repeats it, as far as processes run alike. Every kind is met before one is met again.
 *
 * Two kinds are pretended, as both nodes are this machine. The clock of node n2: its daemon, its jobs and the times that these
 * give to checkpoints and reports are 90 s off by libfaketime, ahead or behind. Files that are seen late: ../executors/late-files.mjs.
 */
import { globSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished, test } from 'vitest'
import { openFaultRun, type Fault } from '../executors/fault-run.ts'
import { slurmIsMissing, startSlurm } from '../executors/slurm-cluster.ts'

const faults = Number(process.env.SLURM_FAULTS ?? 0)
const seed = Number(process.env.SLURM_SEED ?? Date.now() % 1_000_000)
const [faketime] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
const reason =
  slurmIsMissing() ??
  (faults === 0 ? 'it takes minutes; SLURM_FAULTS=40 asks for it.' : null) ??
  (faketime === undefined ? 'libfaketime is not installed; on Debian: apt-get install libfaketime.' : null)
if (reason !== null) console.log(`Faults of Slurm are not tried: ${reason}`)

test.skipIf(reason !== null)(
  `${faults} faults lose and double nothing, and start nothing twice`,
  { timeout: 600_000 + faults * 20_000 },
  async () => {
    console.log(`SLURM_SEED=${seed}`)
    const run = openFaultRun(seed)
    const { outside, pick, wait, upTo } = run
    // what it prints goes into the environment of each job of the node
    const clock = outside('clock')
    const prolog = `#!/bin/sh\n[ "$SLURMD_NODENAME" != n2 ] || [ ! -s ${clock} ] || cat ${clock}\n`
    writeFileSync(outside('prolog.sh'), prolog, { mode: 0o755 })
    const cluster = await startSlurm({ lines: [`TaskProlog=${outside('prolog.sh')}`] })
    onTestFinished(async () => {
      run.stop()
      await cluster.stop()
      run.remove()
    })
    Object.assign(run.environment, cluster.environment, {
      NODE_OPTIONS: `--import=${path.join(import.meta.dirname, '../executors/late-files.mjs')}`,
      SWEEPBOARD_LATE_ROOT: run.folder,
      SWEEPBOARD_LATE_WHILE: outside('late'),
    })
    run.begin({ slurm: { time: '30' } }, Math.max(8, faults))

    const control = (...args: string[]) =>
      cluster.call('scontrol', ...args).then(
        () => true,
        () => false,
      )
    const resume = (node: string) => control('update', `NodeName=${node}`, 'State=RESUME')
    const running = async () =>
      (await cluster.call('squeue', '-h', '-r', '-t', 'running', '-o', '%i').catch(() => ''))
        .split('\n')
        .filter(Boolean)
    const withoutController = async (pause: Promise<unknown>) => {
      await cluster.kill('slurmctld')
      await pause
      await cluster.start('slurmctld')
      return true
    }
    let offset = 0
    const kinds: Record<string, Fault> = {
      ...run.kinds,
      controller: () => withoutController(upTo(5)),
      async nodeDaemon() {
        const node = pick(['n1', 'n2'] as const)!
        await cluster.kill(node)
        await upTo(3)
        await cluster.start(node)
        return true
      },
      async scancel() {
        const job = pick(await running())
        if (job !== undefined) await cluster.call('scancel', job)
        return job !== undefined
      },
      async requeue() {
        const job = pick(await running())
        if (job === undefined) return false
        await control('update', `JobId=${job}`, 'Requeue=1')
        return control('requeue', job)
      },
      async nodeDown() {
        const node = pick(['n1', 'n2'])!
        await control('update', `NodeName=${node}`, 'State=DOWN', 'Reason=test')
        await wait(1)
        await resume(node)
        return true
      },
      async clock() {
        offset = offset === 90 ? -90 : 90
        const off = { LD_PRELOAD: faketime!, FAKETIME: `${offset}s` }
        const exports = Object.entries(off).map(([name, value]) => `export ${name}=${value}\n`)
        writeFileSync(clock, exports.join(''))
        await cluster.kill('n2')
        await cluster.start('n2', off)
        return true
      },
      async lateFiles() {
        writeFileSync(outside('late'), '')
        await wait(8)
        await upTo(8)
        rmSync(outside('late'))
        return true
      },
    }
    await run.meet(kinds, faults, ['minuteWithout', () => withoutController(wait(60))])
    await run.over(async () => {
      // Slurm itself drains a node on which a controller that lost its state gave a number twice
      for (const node of ['n1', 'n2']) {
        const state = await cluster.call('sinfo', '-h', '-n', node, '-o', '%T')
        if (/drained|down/.test(state)) await resume(node)
      }
    })
    run.check()
  },
)
