/** Runs of their own beside those of sweeps: what can be said of both, and what only of those that were evaluated. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'
import { configOf, logOwnRun, metricsAt } from './own-runs.ts'
import { comparisonAsHtml } from '../server/read/compare/comparison-as-html.ts'
import { describeComparison } from '../server/read/compare/describe-comparison.ts'
import { listCandidates } from '../server/read/compare/list-candidates.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const compare = (ids: number[], baselineId: number | null = null) =>
  describeComparison(server.context, { of: 'runs', ids, baselineId })

test('a run of its own stands beside one of a sweep and a failed one: settings, curves, and a sentence in place of a score', async () => {
  const { context } = server
  const swept = await server.finished(server.create(smallSweep({ name: 'swept', axes: { lr: ['1e-5', '2e-5'] } })))
  const failing = smallSweep({ name: 'failing', train: { command: stub('crashes-always', '1') } })
  const failed = await server.until(server.create(failing), ({ runs }) =>
    runs.some(({ status }) => status === 'failed'),
  )
  const broken = failed.runs.find(({ status }) => status === 'failed')!
  const own = logOwnRun(context, 'mine', 'by-hand', [configOf({ lr: '1e-5', warmup: '10' }), metricsAt(2, { loss: 1 })])
  const view = await compare([own, swept.runs[0]!.id, broken.id])
  expect(
    view.compared.map(({ name, home, status, score, error }) => [name, home.kind, home.name, status, score, error]),
  ).toEqual([
    ['by-hand', 'project', 'mine', 'running', null, 'It has not been evaluated.'],
    [expect.stringMatching(/^run 1, its best at/), 'sweep', 'swept', 'done', 2, null],
    [`run ${broken.number}`, 'sweep', 'failing', 'failed', null, 'It has not been evaluated.'],
  ])
  // the first that has a baseline says what all compare with
  expect(view.baseline).toMatchObject({ name: 'swept', accuracies: { B: 0.25 } })
  expect(view.settings.find(({ key }) => key === 'lr')!.values.slice(0, 2)).toEqual(['1e-5', '1e-5'])
  expect(view.settings.find(({ key }) => key === 'warmup')!.values).toEqual(['10', null, null])
  const page = comparisonAsHtml(view, 0)
  expect(page).toContain('mine, by-hand')
  expect(page).toContain('It has not been evaluated.')
})

test('runs of their own alone are compared without a baseline: curves that two have at least, those of all first', async () => {
  const { context } = server
  const ids = [
    logOwnRun(context, 'mine', 'a', [metricsAt(1, { alone: 1, both: 2, loss: 3 })]),
    logOwnRun(context, 'mine', 'b', [metricsAt(9, { both: 2, loss: 3 })], { status: 'failed' }),
    logOwnRun(context, 'other', 'c', [metricsAt(4, { loss: 3 })]),
  ]
  const view = await compare(ids)
  expect([view.baseline, view.metrics, view.lastStep]).toEqual([null, ['loss', 'both'], 9])
  expect(comparisonAsHtml(view, 0)).toContain('none of these is of a sweep with a baseline')
})

test('what can be put beside: projects with their runs, after the sweeps, and first those of what is compared already', () => {
  const { context } = server
  const sweepId = server.create(smallSweep({ name: 'swept' }))
  const own = logOwnRun(context, 'mine', 'a', [metricsAt(1, { loss: 1 })])
  const project = { kind: 'project', id: expect.any(Number) as number, name: 'mine' }
  const first = listCandidates(context, { of: 'runs', home: null, beside: null })
  expect(first.homes).toEqual([{ kind: 'sweep', id: sweepId, name: 'swept' }, project])
  expect(first.listed.map(({ id }) => id)).toEqual(
    listSweepJobs(context.database, sweepId, 'training').map(({ id }) => id),
  )
  const beside = listCandidates(context, { of: 'runs', home: null, beside: own })
  expect([beside.chosen, beside.listed]).toEqual([project, [{ id: own, runId: own, name: 'a', score: null }]])
  // none of them was evaluated
  expect(listCandidates(context, { of: 'checkpoints', home: beside.chosen, beside: null }).listed).toEqual([])
})
