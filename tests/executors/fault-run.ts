/**
 * A sweep on a cluster and a server of its own that is killed, for tests that do worse to both: what started is counted outside the
 * data folder (the ledger), by trainers that also tell where another of their name ran beside them.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'vitest'
import { listAttempts } from '../../db/queries/attempts.ts'
import { listSweepJobs } from '../../db/queries/jobs.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { requireSweep } from '../../server/base/finding/find-sweep.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'
import { inFolder } from '../crash/killed.ts'

/** Does harm, and gives whether it met anybody. */
export type Fault = () => Promise<boolean>

const steps = 240
const own = (name: string) => path.join(import.meta.dirname, name)

export function openFaultRun(seed: number) {
  const random = createRandom(seed)
  const ledger = mkdtempSync(path.join(tmpdir(), 'ledger-'))
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-'))
  const outside = (name: string) => path.join(ledger, name)
  const settings = outside('settings.yaml')
  writeFileSync(settings, 'slurm: { ask_seconds: 1, file_delay_seconds: 4 }\n')
  const killed = {
    folder,
    environment: { SWEEPBOARD_SETTINGS: settings, SWEEPBOARD_KILL_SECONDS: '2', SWEEPBOARD_SLOTS: '1' },
  }
  const begunAt = Date.now()
  let server: ChildProcess | null = null
  let over = false
  let sweepId = 0
  let trainings = 0

  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random.uniform() * items.length)]
  const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const upTo = (seconds: number) => wait(random.uniform() * seconds)
  const secondsSince = () => Math.round((Date.now() - begunAt) / 1000)

  function startServer(): void {
    const env = { ...process.env, ...killed.environment }
    server = spawn(process.execPath, [own('../crash/server.ts'), folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    })
    server.on('exit', (code) => (over ||= code === 0))
  }
  function end(pid: number | undefined): boolean {
    if (pid === undefined) return false
    try {
      process.kill(pid, 'SIGKILL')
      return true
    } catch {
      return false
    }
  }
  /** Watching processes of attempts that run. */
  const wrappers = () =>
    globSync(path.join(folder, 'control/*/pid.json')).flatMap((file) => {
      if (existsSync(path.join(path.dirname(file), 'exit.json'))) return []
      const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid?: number }
      return pid !== undefined && existsSync(`/proc/${pid}`) ? [pid] : []
    })
  const parentOf = (pid: number) => Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  const linesOf = (name: string) => readFileSync(outside(name), 'utf8').trim().split('\n')
  const ledgers = () => readdirSync(ledger).filter((name) => name.startsWith('starts-'))

  const kinds: Record<string, Fault> = {
    async server() {
      const gone = once(server!, 'exit')
      server!.kill('SIGKILL')
      await gone
      await upTo(2)
      if (!over) startServer()
      return true
    },
    wrapper: async () => end(pick(wrappers())),
    async jobScript() {
      const pid = pick(wrappers())
      return pid !== undefined && end(parentOf(pid))
    },
    async trainer() {
      const pids = ledgers().map((name) => Number(linesOf(name).at(-1)!.split(' ')[1]))
      return end(pick(pids.filter((pid) => existsSync(`/proc/${pid}`))))
    },
  }

  return {
    /** What servers have in their environment. */
    environment: killed.environment as Record<string, string>,
    folder,
    outside,
    pick,
    wait,
    upTo,
    /** Kinds that every cluster knows. */
    kinds,

    /** Makes the sweep, of `count` trainings with two evaluations each, and starts a server over it. */
    begin(executor: SweepInput['executor'], count: number): void {
      trainings = count
      const definition = {
        name: 'faults',
        axes: { a: Array.from({ length: count }, (_, at) => String(at)), step: { milestones: ['50', String(steps)] } },
        executor,
        train: { command: ['bash', own('fault-trainer.sh'), ledger, '${a}', '${step.last}'], retries: 100 },
        track: 'none' as const,
        evaluate: {
          command: ['bash', own('fault-evaluate.sh'), ledger, '${a}-${step}', '${checkpoint}', '${report}'],
          retries: 100,
        },
        score: { baseline: { B: 0.25 } },
      }
      sweepId = inFolder(killed, (context) => createSweep(context, { definition, directory: folder }).id)
      startServer()
    },

    /** Does so many faults, every kind before one comes again, `half` in the middle of them; gives how often each kind was met. */
    async meet(all: Record<string, Fault>, faults: number, half?: [string, Fault]): Promise<Record<string, number>> {
      const met: string[] = []
      let deck: string[] = []
      while (met.length < faults && !over) {
        await wait(0.5 + random.uniform() * 2.5)
        if (half !== undefined && met.length === Math.floor(faults / 2)) {
          await half[1]()
          met.push(half[0])
          continue
        }
        if (deck.length === 0) deck = Object.keys(all)
        const kind = pick(deck)!
        if (!(await all[kind]!())) continue
        met.push(kind)
        deck = deck.filter((other) => other !== kind)
      }
      const counted = Object.fromEntries(
        [...Map.groupBy(met, (kind) => kind)].map(([kind, some]) => [kind, some.length]),
      )
      console.log(`${met.length} faults in ${secondsSince()} s:`, JSON.stringify(counted))
      expect(met).toHaveLength(faults)
      if (faults > Object.keys(all).length)
        expect(Object.keys(all).filter((kind) => counted[kind] === undefined)).toEqual([])
      return counted
    },

    /** Resolves when the sweep has ended; `meanwhile` is done every half second. */
    async over(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
      while (!over) {
        await wait(0.5)
        await meanwhile()
      }
      console.log(`ended after ${secondsSince()} s`)
    },

    /** Expects that every point is scored, nothing is lost or doubled, and no attempt began twice. */
    check(): void {
      inFolder(killed, (context) => {
        const errors = listSweepJobs(context.database, sweepId).flatMap((job) =>
          listAttempts(context.database, job.id).flatMap(({ error }) => error ?? []),
        )
        const words = [...Map.groupBy(errors, (error) => error.replaceAll(/\w*\d+(_\d+)?/g, '#'))]
        for (const [error, some] of words.toSorted((one, other) => other[1].length - one[1].length))
          console.log(`${some.length} × ${error}`)
        const sweep = describeWholeSweep(context, requireSweep(context, sweepId))
        expect(sweep.points.map(({ score, error }) => error ?? score)).toEqual(sweep.points.map(() => 2))
      })
      expect(existsSync(outside('doubles')) ? readFileSync(outside('doubles'), 'utf8') : '').toBe('')
      // every training and every evaluation, and no attempt of any twice
      expect(ledgers()).toHaveLength(trainings * 3)
      for (const name of ledgers()) {
        const attempts = linesOf(name).map((line) => line.split(' ')[0])
        expect(new Set(attempts).size, `${name}: ${attempts}`).toBe(attempts.length)
      }
      inFolder(killed, (context) => {
        for (const job of listSweepJobs(context.database, sweepId, 'training')) {
          // each attempt's file is a line a step, from where it went on, and all of them reach the end
          const seen = new Set<number>()
          for (const { number } of listAttempts(context.database, job.id).toReversed()) {
            const file = path.join(folder, 'runs', String(job.id), String(number), 'events.jsonl')
            if (!existsSync(file)) continue
            const lines = readFileSync(file, 'utf8').matchAll(/^\{"type":"metrics","step":(\d+)/gm)
            const read = [...lines].map((match) => Number(match[1]))
            expect(read, `run ${job.id}, attempt ${number}`).toEqual(read.map((_, at) => read[0]! + at))
            for (const step of read) seen.add(step)
          }
          expect(seen.size, `run ${job.id}`).toBe(steps)
        }
      })
    },

    /** Ends the server. `remove` takes the folders away, when nothing of the cluster writes there any more. */
    stop: () => void server?.kill('SIGKILL'),
    remove() {
      for (const each of [ledger, folder]) rmSync(each, { recursive: true, force: true })
    },
  }
}
