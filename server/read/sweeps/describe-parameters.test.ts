import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transaction } from '../../../db/client.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { openDataFolder } from '../../open.ts'
import { createSweep } from '../../act/sweeps/create-sweep.ts'
import { describeParameters } from './describe-parameters.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { readParallelPoints } from '../../tables/parallel-points.ts'
import { readSurface } from './read-surface.ts'
import { rescoreSweep } from '../../act/sweeps/rescore-sweep.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-parameters-'))
const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }, folder))
if (!('context' in opened)) throw new Error('the folder is held')
const context: Context = opened.context
const connection = context.database.$client

/** A sweep whose points answer so many of 1,000 questions; those of which it is null failed. */
function sweepOf(
  name: string,
  axes: Record<string, string[]>,
  correctAt: (params: Record<string, string>) => number | null,
) {
  const definition = {
    name,
    axes,
    train: { command: ['true'] },
    score: { baseline: { A: 0.5 } },
  }
  const { id } = createSweep(context, { definition, directory: folder, paused: true })
  const points = connection.prepare('select id, run_id as run, params from points where sweep_id = ?').all(id) as {
    id: number
    run: number
    params: string
  }[]
  transaction(context.database, () => {
    for (const point of points) {
      const correct = correctAt(JSON.parse(point.params) as Record<string, string>)
      if (correct === null) {
        connection.prepare("update points set status = 'failed', error = 'no' where id = ?").run(point.id)
        continue
      }
      const { lastInsertRowid } = connection
        .prepare('insert into checkpoints (run_id, attempt, step) values (?, 1, 1)')
        .run(point.run)
      connection
        .prepare(
          "insert into evaluations (checkpoint_id, benchmark, accuracy, correct, total) values (?, 'A', ?, ?, 1000)",
        )
        .run(lastInsertRowid, correct / 1000, correct)
      connection
        .prepare("update points set status = 'scored', checkpoint_id = ? where id = ?")
        .run(lastInsertRowid, point.id)
    }
  })
  rescoreSweep(context, id)
  return requireSweep(context, id)
}

const axes = { optimizer: ['sgd', 'adam'], learning_rate: ['4e-5', '1e-5', '2e-5'], decay: ['0', '0.1'] }
/** The rate gives −100, 0 and 100, the optimizer nothing, both together nothing. */
const correct = { '1e-5': 400, '2e-5': 500, '4e-5': 600 } as Record<string, number>
let full: ReturnType<typeof sweepOf>
beforeAll(() => {
  full = sweepOf(
    'full',
    axes,
    ({ learning_rate, optimizer }) => correct[learning_rate!]! + (optimizer === 'sgd' ? 2 : -2),
  )
})
afterAll(() => {
  opened.close()
  rmSync(folder, { recursive: true })
})

test('a full grid is analysed against the noise of its questions', async () => {
  const view = await describeParameters(context, full)
  expect(view).toMatchObject({
    method: 'analysis-of-variance',
    noise: 'questions',
    scored: 12,
    points: 12,
    axes: [{ scale: 'names' }, { scale: 'log', order: [1, 2, 0] }, { scale: 'linear' }],
  })
  const [rate, ...others] = view.effects
  expect(rate).toMatchObject({ axes: ['learning_rate'], told: true, degreesOfFreedom: 2 })
  expect(rate!.share).toBeGreaterThan(0.99)
  // scores of 0.8 and 1.2 whose sum of squares is 12 × 2/3 × 0.04, each with a variance of about 4 × 0.25 ÷ 1000
  expect(rate!.sumOfSquares).toBeCloseTo(0.32, 6)
  expect(rate!.noiseShare).toBeCloseTo((2 * 0.001) / 0.32, 3)
  for (const effect of others) expect(effect.told, effect.axes.join()).toBe(false)
  expect(view.means[1]!.map(({ mean }) => mean)).toEqual([1.2, 0.8, 1].map((mean) => expect.closeTo(mean, 9)))
  const [low, high] = view.means[1]![0]!.interval!
  expect((high - low) / 2).toBeCloseTo(1.96 * Math.sqrt(0.001 / 4), 2)
})

test('a grid with holes gets permutation importance, one without the values that all failed does not', async () => {
  const { optimizer: optimizers, learning_rate: rates } = axes
  const holes = sweepOf(
    'holes',
    { optimizer: optimizers, learning_rate: rates, batch: ['8', '16', '32', '64'] },
    ({ learning_rate, optimizer, batch }) => (optimizer === 'sgd' && batch === '8' ? null : correct[learning_rate!]!),
  )
  // who does not wait is told what is known, and that the rest is on its way
  const early = await describeParameters(context, holes, 0)
  expect(early).toMatchObject({ pending: true, method: 'permutation-importance', scored: 21, effects: [] })
  const view = await describeParameters(context, holes)
  expect(view.pending).toBe(false)
  expect(view.means).toEqual(early.means)
  expect(view).toMatchObject({ method: 'permutation-importance', noise: 'luck', scored: 21, expected: 24 })
  expect(view.effects[0]).toMatchObject({ axes: ['learning_rate'], told: true })
  for (const effect of view.effects.slice(1)) expect(effect.told, effect.axes.join()).toBe(false)
  // the same scores give the same answer, and are not computed again
  expect((await describeParameters(context, holes)).effects).toBe(view.effects)

  const oneFailed = sweepOf('one value failed', axes, ({ learning_rate }) =>
    learning_rate === '4e-5' ? null : correct[learning_rate!]!,
  )
  const rest = await describeParameters(context, oneFailed)
  expect(rest).toMatchObject({ method: 'analysis-of-variance', scored: 8, points: 12 })
  expect(rest.means[1]![0]).toEqual({ count: 0, mean: null, interval: null })
})

test('of nothing, of one point, of one axis and of seeds', async () => {
  const nothing = await describeParameters(
    context,
    sweepOf('nothing', { rate: ['1', '2'] }, () => null),
  )
  expect(nothing).toMatchObject({ method: null, scored: 0, effects: [] })
  const one = await describeParameters(
    context,
    sweepOf('one', { rate: ['1', '2'] }, ({ rate }) => (rate === '1' ? 500 : null)),
  )
  expect(one).toMatchObject({ method: null, scored: 1 })
  const two = await describeParameters(
    context,
    sweepOf('two', { rate: ['1', '2'] }, ({ rate }) => (rate === '1' ? 500 : 600)),
  )
  expect(two.effects).toMatchObject([{ axes: ['rate'], share: 1, told: true }])
  const seeds = await describeParameters(
    context,
    sweepOf(
      'seeds',
      { rate: ['1', '2'], seed: ['1', '2', '3'] },
      ({ rate, seed }) => 400 + 100 * Number(rate) + Number(seed),
    ),
  )
  expect(seeds).toMatchObject({ noise: 'seeds', seedAxis: 'seed', effects: [{ axes: ['rate'], told: true }] })
})

test('a surface holds the other axes or averages over them', () => {
  const query = { down: 'optimizer', across: 'learning_rate', others: 'mean' as const }
  const averaged = readSurface(context, full, query)
  expect(averaged.counts).toEqual([2, 2, 2, 2, 2, 2])
  expect(averaged.means[0]).toBeCloseTo(1.204, 9)
  const held = readSurface(context, full, { ...query, others: 'best' })
  expect(held).toMatchObject({ counts: [1, 1, 1, 1, 1, 1], held: { decay: '0' } })
  // a mean of two is surer by √2
  expect(held.halves[0]! / averaged.halves[0]!).toBeCloseTo(Math.SQRT2, 1)
  expect(() => readSurface(context, full, { ...query, down: 'rate' })).toThrow('no axis rate; it has optimizer')
  expect(() => readSurface(context, full, { ...query, down: 'learning_rate' })).toThrow('shown twice')
})

test('ranges keep points: of an axis by its order, of figures by their value', () => {
  const all = readParallelPoints(context, full, {})
  expect(all).toMatchObject({ scored: 12, passing: 12, benchmarks: ['A'] })
  expect(all.scores).toEqual(all.scores.toSorted((a, b) => b - a))
  // 1e-5 and 2e-5 come before 4e-5, whatever the file's order
  const low = readParallelPoints(context, full, { 'axis:learning_rate': [0, 1] })
  expect(low.passing).toBe(8)
  expect(Math.max(...low.scores)).toBeLessThan(1.1)
  expect(readParallelPoints(context, full, { score: [1.1, 2], 'benchmark:A': [0, 0.6] }).passing).toBe(2)
  expect(() => readParallelPoints(context, full, { 'axis:rate': [0, 1] })).toThrow('no column axis:rate')
})

test('of a metric that is to be low the best come first', async () => {
  const { score: _score, ...definition } = full.definition
  const loss = { metric: 'loss', goal: 'minimize', at: 'last' } as const
  const low = { ...full, definition: { ...definition, objective: loss } }
  const { scores } = readParallelPoints(context, low, {})
  expect(scores).toEqual(scores.toSorted((a, b) => a - b))
  expect((await describeParameters(context, low)).objective).toEqual(loss)
  expect((await describeParameters(context, full)).objective).toBe(null)
})
