/**
 * What pages cost on the server's side with 100 sweeps, 10,000 runs and 50,000 checkpoints: every call that a page makes, its
 * answer written as it is sent. The first call is the first thing that a server is asked which has just started and read
 * ahead, so each row is a process of its own. By hand: `node bench/pages.ts [FOLDER [PART OF A ROW'S NAME]]`; `node
 * bench/pages.ts seed FOLDER` only makes the data.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { transformer } from '../contract/transformer.ts'
import { openTries } from '../server/act/tries/tries.ts'
import { appRouter } from '../server/api/root.ts'
import { readConfig } from '../server/base/process/config.ts'
import type { Context } from '../server/base/context.ts'
import { readAhead } from '../server/read/leaderboard/read-board.ts'
import { openDataFolder } from '../server/open.ts'
import { startScheduler } from '../server/scheduler/scheduler.ts'
import { pageCalls } from './pages-calls.ts'
import { type MadePages, makePages } from './pages-data.ts'
import { printTable } from './table.ts'

const goalMilliseconds = 300
/** Before compression: what an SSH tunnel carries without anybody waiting for it. */
const goalKilobytes = 100
const laterCalls = 9

/** Prints the table. `given`: a folder that `seed` made. */
export async function run(given?: string, only = ''): Promise<void> {
  const folder = given ?? mkdtempSync(path.join(tmpdir(), 'bench-'))
  if (!existsSync(madeFile(folder))) await seed(folder)
  const aheads: number[] = []
  const rows = pageCalls.flatMap(([name], index): string[][] => {
    if (!name.includes(only)) return []
    const text = execFileSync(process.execPath, [import.meta.filename, 'measure', folder, String(index)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { first, later, processor, ahead, bytes, megabytes } = JSON.parse(text) as Measured
    aheads.push(ahead)
    const slowest = Math.max(first, ...later)
    const row = [
      name,
      first.toFixed(0),
      processor.toFixed(0),
      median(later).toFixed(0),
      Math.max(...later).toFixed(0),
      (bytes / 1000).toFixed(0),
      megabytes.toFixed(0),
      slowest < goalMilliseconds ? 'yes' : 'NO',
      bytes < 1000 * goalKilobytes ? 'yes' : 'NO',
    ]
    return [row]
  })
  const size = statSync(path.join(folder, 'sweepboard.db')).size / 1e6
  printTable(`100 sweeps, 10,000 runs, 50,000 checkpoints (${size.toFixed(0)} MB on disk); milliseconds`, [
    [
      '',
      'first call',
      'of the processor',
      'later',
      'slowest',
      'answer, kB',
      'memory, MB',
      `< ${goalMilliseconds}`,
      `< ${goalKilobytes} kB`,
    ],
    ...rows,
  ])
  console.log(
    `\nRead ahead once the server listens: ${median(aheads).toFixed(0)} ms, ${Math.max(...aheads).toFixed(0)} at most.`,
  )
  if (given === undefined) rmSync(folder, { recursive: true })
}

/** `processor`: what the first call took of it, which other programs do not lengthen. */
type Measured = { first: number; processor: number; ahead: number; later: number[]; bytes: number; megabytes: number }

async function measure(folder: string, index: number): Promise<Measured> {
  const made = JSON.parse(readFileSync(madeFile(folder), 'utf8')) as MadePages
  const { context, close } = open(folder)
  const scheduler = startScheduler(context)
  const api = appRouter.createCaller({ app: context, scheduler, tries: openTries(context) })
  const startedAt = performance.now()
  await readAhead(context)
  const ahead = performance.now() - startedAt
  let bytes = 0
  const once = async () => {
    const began = performance.now()
    bytes = JSON.stringify(transformer.serialize(await pageCalls[index]![1](api, made))).length
    return performance.now() - began
  }
  const before = process.cpuUsage()
  const first = await once()
  const { user, system } = process.cpuUsage(before)
  const later: number[] = []
  for (let call = 0; call < laterCalls; call++) later.push(await once())
  globalThis.gc?.()
  const megabytes = process.memoryUsage().rss / 1e6
  scheduler.stop()
  close()
  return { first, processor: (user + system) / 1000, ahead, later, bytes, megabytes }
}

/** Makes the data in an empty folder. */
async function seed(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const { context, close } = open(folder)
  const made = makePages(context)
  close()
  writeFileSync(madeFile(folder), JSON.stringify(made))
}

const madeFile = (folder: string) => path.join(folder, 'made.json')

function open(folder: string): { context: Context; close: () => void } {
  const environment = { ...process.env, SWEEPBOARD_SLOTS: '2', SWEEPBOARD_GPUS: '0' }
  const opened = openDataFolder(readConfig(environment, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  return opened
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

if (import.meta.main) {
  const [verb, folder, index] = process.argv.slice(2)
  if (verb === 'measure') {
    console.log(JSON.stringify(await measure(folder!, Number(index))))
    process.exit(0)
  } else if (verb === 'seed') await seed(folder!)
  else await run(verb, folder)
}
