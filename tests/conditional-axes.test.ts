/** Axes that exist at some points only, with real processes: what a trainer is told, and what lists say. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findSweep } from '../db/queries/sweeps.ts'
import { sweepAsCsv } from '../server/http/export-sweep.ts'
import { describeSearchMap } from '../server/read/sweeps/describe-search.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { readPointsMap } from '../server/tables/points-map.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer()
})
afterAll(() => server.close())

test.each([['grid'], [{ method: 'tpe' as const, trainings: 10 }]] as const)(
  'by %j every point has the axes that are there',
  async (search) => {
    const id = server.create(
      smallSweep({
        search,
        axes: { optimizer: ['sgd', 'lion'], momentum: ['0.8', '0.9'], beta: ['0.99'] },
        when: { momentum: { optimizer: 'sgd' }, beta: { optimizer: ['lion'] } },
      }),
    )
    const sweep = await server.finished(id)
    expect(sweep.status).toBe('done')
    const settings = sweepResult(sweep).points.map(({ params }) => JSON.stringify(params))
    expect(settings.toSorted()).toEqual([
      '{"optimizer":"lion","beta":"0.99"}',
      '{"optimizer":"sgd","momentum":"0.8"}',
      '{"optimizer":"sgd","momentum":"0.9"}',
    ])
    expect(sweep.axes.find(({ name }) => name === 'momentum')!.values).toEqual(['0.8', '0.9', '–'])
    expect(sweepAsCsv(sweep)).toMatch(/,lion,,0\.99,/)
    const row = findSweep(server.context.database, id)!
    const map = readPointsMap(server.context, row, { panel: null, down: 'optimizer', across: 'momentum', fixed: {} })
    expect(map.points).toEqual([1, 1, 0, 0, 0, 1])
  },
)

test('a search’s map is blank where an axis is not there, and holds one that the best has not at who has it', async () => {
  const id = server.create(
    smallSweep({
      search: { method: 'random', trainings: 4 },
      axes: { optimizer: ['sgd', 'lion'], momentum: ['0.8', '0.9'], beta: ['0.9', '0.99'] },
      when: { momentum: { optimizer: 'sgd' }, beta: { optimizer: ['lion'] } },
      evaluate: {
        command: stub('evaluates-by-key', '${report}', '${optimizer}', 'sgd:B=0.5', 'lion:B=0.9'),
        report: { accuracies: 'acc' },
      },
      score: { baseline: { B: 0.5 } },
    }),
  )
  await server.finished(id)
  const mapOf = (down: string, across: string) =>
    describeSearchMap(server.context, findSweep(server.context.database, id)!, { down, across })!
  const { means, columns, held } = mapOf('optimizer', 'momentum')
  expect(means.map((mean) => mean === null)).toEqual([...Array(columns).fill(false), ...Array(columns).fill(true)])
  expect(held).toEqual({})
  expect(mapOf('momentum', 'beta').means.every((mean) => mean === null)).toBe(true)
  // the best is one of lion, and has no momentum
  const ofBeta = mapOf('optimizer', 'beta')
  expect(ofBeta.means.slice(0, ofBeta.columns).every((mean) => mean === null)).toBe(true)
  expect(ofBeta.deviations.at(-1)).toBeGreaterThan(0)
})
