/** Several objectives and constraints, with real processes: who is on the front, who is not ranked, and what every list says of it. */
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listPoints } from '../db/queries/points.ts'
import { findSweep } from '../db/queries/sweeps.ts'
import { leaderboard } from '../cli/leaderboard.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { sweepAsCsv } from '../server/http/export-sweep.ts'
import { describeFront } from '../server/read/sweeps/describe-front.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { requireRun } from '../server/base/finding/find-run-job.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { readPointsMap } from '../server/tables/points-map.ts'
import { readPointsPage } from '../server/read/sweeps/points-page.ts'
import { openTestServer, smallSweep, stub, stubs, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer()
})
afterAll(() => server.close())

/** Loss and length of each setting: `c` is worse than `b` in both. */
const logged: Record<string, [loss: string, length: string]> = {
  a: ['1', '3000'],
  b: ['2', '1000'],
  c: ['3', '1500'],
  d: ['4', '500'],
  e: ['0.5', 'NaN'],
}
const train: SweepInput['train'] = {
  command: [
    'bash',
    '-c',
    `case "$1" in ${Object.entries(logged)
      .map(([key, [loss, length]]) => `${key}) exec "$2" "$3" loss=${loss} length=${length} ;;`)
      .join(' ')} esac`,
    'bash',
    '${a}',
    process.execPath,
    path.join(stubs, 'logs-once.mjs'),
  ],
}
const byBoth = (more: Partial<SweepInput> = {}): SweepInput => ({
  name: 'by both',
  axes: { a: Object.keys(logged) },
  train,
  track: 'none',
  objectives: [
    { metric: 'loss', goal: 'minimize' },
    { metric: 'length', goal: 'minimize' },
  ],
  ...more,
})

test('who is on the front is marked in every list; who lacks a value is on none', async () => {
  const id = server.create(byBoth())
  const sweep = await server.finished(id)
  expect(sweep.points.map(({ params, score, objectives, onFront }) => [params.a, score, objectives, onFront])).toEqual([
    ['a', 1, [1, 3000], true],
    ['b', 2, [2, 1000], true],
    ['c', 3, [3, 1500], false],
    ['d', 4, [4, 500], true],
    ['e', 0.5, [0.5, null], false],
  ])
  expect(sweep.inShort).toMatchObject({ onFront: 3, broken: 0 })
  const result = sweepResult(sweep)
  expect(result.points[1]).toMatchObject({ objectives: { loss: 2, length: 1000 }, on_front: true })
  expect(result.points[1]).not.toHaveProperty('constraint_broken')
  expect(leaderboard(sweep)).toMatch(/^ *2 +\* +1\.000 +3000 +a/m)
  expect(leaderboard(sweep)).toContain('* on the Pareto front of loss (minimize), length (minimize)')
  const [head, ...rows] = sweepAsCsv(sweep).trim().split('\n')
  const column = (name: string) => rows.map((row) => row.split(',')[head!.split(',').indexOf(name)])
  expect(column('objective_length')).toEqual(['3000', '1000', '1500', '500', ''])
  expect(column('on_front')).toEqual(['true', 'true', 'false', 'true', 'false'])
  const row = findSweep(server.context.database, id)!
  const front = describeFront(server.context, row)
  expect(front).toMatchObject({ total: 4, onFront: 3 })
  expect(front.points.map(({ params, onFront }) => [params.a, onFront])).toEqual([
    ['a', true],
    ['b', true],
    ['d', true],
    ['c', false],
  ])
  expect(readPointsMap(server.context, row, null).front).toEqual([1, 1, 0, 1, 0])
  const page = readPointsPage(server.context, row, {
    sort: { key: 'objective:length', descending: false },
    filter: '',
    offset: 0,
    limit: 10,
  })
  expect(page.rows.map(({ point }) => point.params.a)).toEqual(['d', 'b', 'c', 'a', 'e'])
})

test('a point that breaks a constraint is shown, and is neither the best nor on the front', async () => {
  const id = server.create(byBoth({ constraints: ['length <= 1000', 'loss > 0'] }))
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.points.map(({ broken, onFront, score }) => [broken, onFront, score])).toEqual([
    ['length is 3000, and is to be <= 1000.', false, 1],
    [null, true, 2],
    ['length is 1500, and is to be <= 1000.', false, 3],
    [null, true, 4],
    ['length is not known, and is to be <= 1000.', false, 0.5],
  ])
  expect(sweep.bestPoint?.params.a).toBe('b')
  expect(sweep.best?.score).toBe(2)
  expect(sweep.inShort.broken).toBe(3)
  expect(sweep.runs.map(({ bestScore }) => bestScore)).toEqual([null, 2, null, 4, null])
  expect(describeRun(server.context, requireRun(server.context, sweep.runs[0]!.id)).bestScore).toBeNull()
  const row = findSweep(server.context.database, id)!
  const query = { sort: { key: 'score', descending: true }, filter: '', offset: 0, limit: 10 }
  expect(readPointsPage(server.context, row, query).rows.map(({ point, rank }) => [point.params.a, rank])).toEqual([
    ['b', 1],
    ['d', 2],
    ['e', null],
    ['a', null],
    ['c', null],
  ])
  expect(readPointsMap(server.context, row, null).broken).toEqual([1, 0, 1, 0, 1])
  expect(sweepResult(sweep)).toMatchObject({
    best: { params: { a: 'b' } },
    constraints: ['length <= 1000', 'loss > 0'],
  })
  expect(leaderboard(sweep)).toContain('! breaks a constraint (length <= 1000, loss > 0) and is not ranked')
})

/** Accuracies of each setting: the highest answers at too great a length. */
const scored = (more: Partial<SweepInput> = {}): SweepInput =>
  smallSweep({
    axes: { a: ['a', 'b', 'c', 'd'] },
    train,
    evaluate: {
      command: stub(
        'evaluates-by-key',
        '${report}',
        '${a}',
        'a:B=0.75,S=0.2',
        'b:B=0.6,S=0.8',
        'c:B=0.59,S=0.9',
        'd:B=0.5,S=1',
      ),
      report: { accuracies: 'acc' },
    },
    score: { baseline: { B: 0.5 }, questions: { B: 2000 } },
    ...more,
  })

test('constraints on metrics and on benchmarks beside a score: chances are those of who keeps them', async () => {
  const id = server.create(scored({ constraints: ['length < 2000', 'S >= 0.8'] }))
  const sweep = await server.finished(id)
  expect(sweep.points.map(({ broken }) => broken)).toEqual([
    'length is 3000, and is to be < 2000; S is 0.2, and is to be >= 0.8.',
    null,
    null,
    null,
  ])
  const [first, ...others] = sweep.points
  expect(first).toMatchObject({ score: 1.5, chanceOfBest: null, tiedWithBest: false })
  expect(first!.interval![0]).toBeLessThan(1.5)
  expect(sweep.bestPoint?.params.a).toBe('b')
  expect(others.reduce((sum, { chanceOfBest }) => sum + (chanceOfBest ?? 0), 0)).toBeCloseTo(1, 2)
  expect(others.map(({ tiedWithBest }) => tiedWithBest)).toEqual([false, true, false])
})

test('the score as one of several objectives', async () => {
  const id = server.create(
    scored({
      objectives: [
        { metric: 'score', goal: 'maximize' },
        { metric: 'length', goal: 'minimize' },
      ],
    }),
  )
  const sweep = await server.finished(id)
  expect(sweep.points.map(({ objectives, onFront }) => [objectives, onFront])).toEqual([
    [[1.5, 3000], true],
    [[1.2, 1000], true],
    [[1.18, 1500], false],
    [[1, 500], true],
  ])
  expect(sweepResult(sweep).points[0]).toMatchObject({ objectives: { score: 1.5, length: 3000 }, on_front: true })
})

test('milestones: each has what was logged up to its own; a search takes who breaks a constraint as out of bounds', async () => {
  const sweep = await server.finished(
    server.create({
      name: 'milestones',
      search: { method: 'gaussian-process', trainings: 5, seed: 2 },
      axes: { loss: [8, 4, 2, 1, 16], epoch: { milestones: [1, 2] } },
      train: { command: [process.execPath, path.join(stubs, 'trains-by-epochs.mjs'), '2', '1', '${loss}'] },
      track: 'none',
      objective: { metric: 'eval/loss', goal: 'minimize' },
      constraints: ['loss >= 0.2'],
    }),
  )
  expect(sweep.points).toHaveLength(10)
  const stored = new Map(listPoints(server.context.database, sweep.id).map(({ id, constrained }) => [id, constrained]))
  for (const { id, params, broken } of sweep.points) {
    const value = Number(params.loss) / (10 * Number(params.epoch))
    expect(stored.get(id)).toEqual([value])
    expect(broken === null).toBe(value >= 0.2)
  }
  // 0.2 is at the limit; all that is lower breaks it
  expect(sweep.bestPoint).toMatchObject({ score: 0.2 })
})
