import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { type MetricRow, SeriesStore } from './index.ts'
import { NameLists, openPage, packPage, RECORD } from './record-pages.ts'
import { envelopeProblem, valuesProblem, type ReferenceValue, ReferenceSeries } from '../../tests/series/reference.ts'
import { createRandom } from '../../domain/stats/rng.ts'

function open(): { database: Database.Database; store: SeriesStore } {
  const database = new Database(':memory:')
  return { database, store: new SeriesStore(database) }
}

function maintainAll(store: SeriesStore, budgetMilliseconds = 5): void {
  while (store.maintain(budgetMilliseconds));
}

/** Compares everything the store gives with the reference. */
function compare(store: SeriesStore, reference: ReferenceSeries, random: () => number): void {
  const lasts = store.last([...reference.runs.keys()])
  for (const [runId, metrics] of reference.runs) {
    expect(store.names(runId).toSorted()).toEqual([...metrics.keys()].toSorted())
    for (const metric of metrics.keys()) {
      const points = reference.values(runId, metric)
      expect(valuesProblem(store.values(runId, metric), points)).toBeNull()
      for (const attempt of new Set(metrics.get(metric)!.map((point) => point.attempt))) {
        const ofAttempt = reference.values(runId, metric, attempt)
        expect(valuesProblem(store.values(runId, metric, attempt), ofAttempt)).toBeNull()
      }
      const expected = reference.last(runId, metric)
      const found = lasts.find((last) => last.runId === runId && last.metric === metric)
      expect(found ?? null).toEqual(expected === null ? null : { runId, metric, ...expected })
      const low = points[0]?.step ?? 0
      const high = points.at(-1)?.step ?? 0
      for (let trial = 0; trial < 6; trial++) {
        const buckets = 1 + Math.floor(random() * [3, 40, 1000][trial % 3]!)
        const from = trial < 2 ? undefined : Math.floor(low + (random() * 1.2 - 0.1) * (high - low))
        const to = trial < 2 ? undefined : Math.floor((from ?? 0) + random() * (high - low))
        const range = { buckets, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
        const within = points.filter(({ step }) => step >= (from ?? 0) && step <= (to ?? Infinity))
        const problem = envelopeProblem(store.read(runId, metric, range), within, buckets)
        expect(problem, `run ${runId}, ${metric}, ${JSON.stringify(range)}`).toBeNull()
      }
    }
  }
  expect(store.check()).toEqual([])
}

test('envelopes over levels of levels are exact, at any zoom', () => {
  const { store, database } = open()
  const random = createRandom(11).uniform
  const points: ReferenceValue[] = []
  let step = 0
  // 400 chunks: two levels, with rests of each
  for (let batch = 0; batch < 82; batch++) {
    const rows: MetricRow[] = []
    for (let row = 0; row < 5000; row++) {
      const value = random() < 0.001 ? [NaN, Infinity, -Infinity][Math.floor(random() * 3)]! : random() - 0.5
      rows.push({ step, time: null, values: { a: value } })
      points.push({ attempt: 1, step, time: null, value })
      step += random() < 0.3 ? 0 : 1 + Math.floor(random() ** 40 * 100_000)
    }
    database.exec('begin')
    store.append(1, 1, rows)
    database.exec('commit')
    maintainAll(store)
  }
  expect(database.prepare('select max(level) from series_chunks').pluck().get()).toBe(2)
  for (let trial = 0; trial < 60; trial++) {
    const width = step * 10 ** (-random() * 5)
    const from = Math.floor(random() * (step - width))
    const range =
      trial === 0 ? { buckets: 1000 } : { from, to: Math.floor(from + width), buckets: 1 + Math.floor(random() * 2000) }
    const within = trial === 0 ? points : points.filter((point) => point.step >= range.from! && point.step <= range.to!)
    const envelope = store.read(1, 'a', range)
    expect(envelopeProblem(envelope, within, range.buckets), JSON.stringify(range)).toBeNull()
  }
  expect(store.check()).toEqual([])
})

type Shape = { name: string; step: (index: number, before: number, random: () => number) => number }

const SHAPES: Shape[] = [
  { name: 'regular', step: (index) => index },
  { name: 'gaps and repeats', step: (_, before, random) => before + Math.floor(random() ** 8 * 500) },
  { name: 'a clump far away', step: (index) => (index < 30 ? index * 1_000_000_000_000 : 30_000_000_000_000 + index) },
  { name: 'slightly out of order', step: (index, _, random) => Math.max(0, index - Math.floor(random() * 40)) },
  { name: 'cycles', step: (index) => index % 300 },
  { name: 'one step for ever', step: () => 7 },
  { name: 'downwards', step: (index) => 1_000_000 - index },
  { name: 'the largest steps', step: (index) => Number.MAX_SAFE_INTEGER - 10_000 + Math.min(index, 10_000) },
]

function randomValue(random: () => number): number {
  const kind = random()
  if (kind < 0.02) return [NaN, Infinity, -Infinity, -0, 1e300, -1e300, 5e-324][Math.floor(random() * 7)]!
  if (kind < 0.3) return Math.floor(random() * 100)
  return kind < 0.6 ? Math.round(random() * 1e4) / 1e4 : random() - 0.5
}

for (const [index, shape] of SHAPES.entries()) {
  test(`points, envelopes and last values are exact: ${shape.name}`, () => {
    for (let seed = 1; seed <= 3; seed++) {
      const random = createRandom(seed * 100 + index).uniform
      const { database, store } = open()
      let reader = store
      const reference = new ReferenceSeries()
      const rowsWanted = [400, 3000, 20_000][seed - 1]!
      let before = 0
      let attempt = 1
      let next = 0
      while (next < rowsWanted) {
        const batch: MetricRow[] = []
        const size = 1 + Math.floor(random() * (seed === 3 ? 1500 : 120))
        for (let item = 0; item < size; item++, next++) {
          before = shape.step(next, before, random)
          const values: Record<string, number> = { loss: randomValue(random) }
          if (next % 10 === 0) values['eval/accuracy'] = (next % 41) / 40
          if (random() < 0.3) values.sparse = random()
          if (next > 350 && random() < 0.01) values.late = NaN
          batch.push({ step: before, time: random() < 0.1 ? null : 1763880000 + next / 4, values })
        }
        const rollBack = random() < 0.15
        database.exec('begin immediate')
        reader.append(3, attempt, batch)
        if (rollBack) {
          database.exec('rollback')
          next -= size
          continue
        }
        reference.append(3, attempt, batch)
        database.exec('commit')
        if (random() < 0.3) reader.maintain(random() * 2)
        if (random() < 0.02) {
          // a new attempt takes up a little before where this one ended
          attempt++
          before = Math.max(0, before - Math.floor(random() * 50))
        }
        if (random() < 0.05) reader = new SeriesStore(database)
        if (random() < 0.03) reader.finish(3)
      }
      compare(reader, reference, random)
      maintainAll(reader, 1)
      compare(reader, reference, random)
      reader.finish(3)
      maintainAll(reader)
      compare(new SeriesStore(database), reference, random)
      database.close()
    }
  })
}

test('a rollback leaves no name, point or figure in a cache', () => {
  const { database, store } = open()
  const add = (name: string, step: number, value: number): void =>
    store.append(1, 1, [{ step, time: null, values: { [name]: value } }])
  database.exec('begin')
  add('kept', 0, 1)
  database.exec('commit; begin')
  add('lost', 1, 99)
  add('kept', 1, 99)
  store.append(2, 1, [{ step: 5, time: null, values: { lost: 1 } }])
  expect(store.names(1)).toEqual(['kept', 'lost'])
  database.exec('rollback')
  expect(store.names(1)).toEqual(['kept'])
  expect(store.names(2)).toEqual([])
  expect(store.last([1, 2])).toEqual([
    { runId: 1, metric: 'kept', step: 0, value: 1, points: 1, minimum: 1, maximum: 1 },
  ])
  database.exec('begin')
  // ids and slots that were rolled back are given again, to others
  store.append(3, 1, [{ step: 5, time: null, values: { other: 7 } }])
  add('second', 1, 2)
  database.exec('savepoint inner')
  add('third', 2, 3)
  database.exec('rollback to inner; release inner')
  add('fourth', 3, 4)
  database.exec('commit')
  expect(store.names(1)).toEqual(['kept', 'second', 'fourth'])
  expect([...store.values(1, 'fourth')]).toEqual([{ attempt: 1, step: 3, time: null, value: 4 }])
  expect([...store.values(3, 'other')]).toEqual([{ attempt: 1, step: 5, time: null, value: 7 }])
  expect([...store.values(1, 'third')]).toEqual([])
  expect(store.check()).toEqual([])
})

test('a rollback in the middle of a sealing pass does no harm', () => {
  const { database, store } = open()
  const reference = new ReferenceSeries()
  const random = createRandom(5).uniform
  const batch = (from: number, count: number): MetricRow[] =>
    Array.from({ length: count }, (_, index) => ({
      step: from + index,
      time: null,
      values: Object.fromEntries(Array.from({ length: 40 }, (__, metric) => [`m${metric}`, random()])),
    }))
  const append = (rows: MetricRow[], keep: boolean): void => {
    database.exec('begin')
    store.append(1, 1, rows)
    database.exec(keep ? 'commit' : 'rollback')
    if (keep) reference.append(1, 1, rows)
  }
  append(batch(0, 1200), true)
  let slices = 0
  while (store.maintain(0)) {
    slices++
    append(batch(1200 + slices * 3, 3), slices % 2 === 0)
  }
  expect(slices).toBeGreaterThan(10)
  compare(store, reference, random)
})

test('rows are refused outside a transaction, and with a step that is none', () => {
  const { database, store } = open()
  expect(() => store.append(1, 1, [])).toThrow(/outside a transaction/)
  database.exec('begin')
  expect(() => store.append(1, 1, [{ step: 1.5, time: null, values: {} }])).toThrow(/step .* 1.5/)
  expect(() => store.append(1, 1, [{ step: 2 ** 53, time: null, values: {} }])).toThrow(/9007199254740992/)
  expect(() => store.append(1, 1, [{ step: 1, time: null, values: { a: 'x' as unknown as number } }])).toThrow(
    /"a" at step 1 is x/,
  )
  database.exec('rollback')
  expect(() => store.maintain(1)).not.toThrow()
  expect(() => store.read(1, 'a', { buckets: 0 })).toThrow(/0 buckets/)
  expect(store.read(1, 'a', { buckets: 10 })).toEqual({ steps: [], mean: [], minimum: [], maximum: [], points: 0 })
})

test('names that objects treat specially are names like others', () => {
  const { database, store } = open()
  const values = JSON.parse('{"__proto__": 1, "constructor": 2, "12": 3, "": 4, "\\ud800": 5, "näme/ü": 6}') as Record<
    string,
    number
  >
  database.exec('begin')
  store.append(1, 1, [{ step: 0, time: 1, values }])
  database.exec('commit')
  const again = new SeriesStore(database)
  expect(again.names(1)).toEqual(Object.keys(values))
  for (const name of Object.keys(values)) {
    expect([...again.values(1, name)].map(({ value }) => value)).toEqual([
      Object.entries(values).find(([key]) => key === name)![1],
    ])
  }
})

test('removed runs leave nothing behind, also in the middle of a pass', () => {
  const { database, store } = open()
  const rows = Array.from({ length: 3000 }, (_, step) => ({ step, time: step, values: { a: step, b: -step } }))
  for (const run of [1, 2]) {
    database.exec('begin')
    store.append(run, 1, rows)
    database.exec('commit')
  }
  store.maintain(0)
  store.remove([1])
  maintainAll(store)
  expect(store.names(1)).toEqual([])
  expect([...store.values(2, 'b')]).toHaveLength(3000)
  expect(store.check()).toEqual([])
  store.remove([2])
  for (const table of ['attempts', 'pages', 'names', 'tails', 'axes', 'chunks']) {
    expect(database.prepare(`select count(*) from series_${table}`).pluck().get()).toBe(0)
  }
})

test('12,000 names in a run are sealed in slices', () => {
  const { database, store } = open()
  const rows = Array.from({ length: 200 }, (_, step) => {
    const values: Record<string, number> = {}
    for (let metric = 0; metric < 12_000; metric++) values[`layer/${metric}/norm`] = metric + step / 8
    return { step, time: null, values }
  })
  for (let start = 0; start < 200; start += 20) {
    database.exec('begin')
    store.append(1, 1, rows.slice(start, start + 20))
    database.exec('commit')
  }
  store.finish(1)
  let slices = 0
  while (store.maintain(5)) slices++
  expect(slices).toBeGreaterThan(5)
  expect(store.names(1)).toHaveLength(12_000)
  expect([...store.values(1, 'layer/11999/norm')].map(({ value }) => value)).toEqual(
    rows.map(({ step }) => 11_999 + step / 8),
  )
  expect(store.last([1], ['layer/7/norm'])).toEqual([
    { runId: 1, metric: 'layer/7/norm', step: 199, value: 7 + 199 / 8, points: 200, minimum: 7, maximum: 7 + 199 / 8 },
  ])
})

test('damage is found and said', () => {
  const { database, store } = open()
  database.exec('begin')
  store.append(
    1,
    1,
    Array.from({ length: 1500 }, (_, step) => ({ step, time: null, values: { a: Math.sin(step), b: step } })),
  )
  database.exec('commit')
  maintainAll(store)
  database.exec('begin')
  store.append(1, 1, [{ step: 1500, time: null, values: { a: 1, b: 1 } }])
  database.exec('commit')
  expect(store.check()).toEqual([])
  const restore = (sql: string, expected: RegExp): void => {
    database.exec(`savepoint damage; ${sql}`)
    const fresh = new SeriesStore(database)
    expect(fresh.check().join('\n')).toMatch(expected)
    database.exec('rollback to damage; release damage')
  }
  restore(
    'update series_chunks set data = zeroblob(length(data)) where slot = 0',
    /Run 1, attempt 1, "a": chunk 0 .* damaged/,
  )
  restore('delete from series_chunks where slot = 1 and sequence = 0', /"b": 0 chunks of level 0; expected 1/)
  restore('delete from series_tails', /0 points wait to be sealed; 1 are counted/)
  restore('delete from series_axes', /steps of a chunk .* missing/)
  restore('delete from series_names', /list \d+ of names of metrics is missing/)
  restore('delete from series_attempts', /belong to no attempt/)
  expect(store.check()).toEqual([])
})

test('a file of a newer format is refused, not misread', () => {
  const { database } = open()
  database.exec('update series_format set version = 99')
  expect(() => new SeriesStore(database)).toThrow(/format 99.*up to 3/)
})

test('a file of format 1 is brought up to date when it is opened, and its pages are read and written on', () => {
  const { database, store } = open()
  const reference = new ReferenceSeries()
  const random = createRandom(5).uniform
  const append = (run: number, store: SeriesStore, from: number): void => {
    const rows = Array.from({ length: 1200 }, (_, index) => {
      const step = from + index
      const values: Record<string, number> = { a: random(), b: step % 7 === 0 ? NaN : -step }
      if (index % 100 === 0) for (let metric = 0; metric < 70; metric++) values[`rare/${metric}`] = random()
      return { step, time: step, values }
    })
    reference.append(run, 1, rows)
    database.transaction(() => store.append(run, 1, rows))()
  }
  append(1, store, 0)
  append(2, store, 0)
  maintainAll(store)
  // as format 1 wrote it: a page's names beside its figures, and those plain
  const pages = database.prepare('select id, names_id, names, data from series_pages').all() as {
    id: number
    names_id: number
    names: string
    data: Buffer
  }[]
  const lists = new NameLists(database)
  for (const { id, names_id: listId, names: text, data } of pages) {
    const names = lists.of(listId, text)
    const plain = openPage(data, names.length)
    database
      .prepare('update series_pages set names = ?, data = ?, names_id = null where id = ?')
      .run(JSON.stringify(names), Buffer.from(plain.buffer, plain.byteOffset, names.length * RECORD * 8), id)
  }
  database.exec(`
    alter table series_pages drop column names_id;
    drop table series_names;
    drop table series_summaries;
    update series_format set version = 1`)
  const reopened = new SeriesStore(database)
  compare(reopened, reference, random)
  append(2, reopened, 1200)
  reopened.finish(1)
  reopened.finish(2)
  maintainAll(reopened)
  compare(new SeriesStore(database), reference, random)
  expect(database.prepare('select version from series_format').pluck().get()).toBe(3)
})

test('of an ended attempt a chart of few places opens what sums up its chunks, not these; a finer one does', () => {
  const { database, store } = open()
  const reference = new ReferenceSeries()
  const random = createRandom(6).uniform
  const append = (from: number, count: number): void => {
    const rows = Array.from({ length: count }, (_, index) => {
      const step = from + index
      return { step, time: step, values: { loss: step % 50 === 0 ? NaN : random(), level: -step } }
    })
    reference.append(1, 1, rows)
    database.transaction(() => store.append(1, 1, rows))()
    maintainAll(store)
  }
  // 16 chunks with one above them, and ten that have none
  for (let part = 0; part < 26; part++) append(part * 1024, 1024)
  append(26_624, 100)
  const summaries = database.prepare('select chunks from series_summaries').pluck()
  expect(summaries.all()).toEqual([])
  store.finish(1)
  maintainAll(store)
  expect(summaries.all()).toEqual([27, 27])
  compare(store, reference, random)
  expect(store.check()).toEqual([])
  // without the values of the last chunks
  database.exec(
    'savepoint whole; update series_chunks set data = zeroblob(length(data)) where level = 0 and sequence >= 16',
  )
  expect(store.read(1, 'loss', { buckets: 300 }).points).toBe(26_724)
  expect(() => store.read(1, 'loss', { buckets: 4000 })).toThrow(/checksum/)
  expect(store.check().length).toBeGreaterThan(0)
  database.exec('rollback to whole; release whole')
  // a damaged sum is told of
  database.exec('savepoint whole; update series_summaries set data = zeroblob(length(data))')
  expect(store.check().filter((problem) => problem.includes('sums up'))).toHaveLength(2)
  database.exec('rollback to whole; release whole')
  // what comes after the end is seen, and what summed up the chunks before it is not taken for all
  append(26_724, 3000)
  compare(store, reference, random)
  store.finish(1)
  maintainAll(store)
  expect(summaries.all()).toEqual([30, 30])
  compare(store, reference, random)
  expect(store.check()).toEqual([])
  store.remove([1])
  expect(summaries.all()).toEqual([])
})

test('a file of format 2 is brought up to date when it is opened', () => {
  const { database, store } = open()
  const rows = Array.from({ length: 5000 }, (_, step) => ({ step, time: step, values: { a: step } }))
  database.transaction(() => store.append(1, 1, rows))()
  maintainAll(store)
  database.exec('drop table series_summaries; update series_format set version = 2')
  const reopened = new SeriesStore(database)
  expect(reopened.read(1, 'a', { buckets: 100 }).points).toBe(5000)
  expect(reopened.check()).toEqual([])
})

test.each([1, 2, 3, 64])('a page of %i metrics comes back, whatever they share', (count) => {
  const random = createRandom(count).uniform
  for (let shared = 0; shared < 2 ** RECORD; shared += count === 2 ? 1 : 37) {
    const records = Float64Array.from({ length: count * RECORD }, (_, index) =>
      (shared >> (index % RECORD)) & 1 ? [NaN, -0, Infinity, 3][index % 4 === 0 ? 0 : shared % 4]! : random(),
    )
    expect(openPage(packPage(records, count), count)).toEqual(records)
  }
})

test('the mean of values whose sum no double holds stays in the envelope', () => {
  const { database, store } = open()
  database.exec('begin')
  store.append(
    1,
    1,
    [1e308, 1.5e308, 1.7e308].map((value, step) => ({ step, time: null, values: { a: value } })),
  )
  database.exec('commit')
  const { mean, minimum, maximum } = store.read(1, 'a', { buckets: 1 })
  expect(minimum).toEqual([1e308])
  expect(maximum).toEqual([1.7e308])
  expect(mean[0]).toBeLessThanOrEqual(1.7e308)
})

test('a full disk loses nothing that was acknowledged, and the store goes on when there is room again', () => {
  const { database, store } = open()
  const reference = new ReferenceSeries()
  const random = createRandom(3).uniform
  const pages = database.pragma('page_count', { simple: true }) as number
  database.pragma(`max_page_count = ${pages + 4}`)
  let refusals = 0
  for (let step = 0; step < 6000; step += 100) {
    const rows = Array.from({ length: 100 }, (_, row) => ({
      step: step + row,
      time: null,
      values: { a: random(), b: random(), c: random() },
    }))
    for (let done = false; !done;) {
      try {
        database.transaction(() => store.append(1, 1, rows))()
        reference.append(1, 1, rows)
        done = true
        store.maintain(1)
      } catch (error) {
        expect((error as { code: string }).code).toBe('SQLITE_FULL')
        refusals++
        compare(store, reference, random)
        const limit = database.pragma('max_page_count', { simple: true }) as number
        database.pragma(`max_page_count = ${limit + 3}`)
      }
    }
  }
  expect(refusals).toBeGreaterThan(3)
  // how much is left to seal is a matter of time
  database.pragma('max_page_count = 100000')
  maintainAll(store)
  compare(store, reference, random)
})

test('a slow reader sees each point once while points are appended and sealed, and learns of a removal', () => {
  const { database, store } = open()
  const append = (attempt: number, from: number, to: number): void => {
    const rows = Array.from({ length: to - from }, (_, row) => ({
      step: from + row,
      time: null,
      values: { a: from + row },
    }))
    database.transaction(() => store.append(1, attempt, rows))()
  }
  append(1, 0, 3000)
  append(2, 2500, 4000)
  store.maintain(0)
  const seen: number[] = []
  let next = 4000
  for (const { step } of store.values(1, 'a')) {
    seen.push(step)
    if (step % 100 !== 0 || next >= 12_000) continue
    append(2, next, next + 300)
    next += 300
    maintainAll(store)
  }
  expect(seen.slice(0, 4000)).toEqual(Array.from({ length: 4000 }, (_, step) => step))
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(new Set(seen).size).toBe(seen.length)
  const reader = store.values(1, 'a')
  reader.next()
  store.remove([1])
  expect(() => [...reader]).toThrow(/removed while they were being read/)
})
