/**
 * What a process that has just started waits for its first answer: `node bench/series-first.ts FILE last|envelopes RUNS`. Prints
 * milliseconds of wall time and of this thread's CPU for the first call, and the median of 9 further ones. Whether the file lies in
 * the system's cache is up to the caller; bench/series.ts measures both.
 */
import Database from 'better-sqlite3'
import { SeriesStore } from '../db/series/index.ts'

export type FirstCall = { wall: number; cpu: number; laterWall: number; laterCpu: number }

function measure(file: string, what: string, runs: number): FirstCall {
  const database = new Database(file)
  database.pragma('cache_size = -65536')
  const store = new SeriesStore(database)
  const ids = Array.from({ length: runs }, (_, index) => index)
  const hundred = Array.from({ length: Math.min(100, runs) }, (_, index) => (index * 7) % runs)
  const query = (): number =>
    what === 'last'
      ? store.last(ids).length
      : hundred.reduce((sum, id) => sum + store.read(id, 'train/loss', { buckets: 500 }).steps.length, 0)
  const calls = Array.from({ length: 10 }, () => {
    const startedAt = performance.now()
    const before = process.threadCpuUsage()
    if (query() === 0) throw new Error('a query of the benchmark found nothing')
    const { user, system } = process.threadCpuUsage(before)
    return { wall: performance.now() - startedAt, cpu: (user + system) / 1000 }
  })
  const [first, ...later] = calls
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
  return {
    ...first!,
    laterWall: median(later.map((call) => call.wall)),
    laterCpu: median(later.map((call) => call.cpu)),
  }
}

if (import.meta.main) {
  const [file, what, runs] = process.argv.slice(2)
  console.log(JSON.stringify(measure(file!, what!, Number(runs))))
}
