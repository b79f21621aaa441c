/** Curves of many runs over each other: places in common, and of what is read again only what changed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDoubles } from '../../../contract/doubles.ts'
import type { Context } from '../../base/context.ts'
import { readConfig } from '../../base/process/config.ts'
import { openDataFolder } from '../../open.ts'
import { readBundle } from './read-bundle.ts'

const valueAt = (step: number) => Math.sin(step * 1.7) * step

let folder: string
let context: Context
let close: () => void
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-bundle-'))
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true })
})

function write(runId: number, from: number, to: number, value = valueAt): void {
  const rows = Array.from({ length: to - from }, (_, at) => ({
    step: from + at,
    time: null,
    values: { loss: value(from + at) },
  }))
  context.database.$client.transaction(() => context.series.append(runId, 1, rows))()
  while (context.series.maintain(100));
}

function linesOf(query: Partial<Parameters<typeof readBundle>[1]> = {}) {
  const { places, lines, ...rest } = readBundle(context, { runIds: [1, 2], metric: 'loss', buckets: 200, ...query })
  const columns = places.map(openDoubles)
  return { ...rest, columns, lines: lines.map((line) => ({ ...line, values: openDoubles(line.values) })) }
}

test.each([{}, { from: 3001, to: 9000 }])(
  'lines have their places in common, as far as the shorter goes: %j',
  (zoom) => {
    write(1, 0, 20_000)
    write(2, 0, 7013)
    const { columns, lines } = linesOf(zoom)
    const [long, short] = lines.map((line) => [...columns[line.places]!]) as [number[], number[]]
    expect(long.length).toBeGreaterThan(100)
    expect(long.length).toBeLessThanOrEqual(200)
    expect(short.filter((step) => !long.includes(step))).toEqual([])
    // a bucket's mean lies within what was logged around it
    const width = long[2]! - long[1]!
    for (const [at, step] of long.entries()) {
      const around = Array.from({ length: 2 * width + 2 }, (_, offset) => valueAt(step + offset))
      expect(lines[0]!.values[at]).toBeGreaterThanOrEqual(Math.min(...around))
      expect(lines[0]!.values[at]).toBeLessThanOrEqual(Math.max(...around))
    }
  },
)

test('lines of runs of one length share one column of places', () => {
  for (const run of [1, 2]) write(run, 0, 10_000)
  expect(linesOf().columns).toHaveLength(1)
})

test('what is asked for again gives the runs that changed alone, at places of the others', () => {
  for (const run of [1, 2]) write(run, 0, 10_000)
  const first = linesOf()
  expect(first.runIds).toEqual([1, 2])
  expect(linesOf({ since: first.version }).runIds).toEqual([])
  // so much longer that its buckets are twice as wide
  write(2, 10_000, 15_000)
  const news = linesOf({ since: first.version })
  expect([news.runIds, news.lines.map(({ runId }) => runId)]).toEqual([[2], [2]])
  const known = [...first.columns[0]!]
  const last = known.at(-1)!
  expect([...news.columns[0]!].filter((step) => step <= last && !known.includes(step))).toEqual([])
  expect(news.columns[0]!.at(-1)).toBeGreaterThan(14_000)
  // a run that lost its values is told of, without a line
  context.series.remove([1])
  const removed = linesOf({ since: news.version })
  expect([removed.runIds, removed.lines]).toEqual([[1], []])
  // of another process' count nothing is known here
  expect(linesOf({ since: 'other 5' }).runIds).toEqual([1, 2])
  expect(linesOf({ since: '' }).runIds).toEqual([1, 2])
})

test('what is no finite number is no value', () => {
  write(1, 0, 3, (step) => [1, NaN, Infinity][step]!)
  expect(linesOf({ runIds: [1] }).lines.map(({ values }) => [...values])).toEqual([[1, NaN, NaN]])
  expect(linesOf({ metric: 'reward' }).lines).toEqual([])
})
