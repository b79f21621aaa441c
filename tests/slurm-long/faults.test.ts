/**
 * Faults at random while a sweep runs on a real Slurm without accounts, and what was lost, doubled or started twice is looked for
 * outside the data folder. By command, as it takes minutes: `SLURM_FAULTS=40 npm test -- tests/slurm-long/faults`. When and what comes
 * from a seed that is printed; SLURM_SEED repeats it, as far as processes run alike.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listAttempts } from '../../db/queries/attempts.ts'
import { listSweepJobs } from '../../db/queries/jobs.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { readConfig } from '../../server/base/config.ts'
import { requireSweep } from '../../server/base/find-sweep.ts'
import { openDataFolder } from '../../server/open.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'
import { slurmIsMissing, startSlurm } from '../executors/slurm-cluster.ts'

const faults = Number(process.env.SLURM_FAULTS ?? 0)
const seed = Number(process.env.SLURM_SEED ?? Date.now() % 1_000_000)
const reason = slurmIsMissing() ?? (faults === 0 ? 'it takes minutes; SLURM_FAULTS=40 asks for it.' : null)
if (reason !== null) console.log(`Faults of Slurm are not tried: ${reason}`)
const steps = 240

test.skipIf(reason !== null)(
  `${faults} faults lose and double nothing, and start nothing twice`,
  { timeout: 600_000 + faults * 20_000 },
  async () => {
    console.log(`SLURM_SEED=${seed}`)
    const random = createRandom(seed)
    const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random.uniform() * items.length)]
    const cluster = await startSlurm()
    const ledger = mkdtempSync(path.join(tmpdir(), 'ledger-'))
    const dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-'))
    const settings = path.join(ledger, 'settings.yaml')
    writeFileSync(settings, 'slurm: { ask_seconds: 1, file_delay_seconds: 1 }\n')
    const environment = {
      ...process.env,
      ...cluster.environment,
      SWEEPBOARD_SETTINGS: settings,
      SWEEPBOARD_KILL_SECONDS: '2',
      SWEEPBOARD_SLOTS: '1',
    }
    let server: ChildProcess | null = null
    onTestFinished(async () => {
      server?.kill('SIGKILL')
      await cluster.stop()
      for (const folder of [ledger, dataFolder]) rmSync(folder, { recursive: true, force: true })
    })

    const trainings = Math.max(8, faults)
    const own = (name: string) => path.join(import.meta.dirname, name)
    const sweepId = inspect((context) => {
      const definition = {
        name: 'faults',
        axes: {
          a: Array.from({ length: trainings }, (_, at) => String(at)),
          step: { milestones: ['50', String(steps)] },
        },
        executor: { slurm: { time: '30' } },
        train: { command: ['bash', own('trainer.sh'), ledger, '${a}', '${step.last}'], retries: 100 },
        track: 'none' as const,
        evaluate: {
          command: ['bash', own('evaluate.sh'), ledger, '${a}-${step}', '${checkpoint}', '${report}'],
          retries: 100,
        },
        score: { baseline: { B: 0.25 } },
      }
      return createSweep(context, { definition, directory: dataFolder }).id
    })

    function inspect<Result>(look: (context: Parameters<typeof createSweep>[0]) => Result): Result {
      const opened = openDataFolder(readConfig(environment, dataFolder))
      if (!('context' in opened)) throw new Error('the data folder is held')
      try {
        return look(opened.context)
      } finally {
        opened.close()
      }
    }

    let over = false
    const startServer = () => {
      const log = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env: environment }
      server = spawn(process.execPath, [own('../crash/server.ts'), dataFolder], log)
      server.on('exit', (code) => (over ||= code === 0))
    }
    const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    const running = async () =>
      (await cluster.call('squeue', '-h', '-r', '-t', 'running', '-o', '%i').catch(() => ''))
        .split('\n')
        .filter(Boolean)
    const end = (pid: number | undefined) => {
      if (pid === undefined) return false
      try {
        process.kill(pid, 'SIGKILL')
        return true
      } catch {
        return false
      }
    }
    const wrappers = () =>
      globSync(path.join(dataFolder, 'control/*/pid.json')).flatMap((file) => {
        if (existsSync(path.join(path.dirname(file), 'exit.json'))) return []
        const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid?: number }
        return pid !== undefined && existsSync(`/proc/${pid}`) ? [pid] : []
      })
    const parentOf = (pid: number) => Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    const trainers = () => {
      const lines = globSync(path.join(ledger, 'starts-*')).map((file) =>
        readFileSync(file, 'utf8').trim().split('\n').at(-1)!,
      )
      return lines.map((line) => Number(line.split(' ')[1])).filter((pid) => existsSync(`/proc/${pid}`))
    }

    /** Each gives whether it met anybody. */
    const kinds: Record<string, () => Promise<boolean>> = {
      async server() {
        const gone = once(server!, 'exit')
        server!.kill('SIGKILL')
        await gone
        await wait(random.uniform() * 2)
        if (!over) startServer()
        return true
      },
      wrapper: async () => end(pick(wrappers())),
      async batchScript() {
        const pid = pick(wrappers())
        return pid !== undefined && end(parentOf(pid))
      },
      trainer: async () => end(pick(trainers())),
      async controller() {
        await cluster.kill('slurmctld')
        await wait(random.uniform() * 5)
        await cluster.start('slurmctld')
        return true
      },
      async nodeDaemon() {
        const node = pick(['n1', 'n2'] as const)!
        await cluster.kill(node)
        await wait(random.uniform() * 3)
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
        await cluster.call('scontrol', 'update', `JobId=${job}`, 'Requeue=1').catch(() => {})
        return cluster.call('scontrol', 'requeue', job).then(
          () => true,
          () => false,
        )
      },
      async nodeDown() {
        const node = pick(['n1', 'n2'])!
        await cluster.call('scontrol', 'update', `NodeName=${node}`, 'State=DOWN', 'Reason=test').catch(() => {})
        await wait(1)
        await cluster.call('scontrol', 'update', `NodeName=${node}`, 'State=RESUME').catch(() => {})
        return true
      },
    }
    const begunAt = Date.now()
    const met: string[] = []
    startServer()
    while (met.length < faults && !over) {
      await wait(0.5 + random.uniform() * 2.5)
      const kind = met.length === Math.floor(faults / 2) ? 'minuteWithout' : pick(Object.keys(kinds))!
      if (kind === 'minuteWithout') {
        await cluster.kill('slurmctld')
        await wait(60)
        await cluster.start('slurmctld')
      }
      if (kind === 'minuteWithout' || (await kinds[kind]!())) met.push(kind)
    }
    const counted = Object.fromEntries([...Map.groupBy(met, (kind) => kind)].map(([kind, all]) => [kind, all.length]))
    console.log(`${met.length} faults in ${Math.round((Date.now() - begunAt) / 1000)} s:`, JSON.stringify(counted))
    while (!over) {
      await wait(0.5)
      // Slurm itself drains a node on which a controller that lost its state gave a number twice
      for (const node of ['n1', 'n2']) {
        const state = await cluster.call('sinfo', '-h', '-n', node, '-o', '%T')
        if (/drained|down/.test(state)) await cluster.call('scontrol', 'update', `NodeName=${node}`, 'State=RESUME')
      }
    }
    console.log(`ended after ${Math.round((Date.now() - begunAt) / 1000)} s`)

    expect(met).toHaveLength(faults)
    expect(existsSync(path.join(ledger, 'doubles')) ? readFileSync(path.join(ledger, 'doubles'), 'utf8') : '').toBe('')
    const ledgers = readdirSync(ledger).filter((name) => name.startsWith('starts-'))
    // every training and every evaluation, and no attempt of any twice
    expect(ledgers).toHaveLength(trainings * 3)
    for (const name of ledgers) {
      const attempts = readFileSync(path.join(ledger, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0])
      expect(new Set(attempts).size, `${name}: ${attempts}`).toBe(attempts.length)
    }
    inspect((context) => {
      const sweep = describeWholeSweep(context, requireSweep(context, sweepId))
      expect(sweep.points.map(({ score, error }) => error ?? score)).toEqual(sweep.points.map(() => 2))
      for (const job of listSweepJobs(context.database, sweepId, 'training')) {
        // each attempt's file is a line a step, from where it went on, and all of them reach the end
        const seen = new Set<number>()
        for (const { number } of listAttempts(context.database, job.id).toReversed()) {
          const file = path.join(dataFolder, 'runs', String(job.id), String(number), 'events.jsonl')
          if (!existsSync(file)) continue
          const own = readFileSync(file, 'utf8').matchAll(/^\{"type":"metrics","step":(\d+)/gm)
          const read = [...own].map((match) => Number(match[1]))
          expect(read, `run ${job.id}, attempt ${number}`).toEqual(read.map((_, at) => read[0]! + at))
          for (const step of read) seen.add(step)
        }
        expect(seen.size, `run ${job.id}`).toBe(steps)
      }
    })
    const again = inspect((context) =>
      listSweepJobs(context.database, sweepId).flatMap((job) =>
        listAttempts(context.database, job.id).flatMap(({ error }) => error ?? []),
      ),
    )
    const words = [...Map.groupBy(again, (error) => error.replaceAll(/\d+(_\d+)?/g, '#'))]
    for (const [error, all] of words.toSorted((one, other) => other[1].length - one[1].length))
      console.log(`${all.length} × ${error}`)
  },
)
