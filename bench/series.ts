/**
 * The metric store beside one row a point, and beside what JSON.parse and the disk allow. `node bench/series.ts`; sizes by
 * environment: BENCH_RUNS (1000 runs of 1000 steps × 20 metrics), BENCH_LONG (10000000 points of one series).
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { startJournalWriter } from '../db/journal.ts'
import { type MetricRow, SeriesStore } from '../db/series/index.ts'
import { createRandom } from '../domain/stats/rng.ts'
import type { FirstCall } from './series-first.ts'
import { parseEvents } from '../server/formats/parse-events.ts'
import { longValue, makeRun, METRICS_A_RUN, START } from './series-data.ts'

const STEPS = 1000
/** Runs written at once, and the lines of each that one transaction takes: about 50 of 600 bytes. */
const LIVE_RUNS = 8
const BLOCK_BYTES = 32 * 1024
/** Different run files; further runs read them again. */
const FILES = 40

type Row = { what: string; chunks: string; rows: string; goal: string }

/** A place that metrics go to. */
type Sink = { append(run: number, rows: MetricRow[]): void; ended(run: number): void; between(): void }

/** Prints the table. Works in a folder of its own under the system's temporary one and removes it. */
export async function run(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sweepboard-series-'))
  try {
    await measure(folder)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<void> {
  const runs = Number(process.env.BENCH_RUNS ?? 1000)
  const long = Number(process.env.BENCH_LONG ?? 10_000_000)
  const table: Row[] = []
  const files = Array.from({ length: Math.min(FILES, runs) }, (_, index) => {
    const file = path.join(folder, `run-${index}.jsonl`)
    fs.writeFileSync(file, makeRun(index + 1, STEPS))
    return file
  })
  const parse = parseLimit(files)
  // rows take long: a quarter of the runs, which is kind to them, since their tree grows slower to fill
  const rowRuns = Math.max(1, Math.floor(runs / 4))

  const chunkFile = path.join(folder, 'chunks.db')
  const rowFile = path.join(folder, 'rows.db')
  const chunkDatabase = openDatabase(chunkFile)
  const store = new SeriesStore(chunkDatabase)
  const endCheckpoints = startJournalWriter(chunkDatabase, (problem) => console.error(problem))
  const chunkIngest = ingest(chunkDatabase, files, runs, chunkSink(store))
  while (store.maintain(1000));
  chunkIngest.finish()
  await endCheckpoints()
  const rowDatabase = openDatabase(rowFile)
  const rowIngest = ingest(rowDatabase, files, rowRuns, rowSink(rowDatabase))
  rowIngest.finish()
  const points = runs * STEPS * METRICS_A_RUN
  const rowPoints = rowRuns * STEPS * METRICS_A_RUN
  const perSecond = (count: number, seconds: number): string => `${(count / seconds / 1e6).toFixed(2)} M`
  table.push({
    what: `ingest from JSONL, points a CPU second (${points / 1e6} M points; rows ${rowPoints / 1e6} M)`,
    chunks: perSecond(points, chunkIngest.cpuSeconds()),
    rows: perSecond(rowPoints, rowIngest.cpuSeconds()),
    goal: '>= 1.2 M, 3 x rows',
  })
  table.push({
    what: 'CPU seconds a million points',
    chunks: (chunkIngest.cpuSeconds() / (points / 1e6)).toFixed(2),
    rows: (rowIngest.cpuSeconds() / (rowPoints / 1e6)).toFixed(2),
    goal: '',
  })
  table.push({
    what: `a tick of ${LIVE_RUNS} runs with commit and sealing, ms median / 99 % / slowest`,
    chunks: chunkIngest.ticks(),
    rows: rowIngest.ticks(),
    goal: '',
  })
  table.push({
    what: 'of it sealing (maintain(5) with its commit), ms median / 99 % / slowest',
    chunks: chunkIngest.seals(),
    rows: '',
    goal: '99 % <= 20',
  })
  checkpoint(chunkDatabase)
  checkpoint(rowDatabase)
  table.push({
    what: 'bytes a point in the file',
    chunks: (fs.statSync(chunkFile).size / points).toFixed(2),
    rows: (fs.statSync(rowFile).size / rowPoints).toFixed(2),
    goal: '<= 8',
  })
  chunkDatabase.close()
  rowDatabase.close()

  manySeries(table, chunkFile, rowFile, runs, rowRuns)
  longSeries(table, folder, long)
  const disk = diskLimit(folder)
  printTable(table)
  console.log(`JSON.parse alone on the same lines: ${(parse / 1e6).toFixed(2)} M points a CPU second`)
  console.log(`disk: ${disk} written and synced in one file`)
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('create table if not exists offsets (run integer primary key, offset integer not null)')
  return database
}

function checkpoint(database: Database.Database): void {
  database.pragma('wal_checkpoint(TRUNCATE)')
}

/** Drops a file from the system's cache, so that the next read comes from the disk. */
function dropFromCache(file: string): void {
  execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'])
}

/** Points a CPU second that JSON.parse alone reads. */
function parseLimit(files: string[]): number {
  const texts = files.map((file) => fs.readFileSync(file, 'utf8'))
  const before = process.cpuUsage()
  let count = 0
  for (const text of texts) {
    for (const line of text.split('\n')) {
      if (line !== '') count += Object.keys((JSON.parse(line) as { values: object }).values).length
    }
  }
  return count / cpuSeconds(before)
}

function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Reads the files as the server does: a block of each live run a tick, rows and offsets in one transaction. */
function ingest(database: Database.Database, files: string[], runs: number, sink: Sink) {
  const offset = database.prepare(
    'insert into offsets values (?, ?) on conflict do update set offset = excluded.offset',
  )
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES)
  const live: { run: number; descriptor: number; position: number; line: number }[] = []
  const ticks: number[] = []
  const seals: number[] = []
  const before = process.cpuUsage()
  let next = 0
  for (;;) {
    while (live.length < LIVE_RUNS && next < runs) {
      live.push({ run: next, descriptor: fs.openSync(files[next % files.length]!, 'r'), position: 0, line: 1 })
      next++
    }
    if (live.length === 0) break
    const start = performance.now()
    database.exec('begin immediate')
    const ended: number[] = []
    for (const reader of live) {
      const filled = fs.readSync(reader.descriptor, buffer, 0, BLOCK_BYTES, reader.position)
      if (filled === 0) {
        ended.push(reader.run)
        continue
      }
      const end = buffer.lastIndexOf(10, filled - 1) + 1
      const { metrics, lines } = parseEvents(buffer, end, reader.line)
      sink.append(reader.run, metrics)
      reader.position += end
      reader.line += lines
      offset.run(reader.run, reader.position)
    }
    database.exec('commit')
    const sealing = performance.now()
    sink.between()
    const end = performance.now()
    seals.push(end - sealing)
    ticks.push(end - start)
    for (const run of ended) {
      const index = live.findIndex((reader) => reader.run === run)
      fs.closeSync(live[index]!.descriptor)
      live.splice(index, 1)
      sink.ended(run)
    }
  }
  let seconds = 0
  return {
    finish: (): void => void (seconds = cpuSeconds(before)),
    cpuSeconds: (): number => seconds,
    ticks: (): string => spread(ticks),
    seals: (): string => spread(seals),
  }
}

/** Median, 99th percentile and slowest. */
function spread(milliseconds: number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return [0.5, 0.99, 1].map((part) => sorted[Math.ceil((sorted.length - 1) * part)]!.toFixed(1)).join(' / ')
}

function chunkSink(store: SeriesStore): Sink {
  return {
    append: (run, rows) => store.append(run, 1, rows),
    ended: (run) => store.finish(run),
    between: () => void store.maintain(5),
  }
}

/** The row design: a row a point in key order, and a row a series with its newest value and extremes. */
function rowSink(database: Database.Database): Sink {
  database.exec(`
    create table points (run integer, metric integer, step integer, value real, time real, primary key (run, metric, step)) without rowid;
    create table latest (run integer, metric integer, points integer, step integer, value real, minimum real, maximum real,
      primary key (run, metric)) without rowid;
    create index latest_metric on latest (metric, run, value)`)
  const insert = database.prepare('insert or ignore into points values (?, ?, ?, ?, ?)')
  const update = database.prepare(
    'insert into latest values (?, ?, ?, ?, ?, ?, ?) on conflict do update set points = points + excluded.points, step = excluded.step, ' +
      'value = excluded.value, minimum = min(minimum, excluded.minimum), maximum = max(maximum, excluded.maximum)',
  )
  const ids = new Map<string, number>()
  return {
    append: (run, rows) => {
      for (const name of Object.keys(rows[0]!.values)) {
        let id = ids.get(name)
        if (id === undefined) ids.set(name, (id = ids.size))
        let minimum = Infinity
        let maximum = -Infinity
        for (const { step, time, values } of rows) {
          const value = values[name]!
          if (value < minimum) minimum = value
          if (value > maximum) maximum = value
          insert.run(run, id, step, value, time)
        }
        const last = rows.at(-1)!
        update.run(run, id, rows.length, last.step, last.values[name], minimum, maximum)
      }
    },
    ended: () => {},
    between: () => {},
  }
}

/**
 * Milliseconds of the first call after opening from the disk, the least of three openings, and the median of further calls. A query
 * of seconds (`repeats` 1) is opened once.
 */
function coldAndWarm(file: string, prepare: (database: Database.Database) => () => number, repeats: number): string {
  const cold: number[] = []
  const warm: number[] = []
  for (let opening = 0; opening < (repeats === 1 ? 1 : 3); opening++) {
    dropFromCache(file)
    const database = new Database(file)
    database.pragma('cache_size = -65536')
    const query = prepare(database)
    for (let call = 0; call <= repeats; call++) {
      const start = performance.now()
      if (query() === 0) throw new Error('a query of the benchmark found nothing')
      const times = call === 0 ? cold : warm
      times.push(performance.now() - start)
    }
    database.close()
  }
  warm.sort((a, b) => a - b)
  return `${Math.min(...cold).toFixed(1)} / ${warm[warm.length >> 1]!.toFixed(1)}`
}

function manySeries(table: Row[], chunkFile: string, rowFile: string, runs: number, rowRuns: number): void {
  const ids = (count: number, of: number): number[] => Array.from({ length: count }, (_, index) => (index * 7) % of)
  const hundred = (of: number): number[] => ids(Math.min(100, of), of)
  const envelopes = (metric: string, buckets: number) => (database: Database.Database) => {
    const store = new SeriesStore(database)
    return () => hundred(runs).reduce((sum, id) => sum + store.read(id, metric, { buckets }).steps.length, 0)
  }
  const rowEnvelopes = (metric: number, buckets: number) => (database: Database.Database) => {
    const query = database
      .prepare(
        'select step / ? as bucket, min(value), max(value), avg(value) from points where run = ? and metric = ? group by bucket',
      )
      .raw()
    return () => hundred(rowRuns).reduce((sum, id) => sum + query.all(STEPS / buckets, id, metric).length, 0)
  }
  table.push({
    what: '100 series x 500 buckets, ms warm',
    chunks: coldAndWarm(chunkFile, envelopes('train/loss', 500), 9).split(' / ')[1]!,
    rows: coldAndWarm(rowFile, rowEnvelopes(0, 500), 3).split(' / ')[1]!,
    goal: '< 60',
  })
  firstCalls(table, chunkFile, 'envelopes', runs)
  const all = (of: number): number[] => Array.from({ length: of }, (_, index) => index)
  const last = (database: Database.Database) => {
    const store = new SeriesStore(database)
    return () => store.last(all(runs)).length
  }
  const rowLast = (database: Database.Database) => {
    const query = database.prepare(
      'select run, metric, step, value, points, minimum, maximum from latest where run < ?',
    )
    return () => query.all(rowRuns).length
  }
  table.push({
    what: `last values of ${runs} runs x ${METRICS_A_RUN} metrics (rows: ${rowRuns} runs), ms warm`,
    chunks: coldAndWarm(chunkFile, last, 9).split(' / ')[1]!,
    rows: coldAndWarm(rowFile, rowLast, 9).split(' / ')[1]!,
    goal: '< 20',
  })
  firstCalls(table, chunkFile, 'last', runs)
}

/** The first call of a process that has just started: the least of three, with the file in the system's cache and without. */
function firstCalls(table: Row[], file: string, what: 'last' | 'envelopes', runs: number): void {
  for (const dropped of [false, true]) {
    const calls = Array.from({ length: 3 }, () => {
      if (dropped) dropFromCache(file)
      const script = path.join(import.meta.dirname, 'series-first.ts')
      return JSON.parse(
        execFileSync(process.execPath, [script, file, what, String(runs)], { encoding: 'utf8' }),
      ) as FirstCall
    })
    const least = (key: keyof FirstCall): string => Math.min(...calls.map((call) => call[key])).toFixed(1)
    table.push({
      what: `  first call of a process, the file ${dropped ? 'on disk' : "in the system's cache"}: ms / of it CPU; later`,
      chunks: `${least('wall')} / ${least('cpu')}; ${least('laterWall')} / ${least('laterCpu')}`,
      rows: '',
      goal: '',
    })
  }
}

function longSeries(table: Row[], folder: string, length: number): void {
  const chunkFile = path.join(folder, 'long-chunks.db')
  const rowFile = path.join(folder, 'long-rows.db')
  for (const file of [chunkFile, rowFile]) {
    const random = createRandom(9).uniform
    const database = openDatabase(file)
    const store = file === chunkFile ? new SeriesStore(database) : null
    const sink = store === null ? rowSink(database) : chunkSink(store)
    for (let start = 0; start < length; start += 5000) {
      const rows = Array.from({ length: Math.min(5000, length - start) }, (_, index) => {
        const step = start + index
        return { step, time: START + step / 100, values: { loss: longValue(step, length, random) } }
      })
      database.exec('begin immediate')
      sink.append(0, rows)
      database.exec('commit')
      sink.between()
    }
    while (store?.maintain(1000));
    checkpoint(database)
    database.close()
  }
  const read = (from: number, to: number, buckets: number) => (database: Database.Database) => {
    const store = new SeriesStore(database)
    return () => store.read(0, 'loss', { from, to, buckets }).steps.length
  }
  const rowRead = (from: number, to: number, buckets: number) => (database: Database.Database) => {
    const query = database
      .prepare(
        'select cast(step / ? as integer) as bucket, min(value), max(value), avg(value) from points ' +
          'where run = 0 and metric = 0 and step between ? and ? group by bucket',
      )
      .raw()
    return () => query.all((to - from + 1) / buckets, from, to).length
  }
  coldAndWarm(chunkFile, read(0, length, 500), 3)
  for (const [from, to] of [
    [0, length - 1],
    [length * 0.3, length * 0.6],
    [length * 0.5, length * 0.51],
    [length * 0.7, length * 0.7 + 5000],
    [length * 0.999, length - 1],
  ] as const) {
    table.push({
      what: `1 series of ${length / 1e6} M points, steps ${from} to ${to} -> 1000 buckets, ms cold / warm`,
      chunks: coldAndWarm(chunkFile, read(from, to, 1000), 9),
      rows: coldAndWarm(rowFile, rowRead(from, to, 1000), 1),
      goal: from === 0 ? '< 20 cold' : '',
    })
  }
  table.push({
    what: 'bytes a point of that series',
    chunks: (fs.statSync(chunkFile).size / length).toFixed(2),
    rows: (fs.statSync(rowFile).size / length).toFixed(2),
    goal: '',
  })
}

/** MB a second of plain writing, synced at the end. */
function diskLimit(folder: string): string {
  const block = Buffer.alloc(1 << 20, 1)
  const descriptor = fs.openSync(path.join(folder, 'disk'), 'w')
  const start = performance.now()
  for (let index = 0; index < 256; index++) fs.writeSync(descriptor, block)
  fs.fsyncSync(descriptor)
  fs.closeSync(descriptor)
  return `${Math.round(268 / ((performance.now() - start) / 1000))} MB a second`
}

function printTable(table: Row[]): void {
  const header = { what: 'measured', chunks: 'this store', rows: 'a row a point', goal: 'goal' }
  const keys = ['what', 'chunks', 'rows', 'goal'] as const
  const widths = keys.map((key) => Math.max(...[header, ...table].map((row) => row[key].length)))
  const line = (row: Row): string => `| ${keys.map((key, index) => row[key].padEnd(widths[index]!)).join(' | ')} |`
  console.log(line(header))
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of table) console.log(line(row))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await run()
