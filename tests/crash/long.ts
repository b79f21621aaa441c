/**
 * `npm run crash [-- --kills N] [--seed N]`: SIGKILLs over server, launcher, wrappers, trainers and evaluations, and in the middle of every
 * button, with three sweeps alive. What started is counted in a file outside the data folder.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { listAttempts } from '../../db/queries/attempts.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import { attemptFolder, type Context } from '../../server/base/context.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string' } } })
const kills = Number(values.kills)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const random = createRandom(seed)
const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-crash-'))
const dataFolder = path.join(root, 'data')
const started = path.join(root, 'started')
const environment = { ...process.env, SWEEPBOARD_SLOTS: '4', SWEEPBOARD_KILL_SECONDS: '1', CRASH_STARTED: started }
const killed: Record<string, number> = { server: 0, launcher: 0, wrapper: 0, training: 0, evaluation: 0 }
let count = 0

const begun = performance.now()
console.log(`${kills} kills, seed ${seed}, in ${root}`)
while (count < kills) await live()
await new Promise((resolve, reject) => {
  start(false).on('close', (code) =>
    code === 0 ? resolve(null) : reject(new Error(`the last server ended with ${code}`)),
  )
})
const problems = inspect()
const check = path.join(import.meta.dirname, '../../cli/data.ts')
console.log(execFileSync(process.execPath, [check, 'check', '--data', dataFolder], { encoding: 'utf8' }).trim())
console.log(`${count} kills in ${Math.round((performance.now() - begun) / 1000)} s: ${JSON.stringify(killed)}`)
for (const problem of problems) console.error(problem)
if (problems.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 5 })
process.exit(problems.length === 0 ? 0 : 1)

function start(pressing: boolean): ChildProcess {
  return spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), dataFolder], {
    env: { ...environment, CRASH_INSTANT: '', ...(pressing && { CRASH_BUTTONS: String(seed + count) }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** One server's life: a few of its processes are killed, and in the end itself. */
async function live(): Promise<void> {
  const server = start(true)
  const ended = new Promise<[number | null, string | null]>((resolve) => server.on('close', (...end) => resolve(end)))
  await new Promise((resolve) => server.stdout!.once('data', resolve))
  for (let left = Math.floor(random.uniform() * 10); left > 0 && count < kills - 1; left--) {
    // the kind that was killed least, so that each has its share
    const least = Object.keys(killed).toSorted((a, b) => killed[a]! - killed[b]!)
    await delay(100 + random.uniform() * 400)
    const processes = ours(server.pid!)
    const kind = least.find((name) => processes.some((one) => one.kind === name))
    const victims = processes.filter((one) => one.kind === kind)
    const victim = victims[Math.floor(random.uniform() * victims.length)]
    if (victim !== undefined && kill(victim.pid)) note(victim.kind)
  }
  await delay(random.uniform() * 300)
  server.kill('SIGKILL')
  const [code, signal] = await ended
  if (signal !== 'SIGKILL') throw new Error(`the server ended by itself with ${code}`)
  note('server')
}

function note(kind: string): void {
  killed[kind]! += 1
  count += 1
  if (count % 50 === 0)
    console.log(`${count} kills after ${Math.round((performance.now() - begun) / 1000)} s: ${JSON.stringify(killed)}`)
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

/** The processes of this data folder by what they are. */
function ours(server: number): { pid: number; kind: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid || pid === server) return []
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      if (parent === server && words.some((word) => word.endsWith('launcher.ts'))) return [{ pid, kind: 'launcher' }]
      if (words.some((word) => word.endsWith('wrapper.sh')))
        return words.some((word) => word.startsWith(dataFolder)) ? [{ pid, kind: 'wrapper' }] : []
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SWEEPBOARD_RUN_DIR=${dataFolder}`)) return []
      if (words.some((word) => word.endsWith('trainer.sh'))) return [{ pid, kind: 'training' }]
      return words.some((word) => word.endsWith('evaluates.sh')) ? [{ pid, kind: 'evaluation' }] : []
    } catch {
      return []
    }
  })
}

/** What was lost, doubled or started twice, in sentences. */
function inspect(): string[] {
  const opened = openDataFolder(readConfig(environment, dataFolder))
  if (!('context' in opened)) throw new Error('the data folder is held')
  try {
    return [...startedTwice(opened.context), ...unlikeFiles(opened.context)]
  } finally {
    opened.close()
  }
}

function startedTwice(context: Context): string[] {
  const { database } = context
  const lines = existsSync(started) ? readFileSync(started, 'utf8').trim().split('\n') : []
  const counted = Map.groupBy(lines, (line) => line)
  const twice = [...counted]
    .filter(([, all]) => all.length > 1)
    .map(([what, all]) => `${what} started ${all.length} times`)
  const jobs = database.$client
    .prepare('select id, kind, status, attempt, again, reused_from as reused from jobs')
    .all() as {
    id: number
    kind: string
    status: string
    attempt: number
    again: string | null
    reused: number | null
  }[]
  const unknown = jobs
    .filter(({ reused }) => reused === null)
    .filter(
      ({ id, kind, status, attempt, again }) =>
        // what was asked for again ends with its sweep, where that is deleted
        !(again !== null && status === 'cancelled') &&
        (status !== 'done' || !counted.has(`${kind} ${attemptFolder(context, id, attempt)}`)),
    )
    .map(({ id, kind, status, attempt }) => `${kind} ${id} is ${status} in attempt ${attempt}, or did not start`)
  const points = database.$client
    .prepare(
      "select points.id, points.status, score, accuracies ->> '$.B' as base from points join sweeps on sweeps.id = sweep_id left join baselines on baselines.id = baseline_id",
    )
    .all() as { id: number; status: string; score: number | null; base: number | null }[]
  const wrong = points
    .filter(({ status, score, base }) => status !== 'scored' || Math.abs(score! - 0.5 / (base ?? 0.25)) > 1e-12)
    .map((point) => `point ${JSON.stringify(point)}`)
  console.log(`${jobs.length} jobs, ${lines.length} started attempts, ${points.length} points`)
  return [...twice, ...unknown, ...wrong]
}

/** Attempts whose events are in the database otherwise than they stand in their files. */
function unlikeFiles(context: Context): string[] {
  const { database, series } = context
  const ids = database.$client
    .prepare("select id from jobs where kind = 'training' and reused_from is null")
    .pluck()
    .all() as number[]
  return ids.flatMap((id) =>
    listAttempts(database, id).flatMap(({ number }) => {
      const file = path.join(attemptFolder(context, id, number), 'events.jsonl')
      if (!existsSync(file)) return []
      const lines = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.includes('"metrics"') && line.endsWith('}'))
      const written = lines.map((line) => (JSON.parse(line) as { step: number }).step)
      const stored = [...series.values(id, 'loss', number)].map(({ step }) => step)
      return JSON.stringify(written) === JSON.stringify(stored)
        ? []
        : [`training ${id}, attempt ${number}: ${written.length} steps written, ${stored.length} stored`]
    }),
  )
}
