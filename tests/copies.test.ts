/** A sweep that grew took earlier trainings over: the same models are neither listed twice nor taken for other seeds. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainBoardQuery } from '../domain/asking/board-query.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { describeAgainstBaseline } from '../server/read/sweeps/against-baseline.ts'
import { readBoard } from '../server/read/leaderboard/read-board.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const sweepOf = (seeds: string[]) =>
  smallSweep({
    axes: { a: ['1'], seed: seeds },
    evaluate: {
      command: stub(
        'evaluates-by-key',
        '${report}',
        '${seed}',
        ...['1', '2', '3'].map((seed) => `${seed}:B=0.${seed}`),
      ),
      report: { accuracies: 'acc' },
    },
    score: { baseline: { B: 0.1 }, questions: { B: 500 } },
  })
/** As the command and the form do. */
const create = (definition: SweepInput) =>
  createSweep(server.context, { definition, directory: server.dataFolder, reuse: true }).id
const board = (grouped: boolean, sweepIds: number[] = []) =>
  readBoard(server.context, { ...plainBoardQuery, grouped, sweepIds }, 0, 100)
const seeds = async (id: number) =>
  (await describeAgainstBaseline(server.context, requireSweep(server.context, id)))!.seeds

test('a sweep with one seed more: each model is one row, and three seeds are three', async () => {
  const first = create(sweepOf(['1']))
  await server.finished(first)
  expect(await seeds(first)).toBeNull()
  const second = create(sweepOf(['1', '2']))
  await server.finished(second)
  const third = create(sweepOf(['1', '2', '3']))
  await server.finished(third)
  expect(server.sweep(third).points.map(({ score }) => Math.round(score!))).toEqual([1, 2, 3])
  expect(board(false)).toMatchObject({ total: 3, copies: 3 })
  // alone it has all of its points
  expect(board(false, [third])).toMatchObject({ total: 3, copies: 0 })
  expect(board(false, [second, third])).toMatchObject({ total: 3, copies: 2 })
  const grouped = board(true)
  expect(grouped.total).toBe(1)
  expect(grouped.rows[0]!.group).toMatchObject({ count: 3, spread: expect.closeTo(1, 10) })
  expect(grouped.seeds).toMatchObject({ freedom: 2 })
  expect(await seeds(first)).toEqual({ deviation: expect.closeTo(1, 10), freedom: 2 })
})

test('a model that was measured another time is listed beside its first measurement, and is no other seed', async () => {
  await server.finished(create(sweepOf(['1'])))
  const again = create({
    ...sweepOf(['1']),
    evaluate: { command: stub('evaluates', '${report}', 'B=0.4'), report: { accuracies: 'acc' } },
  })
  await server.finished(again)
  expect(board(false)).toMatchObject({ total: 2, copies: 0 })
  expect(board(true).rows.map(({ group }) => group!.count)).toEqual([1])
})

test('what a seed moves is said of the same trainer alone', async () => {
  const two = create(sweepOf(['1', '2']))
  await server.finished(two)
  const other = create({ ...sweepOf(['3']), train: { command: stub('finishes', '5') } })
  await server.finished(other)
  expect(await seeds(two)).toMatchObject({ freedom: 1 })
  expect(await seeds(other)).toBeNull()
})
