import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transaction } from '../../../db/client.ts'
import { saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { requeueJobs } from '../../../db/queries/requeue.ts'
import { compileFilter } from '../../../domain/asking/passing.ts'
import { parseFilter } from '../../../domain/asking/filter.ts'
import { createRandom } from '../../../domain/stats/rng.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { openDataFolder } from '../../open.ts'
import { startScheduler } from '../../scheduler/scheduler.ts'
import type { ListedPoint, PointView } from '../../../contract/api/points.ts'
import { cancelSweep } from '../../act/sweeps/change-sweep.ts'
import { createSweep } from '../../act/sweeps/create-sweep.ts'
import { describeSweep, describeWholeSweep, listSweepSummaries } from './describe-sweep.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { exhaust, readMetricNames } from '../../tables/metric-columns.ts'
import { pointFields } from '../../tables/points-order.ts'
import { readPointsMap } from '../../tables/points-map.ts'
import { readPoint, readPointsPage } from './points-page.ts'
import { refreshInBackground } from '../../act/sweeps/refresh-sweep.ts'
import { rescoreSweep, whenRescored } from '../../act/sweeps/rescore-sweep.ts'
import { retrySweep } from '../../act/sweeps/retry-sweep.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-large-'))
const open = () => {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  return opened
}
let opened = open()
let context: Context = opened.context
const connection = () => context.database.$client
let id = 0
function reopen(): void {
  opened.close()
  opened = open()
  context = opened.context
}

/** 3 × 50 × 4 × 5 = 3,000 points, half of them scored, some failed. */
beforeAll(() => {
  const definition = {
    name: 'large',
    axes: {
      optimizer: ['sgd', 'adam', 'lion'],
      learning_rate: { log: ['1e-6', '1e-2', 50] as [string, string, number] },
      epoch: { milestones: ['1', '2', '3', '4'] },
      seed: ['1', '2', '3', '4', '5'],
    },
    train: { command: ['true'] },
    score: { baseline: { A: 0.5, B: 0.25 } },
  }
  id = createSweep(context, { definition, directory: folder, paused: true }).id
  const random = createRandom(7)
  const rows = connection().prepare('select id, number, run_id as run from points where sweep_id = ?').all(id) as {
    id: number
    number: number
    run: number
  }[]
  transaction(context.database, () => {
    for (const row of rows) {
      if (row.number % 7 === 0) {
        connection().prepare("update points set status = 'failed', error = 'no' where id = ?").run(row.id)
        continue
      }
      if (random.uniform() < 0.5) continue
      // few different values: ties
      const [a, b] = [10 + Math.floor(random.uniform() * 40), 5 + Math.floor(random.uniform() * 40)]
      const { lastInsertRowid: checkpoint } = connection()
        .prepare('insert into checkpoints (run_id, attempt, step) values (?, 1, ?)')
        .run(row.run, row.number)
      const evaluation = connection().prepare(
        'insert into evaluations (checkpoint_id, benchmark, accuracy, correct, total) values (?, ?, ?, ?, 100)',
      )
      evaluation.run(checkpoint, 'A', a / 100, a)
      evaluation.run(checkpoint, 'B', b / 100, b)
      const score = 2 / (50 / a + 25 / b)
      connection()
        .prepare("update points set status = 'scored', checkpoint_id = ?, score = ? where id = ?")
        .run(checkpoint, score, row.id)
    }
  })
})
afterAll(() => {
  opened.close()
  rmSync(folder, { recursive: true })
})

const sweep = () => requireSweep(context, id)
const whole = () => describeWholeSweep(context, sweep())
const bestFirst = { key: 'score', descending: true }
const page = (query: Partial<Parameters<typeof readPointsPage>[2]> = {}) =>
  readPointsPage(context, sweep(), { sort: bestFirst, filter: '', offset: 0, limit: 200, ...query })
function everyPage(query: Partial<Parameters<typeof readPointsPage>[2]> = {}): ListedPoint[] {
  const points: ListedPoint[] = []
  for (let offset = 0; ; offset += 700) {
    const { rows, total } = page({ ...query, offset, limit: 700 })
    points.push(...rows.map((row) => row.point))
    if (offset + 700 >= total) return points
  }
}

test('pages hold every point once, described as in the whole, in the order asked for', () => {
  const { points } = whole()
  const byNumber = new Map(points.map((point) => [point.number, point]))
  const valueOf: Record<string, (point: PointView) => number | null> = {
    score: (point) => point.score,
    run: (point) => point.runNumber,
    'axis:optimizer': (point) => ['sgd', 'adam', 'lion'].indexOf(point.params.optimizer!),
    'benchmark:B': (point) => point.results.B?.accuracy ?? null,
  }
  for (const [key, value] of Object.entries(valueOf)) {
    for (const descending of [false, true]) {
      const read = everyPage({ sort: { key, descending } })
      expect(new Set(read.map((point) => point.number)).size).toBe(3000)
      const byScore = (a: PointView, b: PointView) =>
        (b.score ?? -Infinity) - (a.score ?? -Infinity) || a.number - b.number
      const expected = points.toSorted((a, b) => {
        const [left, right] = [value(a), value(b)]
        if (left === null || right === null) return Number(left === null) - Number(right === null) || byScore(a, b)
        return (descending ? right - left : left - right) || byScore(a, b)
      })
      // not a number against not a number leaves the order of the scores
      expect(read.map((point) => point.number)).toEqual(expected.map((point) => point.number))
      for (const { checkpointId, results, ...point } of read.slice(0, 50)) {
        const full = byNumber.get(point.number)!
        expect(full).toMatchObject(point)
        expect(full.results).toMatchObject(results)
        expect(checkpointId).toBe(full.checkpoint?.id ?? null)
      }
    }
  }
})

test.each([
  'learning_rate < 1e-4 and score > 1',
  'optimizer = ADAM or not epoch = 3',
  'A >= 30 % and B.ratio < 1',
  'run ~ 33',
  'lion and status = failed',
  'score != 1 and (seed > 3 or chance > 0.5)',
])('the filter %s passes what it passes of single points', (text) => {
  const { points, axes } = whole()
  const { filter } = parseFilter(text, pointFields(axes, ['A', 'B']))
  const valueOf = (point: PointView, field: string) =>
    point.params[field] ??
    (field === 'score'
      ? point.score
      : field === 'chance'
        ? point.chanceOfBest
        : field === 'run'
          ? point.runNumber
          : field === 'status'
            ? point.status
            : field === 'A'
              ? (point.results.A?.accuracy ?? null)
              : (point.results.B?.ratio ?? null))
  const passes = compileFilter(filter!, {
    condition: (field, pass) => (row) => pass(valueOf(points[row]!, field)),
    word: (holds) => (row) => [...Object.values(points[row]!.params), points[row]!.status].some(holds),
  })
  const expected = points.filter((_, row) => passes(row))
  const found = page({ filter: text, limit: 1000 })
  expect(found.error).toBeNull()
  expect(found.total).toBe(expected.length)
  expect(expected.length).toBeLessThan(3000)
  const numbers = new Set(expected.map((point) => point.number))
  expect(found.rows.every((row) => numbers.has(row.point.number))).toBe(true)
})

test('a name that the sweep no longer has leaves the best first, whichever way it is asked for', () => {
  const best = page().rows.map((row) => row.point.id)
  for (const key of ['axis:gone', 'benchmark:gone', 'metric:gone', 'gone']) {
    for (const descending of [false, true])
      expect(page({ sort: { key, descending } }).rows.map((row) => row.point.id)).toEqual(best)
  }
})

test('a filter that cannot be read says so and passes everything', () => {
  expect(page({ filter: 'batch > 3' })).toMatchObject({ total: 3000, error: expect.stringContaining('“batch”') })
})

test('a cell of the matrices shows the best of the points whose stored values it stands for', () => {
  const { points, axes } = whole()
  const values = (name: string) => axes.find((axis) => axis.name === name)!.values
  const found = readPointsMap(context, sweep(), {
    down: 'seed',
    across: 'epoch',
    panel: null,
    fixed: { optimizer: 'adam' },
  })
  const cells = values('seed').flatMap((seed) =>
    values('epoch').map((epoch) =>
      points.filter(({ params }) => params.seed === seed && params.epoch === epoch && params.optimizer === 'adam'),
    ),
  )
  const best = cells.map((cell) => cell.reduce((a, b) => ((b.score ?? -Infinity) > (a.score ?? -Infinity) ? b : a)))
  expect(found.numbers).toEqual(best.map(({ number }) => number))
  expect(found.ids).toEqual(best.map((point) => point.id))
  expect(found.scores).toEqual(best.map(({ score }) => score))
  expect(found.points).toEqual(cells.map((cell) => cell.length))
  expect(found.bestOver).toEqual(['learning_rate'])
  expect(() => readPointsMap(context, sweep(), { down: 'x', across: null, panel: null, fixed: {} })).toThrow(
    'no axis x; it has optimizer',
  )
})

test('an evaluation that is written again, and once more, is in the next page', () => {
  const [row] = page({ sort: { key: 'benchmark:A', descending: true } }).rows
  const checkpointId = row!.point.checkpointId!
  const { correct: before, total } = readPoint(context, sweep(), row!.point.id).results['A']!
  for (const correct of [3, 4]) {
    saveEvaluation(context.database, { checkpointId, benchmark: 'A', accuracy: correct / 100, correct, total: 100 })
  }
  expect(page({ sort: { key: 'benchmark:A', descending: true } }).rows[0]!.point.id).not.toBe(row!.point.id)
  saveEvaluation(context.database, { checkpointId, benchmark: 'A', accuracy: before! / total!, correct: before, total })
})

test('a changed score is in the next page; one that was taken back is in none', () => {
  const before = page().rows[0]!.point
  const last = page({ offset: 2999 }).rows[0]!.point
  const change = (score: number) =>
    connection().prepare("update points set score = ?, status = 'scored' where id = ?").run(score, last.id)
  expect(() =>
    transaction(context.database, () => {
      change(99)
      expect(page().rows[0]!.point.id).toBe(last.id)
      throw new Error('taken back')
    }),
  ).toThrow('taken back')
  expect(page().rows[0]!.point).toEqual(before)
  change(99)
  expect(page().rows[0]!.point).toMatchObject({ id: last.id, score: 99 })
  expect(describeSweep(context, sweep()).best).toMatchObject({ pointId: last.id, score: 99 })
  expect(listSweepSummaries(context)[0]!.best).toMatchObject({ pointId: last.id, score: 99 })
  connection().prepare("update points set score = null, status = 'waiting' where id = ?").run(last.id)
  expect(page().rows[0]!.point).toEqual(before)
  expect(readPoint(context, sweep(), before.id)).toMatchObject({ id: before.id, score: before.score })
  expect(() => readPoint(context, sweep(), 1e9)).toThrow('large has no point 1000000000.')
})

test('the sweep without its points is small, and says what it leaves out', () => {
  const short = describeSweep(context, sweep())
  const all = whole()
  expect(short.bestPoint).toEqual(all.points.find((point) => point.id === all.best!.pointId))
  expect(short.counts).toEqual(all.counts)
  expect(short.shares).toEqual(all.shares)
  expect(short.cells.states).toMatch(/^\d{24}$/)
  expect(Math.max(...short.cells.scores.map((score) => score ?? 0))).toBeCloseTo(all.best!.score, 3)
  expect(short.inShort.ranks.ranks[0]).toBe(0)
  expect(short.inShort.ranks.ranks.at(-1)).toBe(all.counts.scored - 1)
  expect(short.inShort.benchmarks).toEqual(['A', 'B'])
  expect(short.runs.length).toBeLessThanOrEqual(200)
  expect(short.inShort.failedRun).toEqual({ id: all.points[6]!.runId, number: all.points[6]!.runNumber })
  expect(JSON.stringify(short).length).toBeLessThan(100_000)
})

test('intervals and chances come from a thread, and are those of the whole', async () => {
  await refreshInBackground(context, id)
  const { points } = whole()
  const scored = points.filter((point) => point.score !== null)
  for (const point of scored) {
    expect(point.interval![0]).toBeLessThanOrEqual(point.score!)
    expect(point.interval![1]).toBeGreaterThanOrEqual(point.score!)
  }
  expect(scored.reduce((sum, point) => sum + point.chanceOfBest!, 0)).toBeCloseTo(1, 6)
  const tied = points.filter((point) => point.tiedWithBest).length
  expect(tied).toBeGreaterThan(0)
  expect(describeSweep(context, sweep()).inShort.tiedWithBest).toBe(tied)
  const { bracketEnd, rows } = page({ limit: 1000 })
  expect(rows[0]!.brace).toBe('first')
  expect(rows[bracketEnd]!.brace).toMatch(/last|alone/)
  expect(rows.slice(bracketEnd + 1).every((row) => row.brace === null)).toBe(true)
  expect(page({ sort: { key: 'run', descending: false } })).toMatchObject({ bracketEnd: -1 })
})

const setBaseline = (benchmark: string, accuracy: number) =>
  connection()
    .prepare(`update sweeps set definition = json_set(definition, '$.score.baseline.${benchmark}', ?) where id = ?`)
    .run(accuracy, id)
function expectScoresOf(baseline: { A: number; B: number }): void {
  const scored = whole().points.filter((point) => point.score !== null)
  expect(scored.length).toBeGreaterThan(1000)
  for (const { score, results, interval } of scored) {
    const [a, b] = [results.A!.accuracy!, results.B!.accuracy!]
    expect(score).toBeCloseTo(2 / (baseline.A / a + baseline.B / b), 12)
    expect(interval![0]).toBeLessThanOrEqual(score!)
    expect(interval![1]).toBeGreaterThanOrEqual(score!)
  }
}

test('an edited baseline changes every score, one edited again meanwhile too', async () => {
  const firstStep = Promise.withResolvers<void>()
  context.signals.once('change', () => firstStep.resolve())
  setBaseline('A', 1)
  rescoreSweep(context, id)
  await firstStep.promise
  const { rescoredTo } = sweep()
  expect(rescoredTo).toBeGreaterThan(0)
  expect(rescoredTo).toBeLessThan(3000)
  setBaseline('B', 0.5)
  rescoreSweep(context, id)
  await whenRescored(context, id)
  expect(sweep().rescoredTo).toBeNull()
  expectScoresOf({ A: 1, B: 0.5 })
})

test('a server that was killed while it computed scores leaves a mark, and the next one goes on', async () => {
  const firstStep = Promise.withResolvers<void>()
  context.signals.once('change', () => firstStep.resolve())
  setBaseline('A', 0.8)
  rescoreSweep(context, id)
  await firstStep.promise
  reopen()
  expect(sweep().rescoredTo).toBeGreaterThan(0)
  const scheduler = startScheduler(context)
  await whenRescored(context, id)
  scheduler.stop()
  expect(sweep().rescoredTo).toBeNull()
  expectScoresOf({ A: 0.8, B: 0.5 })
})

test('a baseline that cannot be saved changes no score', async () => {
  expect(() =>
    transaction(context.database, () => {
      setBaseline('A', 0.1)
      rescoreSweep(context, id)
      throw new Error('taken back')
    }),
  ).toThrow('taken back')
  await whenRescored(context, id)
  expectScoresOf({ A: 0.8, B: 0.5 })
})

test('a cancelled sweep runs again, also where a server was killed while it put jobs back', async () => {
  const scored = whole().counts.scored
  cancelSweep(context, id)
  expect(whole().counts.cancelled).toBeGreaterThan(1000)
  transaction(context.database, () =>
    requeueJobs(context.database, { sweepId: id, kind: 'training', from: 1, to: 70 }, 0),
  )
  expect(await retrySweep(context, id)).toBe(680)
  expect(sweep().status).toBe('waiting')
  expect(whole().counts).toMatchObject({ scored, cancelled: 0 })
  // nothing but the start was left
  cancelSweep(context, id)
  transaction(context.database, () =>
    requeueJobs(context.database, { sweepId: id, kind: 'training', from: 1, to: 750 }, 0),
  )
  expect(await retrySweep(context, id)).toBe(0)
  expect(sweep().status).toBe('waiting')
})

test('a list gives no more sweeps than asked for', () => {
  expect(listSweepSummaries(context, 'large', 1)).toHaveLength(1)
  expect(listSweepSummaries(context, 'no such sweep', 1)).toHaveLength(0)
})

test('metrics: the last value of each training sorts and filters its points, and follows what is written', () => {
  const { series } = context
  const runIds = connection()
    .prepare("select id from jobs where sweep_id = ? and kind = 'training'")
    .pluck()
    .all(id) as number[]
  const append = (runId: number, rows: { step: number; values: Record<string, number> }[], attempt = 1) =>
    transaction(context.database, () =>
      series.append(
        runId,
        attempt,
        rows.map((row) => ({ ...row, time: null })),
      ),
    )
  // of every third run nothing is known; one ends in NaN, one in an infinity
  const last = new Map<number, number>()
  const random = createRandom(11)
  runIds.forEach((runId, at) => {
    if (at % 3 === 0) return
    const value = at === 1 ? NaN : at === 2 ? Infinity : Math.round(random.normal() * 20) / 10
    last.set(runId, value)
    append(runId, [
      { step: 1, values: { 'train/loss': 9, ...(at === 4 ? { odd: 1 } : {}) } },
      { step: 2, values: { 'train/loss': value } },
    ])
  })
  const expectOrder = (descending: boolean) => {
    const points = everyPage({ sort: { key: 'metric:train/loss', descending } })
    const valueOf = (point: PointView) => last.get(point.runId) ?? NaN
    const expected = whole().points.toSorted((a, b) => {
      const [left, right] = [valueOf(a), valueOf(b)]
      if (Number.isNaN(left) || Number.isNaN(right)) {
        if (Number.isNaN(left) !== Number.isNaN(right)) return Number.isNaN(left) ? 1 : -1
      } else if (left !== right) return left < right === descending ? 1 : -1
      return (b.score ?? -Infinity) - (a.score ?? -Infinity) || a.number - b.number
    })
    expect(points.map(({ id: pointId }) => pointId)).toEqual(expected.map(({ id: pointId }) => pointId))
  }
  expectOrder(false)
  expectOrder(true)
  const below = () => page({ filter: 'Train/Loss < 0.5 and learning_rate < 1e-4' }).total
  const expectBelow = () => {
    const passes = (point: PointView) =>
      (last.get(point.runId) ?? NaN) < 0.5 && Number(point.params.learning_rate) < 1e-4
    expect(below()).toBe(whole().points.filter(passes).length)
  }
  expectBelow()
  // a later attempt takes up what it resumed from: its values count
  append(runIds[3]!, [{ step: 2, values: { 'train/loss': -50 } }])
  append(runIds[4]!, [{ step: 2, values: { 'train/loss': -40 } }], 2)
  last.set(runIds[3]!, -50).set(runIds[4]!, -40)
  expectOrder(false)
  expectBelow()
  // what a transaction took back is not seen
  expect(() =>
    transaction(context.database, () => {
      series.append(runIds[6]!, 1, [{ step: 3, time: null, values: { 'train/loss': -60 } }])
      throw new Error('rolled back')
    }),
  ).toThrow('rolled back')
  expectOrder(false)

  const shown = page({ sort: { key: 'metric:train/loss', descending: true }, metrics: ['train/loss', 'odd'], limit: 1 })
  expect(shown.rows[0]!.metrics).toEqual({ 'train/loss': Infinity })
  const names = [...exhaust(readMetricNames(context, sweep()))].toSorted()
  expect(names).toEqual(['odd', 'train/loss'])
  expect(page({ filter: 'los < 1' }).error).toContain('There is no “los” here.')
  expect(page({ filter: 'ODD = 1' }).rows.every((row) => row.point.runId === runIds[4])).toBe(true)
})

test('a filter by a ratio does not depend on what somebody sorted by before', () => {
  const runId = page().rows[0]!.point.runId
  transaction(context.database, () =>
    context.series.append(runId, 1, [{ step: 1, time: null, values: { 'B.ratio': 1e6 } }]),
  )
  const filter = 'B.ratio > 0.5'
  const { total } = page({ filter })
  expect(total).toBeGreaterThan(100)
  page({ sort: { key: 'metric:B.ratio', descending: true } })
  expect(page({ filter }).total).toBe(total)
})
