import { afterAll, beforeAll, expect, test } from 'vitest'
import { transaction } from '../../../db/client.ts'
import { listSweepJobs } from '../../../db/queries/jobs.ts'
import type { SearchHistory, SearchMethod } from '../../../domain/search/method.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { openTestServer, stub, type TestServer } from '../../../tests/harness.ts'
import { advanceSearch } from './advance-search.ts'
import { retrySweep } from './retry-sweep.ts'
import { settleSweep } from './settle-sweep.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer()
})
afterAll(() => server.close())

const definition = (file: string) => ({
  name: 'search',
  axes: { lr: ['1', '2', '3'] },
  concurrency: 1,
  train: { command: stub('waits-for-file', file) },
  evaluate: { command: stub('evaluates', '${report}', 'B=0.5'), report: { accuracies: 'acc' } },
  score: { baseline: { B: 0.5 } },
})

/** A method that gives up every run but the first, once, and wants one point more. */
function method(seen: SearchHistory[]): SearchMethod {
  return {
    ...searchOf({ search: 'grid' }),
    stop(history) {
      seen.push(history)
      return history.runs
        .filter(({ number }) => number > 1)
        .map(({ number }) => ({ run: number, reason: 'it is no better' }))
    },
    nextPoints(_sweep, { runs, points }) {
      const [run, point] = [runs.length + 1, points.length + 1]
      const params = { lr: '2.5' }
      return {
        runs: [{ number: run, params }],
        points: [{ number: point, runNumber: run, params, key: '["2.5"]', milestone: null }],
      }
    },
  }
}

test('a search gives runs up and adds points; what it gave up is neither failed nor tried again', async () => {
  const { context } = server
  const id = server.create(definition(`${server.dataFolder}/gate`))
  await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
  const seen: SearchHistory[] = []
  transaction(context.database, () => advanceSearch(context, id, method(seen)))
  expect(seen[0]!.runs.map(({ number, params, status }) => [number, params.lr, status])).toEqual([
    [1, '1', 'running'],
    [2, '2', 'waiting'],
    [3, '3', 'waiting'],
  ])
  const sweep = server.sweep(id)
  expect(sweep.counts).toMatchObject({ points: 4, trainings: 4, stopped: 2 })
  expect(sweep.points.map(({ status, error }) => [status, error])).toEqual([
    ['training', null],
    ['stopped', 'Stopped early: it is no better'],
    ['stopped', 'Stopped early: it is no better'],
    ['waiting', null],
  ])
  // the value that the search chose is one of its axis now
  expect(sweep.axes[0]!.values).toEqual(['1', '2', '3', '2.5'])
  expect(sweep.cells.states).toBe('1660')
  // a live one ends by a signal, and is not failed either
  const live = listSweepJobs(context.database, id, 'training')[0]!
  const stopLive: SearchMethod = { ...method([]), stop: () => [{ run: 1, reason: 'enough' }], nextPoints: null }
  transaction(context.database, () => advanceSearch(context, id, stopLive))
  await server.until(id, (now) => now.runs[0]!.status === 'stopped')
  expect(server.sweep(id).points[0]).toMatchObject({ status: 'stopped', error: 'Stopped early: enough' })
  expect(live.number).toBe(1)
  const last: SearchMethod = { ...stopLive, stop: () => [{ run: 4, reason: 'enough' }] }
  transaction(context.database, () => advanceSearch(context, id, last))
  await server.until(id, (now) => now.counts.stopped === 4)
  settleSweep(context, id)
  expect(server.sweep(id).status).toBe('done')
  expect(await retrySweep(context, id)).toBe(0)
})

test('the grid is asked for nothing more', () => {
  expect(searchOf({ search: 'grid' })).toMatchObject({ nextPoints: null, stop: null })
})
