import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { SeriesStore } from './index.ts'
import { killTestRow } from '../../tests/series/kill-writer.ts'
import { valuesProblem, ReferenceSeries } from '../../tests/series/reference.ts'
import { createRandom } from '../../domain/stats/rng.ts'

const kills = Number(process.env.SERIES_KILLS ?? 6)

/** Starts a writer; it kills itself at the write, or is killed after so many lines, or ends. Gives how it ended. */
async function write(file: string, fatalWrite: number, lines: number, end: number): Promise<string | number> {
  const writer = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../../tests/series/kill-writer.ts', import.meta.url)),
      file,
      String(fatalWrite),
      String(end),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let seen = 0
  writer.stdout.on('data', (text: Buffer) => {
    seen += text.toString().split('\n').length - 1
    if (seen >= lines) writer.kill('SIGKILL')
  })
  const [code, signal] = (await once(writer, 'close')) as [number | null, string | null]
  return signal ?? code!
}

/** Compares every value with what the rows up to the place say. */
function verify(file: string): number {
  const database = new Database(file)
  const store = new SeriesStore(database)
  const place = (database.prepare('select rows from place').pluck().get() as number | undefined) ?? 0
  const reference = new ReferenceSeries()
  for (let number = 0; number < place; number++) {
    const { attempt, row } = killTestRow(number)
    reference.append(1, attempt, [row])
  }
  expect(store.check()).toEqual([])
  const metrics = [...(reference.runs.get(1)?.keys() ?? [])]
  expect(store.names(1)).toEqual(metrics)
  const attempts = new Set(
    [...(reference.runs.get(1)?.values() ?? [])].flatMap((points) => points.map((p) => p.attempt)),
  )
  for (const metric of metrics) {
    for (const attempt of attempts) {
      expect(valuesProblem(store.values(1, metric, attempt), reference.values(1, metric, attempt))).toBeNull()
    }
    expect(store.last([1], [metric])).toEqual([{ runId: 1, metric, ...reference.last(1, metric) }])
  }
  database.close()
  return place
}

test(
  `nothing is lost or doubled by ${kills} kills while appending, sealing and building levels`,
  { timeout: 60_000 + kills * 15_000 },
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'series-kill-'))
    const file = path.join(folder, 'kill.db')
    const random = createRandom(kills).uniform
    try {
      // most of the way to the sixteenth chunk, which the first level is built on
      expect(await write(file, 0, Infinity, 14_500)).toBe(0)
      let before = verify(file)
      for (let kill = 0; kill < kills; kill++) {
        // half at a write of its own choosing, half from outside at any moment
        const inside = kill % 2 === 0
        const fatalWrite = inside ? 1 + Math.floor(random() * 700) : 0
        const lines = inside ? Infinity : 1 + Math.floor(random() * 80)
        expect(await write(file, fatalWrite, lines, before + 1_000_000)).toBe('SIGKILL')
        const place = verify(file)
        expect(place).toBeGreaterThanOrEqual(before)
        before = place
      }
      const end = before + 10_000
      expect(await write(file, 0, Infinity, end)).toBe(0)
      expect(verify(file)).toBeGreaterThanOrEqual(end)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
