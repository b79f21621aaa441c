/**
 * A server's life at high speed: 8 runs write metrics and samples and end, others begin, hundreds of pages listen, pages are opened and
 * closed, downloads are broken off. What it holds (memory, descriptors, threads, files) after a fifth of the time and at the end; exit code 1 where
 * that grew by more than a fifth. By hand: `node tests/crash/life.ts`; LIFE_MINUTES (15), LIFE_STREAMS (300). Linux.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get, type ClientRequest } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../../domain/stats/rng.ts'
import { apiOf } from '../browser/sweeps.ts'
import { startServer, type TestServer } from '../start-server.ts'
import { printTable } from '../../bench/table.ts'

const minutes = Number(process.env.LIFE_MINUTES ?? 15)
const streams = Number(process.env.LIFE_STREAMS ?? 300)
const runs = 8
const mostGrowth = 1.2
/** A value is the median of so many looks, a second apart: memory goes up and down with the collector. */
const looks = 20

type Held = { memory: number; descriptors: number; threads: number; database: number }

/** Prints the table. */
async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'life-'))
  const server = await startServer({ environment: { SWEEPBOARD_SLOTS: String(runs), SWEEPBOARD_LOG: 'warning' } })
  const ending = new AbortController()
  const counts = { streams: 0, pages: 0, downloads: 0, failures: new Map<string, number>() }
  try {
    writeFileSync(path.join(folder, 'train.sh'), trainer)
    await apiOf(server).sweeps.create.mutate({
      definition: {
        name: 'life',
        axes: { seed: { range: ['1', '5000', 5000] } },
        train: { command: ['bash', 'train.sh', '${seed}'] },
        track: 'none',
        evaluate: {
          command: ['bash', '-c', 'echo "{\\"acc\\":{\\"B\\":0.5}}" > "$0"', '${report}'],
          report: { accuracies: 'acc' },
        },
        score: { baseline: { B: 0.25 } },
      },
      directory: folder,
      paused: false,
    })
    const activity = [
      ...Array.from({ length: streams }, (_, at) => listen(server, at, ending.signal, counts)),
      ...[1, 2].map((stream) => look(server, stream, ending.signal, counts)),
    ]
    const begun = performance.now()
    const until = (minute: number) => delay(Math.max(0, begun + minute * 60_000 - performance.now()))
    await until(minutes / 5)
    const early = await held(server)
    await until(minutes)
    const late = await held(server)
    ending.abort()
    await Promise.all(activity)
    const mega = (bytes: number) => (bytes / 1e6).toFixed(0)
    const grown = (name: keyof Held) => late[name] / early[name]
    const row = (name: string, key: keyof Held, write = String as (value: number) => string) => [
      name,
      write(early[key]),
      write(late[key]),
      `${((grown(key) - 1) * 100).toFixed(0)} %`,
    ]
    printTable(
      `${runs} runs writing, ${streams} streams, ${counts.pages} pages, ${counts.downloads} downloads broken off, ${minutes} minutes`,
      [
        ['', `after ${minutes / 5} min`, `after ${minutes} min`, 'more'],
        row('memory of the server, MB', 'memory', mega),
        row('descriptors', 'descriptors'),
        row('threads', 'threads'),
        row('database and journal, MB', 'database', mega),
      ],
    )
    for (const [what, count] of counts.failures) console.log(`${count} times: ${what}`)
    if ((['memory', 'descriptors', 'threads'] as const).some((name) => grown(name) > mostGrowth)) process.exitCode = 1
  } finally {
    ending.abort()
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Half a minute of metrics and samples. */
const trainer = `for i in $(seq 60); do
  printf '{"type":"metrics","step":%d,"values":{"loss":%d,"reward":0.5,"kl":0.1,"length":200}}\\n' "$i" "$((1000 - i))" >> "$SWEEPBOARD_EVENTS"
  printf '{"type":"sample","step":%d,"prompt":"What is %d + 1?","response":"%d","reward":1}\\n' "$i" "$i" "$((i + 1))" >> "$SWEEPBOARD_EVENTS"
  echo "step $i"
  sleep 0.5
done
`

type Counts = { streams: number; pages: number; downloads: number; failures: Map<string, number> }

/** One page that listens: for half a minute at most, then it is opened again. */
async function listen(server: TestServer, number: number, signal: AbortSignal, counts: Counts): Promise<void> {
  const random = createRandom(number, 1)
  while (!signal.aborted) {
    await asked(server, '/api/trpc/changes.subscribe', signal, 1000 + random.uniform() * 30_000)
    counts.streams += 1
  }
}

/** Opens pages one after the other, as a person does who has little time. */
async function look(server: TestServer, number: number, signal: AbortSignal, counts: Counts): Promise<void> {
  const random = createRandom(number, 2)
  const api = apiOf(server)
  while (!signal.aborted) {
    const live = await api.system.get.query().catch(() => null)
    const id = live?.live[Math.floor(random.uniform() * live.live.length)]?.runId ?? 1
    const pages: (() => Promise<unknown>)[] = [
      () => asked(server, `/runs/${id}`, signal),
      () => asked(server, '/', signal),
      () =>
        Promise.all([
          api.sweeps.get.query({ id: 1 }),
          api.sweeps.points.query({ id: 1 }),
          api.sweeps.runs.query({ id: 1 }),
        ]),
      () =>
        Promise.all([
          api.runs.get.query({ id }),
          api.runs.log.query({ id, attempt: 1, stream: 'stdout' }),
          api.samples.page.query({ id }),
        ]),
      () => api.runs.series.query({ runIds: [id], metrics: ['loss', 'reward'] }),
      () => asked(server, '/leaderboard', signal),
      async () => {
        counts.downloads += 1
        await asked(server, '/export/sweeps/1/metrics.csv', signal, random.uniform() * 50)
      },
    ]
    counts.pages += 1
    await pages[Math.floor(random.uniform() * pages.length)]!().catch((error: Error) => {
      if (!signal.aborted) counts.failures.set(error.message, (counts.failures.get(error.message) ?? 0) + 1)
    })
    await delay(random.uniform() * 200)
  }
}

/** Asks, and reads the answer to its end, or breaks it off after so long. */
function asked(server: TestServer, address: string, signal: AbortSignal, milliseconds = 60_000): Promise<void> {
  return new Promise((resolve) => {
    const headers = { accept: address.includes('subscribe') ? 'text/event-stream' : '*/*' }
    const request: ClientRequest = get(`${server.url}${address}`, { agent: false, headers }, (response) =>
      response.resume(),
    )
    const end = () => request.destroy()
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
    request.on('error', () => {})
    request.on('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    })
  })
}

/** What the server's process holds, each the median of some looks. */
async function held(server: TestServer): Promise<Held> {
  const seen: Held[] = []
  for (let at = 0; at < looks; at++) {
    const of = `/proc/${server.process.pid}`
    const status = readFileSync(`${of}/status`, 'utf8')
    const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)![1])
    const sizes = ['', '-wal'].map((end) => statSync(path.join(server.dataFolder, `sweepboard.db${end}`)).size)
    const descriptors = readdirSync(`${of}/fd`).length
    seen.push({
      memory: field('VmRSS') * 1024,
      descriptors,
      threads: field('Threads'),
      database: sizes[0]! + sizes[1]!,
    })
    await delay(1000)
  }
  const median = (name: keyof Held) => seen.map((one) => one[name]).toSorted((a, b) => a - b)[looks >> 1]!
  return {
    memory: median('memory'),
    descriptors: median('descriptors'),
    threads: median('threads'),
    database: median('database'),
  }
}

await run()
