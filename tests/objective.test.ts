/** A logged metric in place of a score, with real trainers: what points hold, which is the best, and where nothing can be said. */
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findSweep } from '../db/queries/sweeps.ts'
import { leaderboard } from '../cli/leaderboard.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { planCleanUp } from '../server/act/checkpoints/clean-up.ts'
import { findCompared } from '../server/base/finding/find-compared.ts'
import { requireRun } from '../server/base/finding/find-run-job.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { sweepAsHtml } from '../server/read/sweeps/sweep-as-html.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { readPointsMap } from '../server/tables/points-map.ts'
import { readPointsPage } from '../server/read/sweeps/points-page.ts'
import { openTestServer, stubs, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer()
})
afterAll(() => server.close())

/** `eval/loss` is LOSS ÷ step, ten steps an epoch. */
const byLoss = (more: Partial<SweepInput> = {}): SweepInput => ({
  name: 'by loss',
  axes: { loss: [8, 2, 'NaN', 4] },
  train: { command: [process.execPath, path.join(stubs, 'trains-by-epochs.mjs'), '2', '1', '${loss}'] },
  track: 'none',
  objective: { metric: 'eval/loss', goal: 'minimize' },
  ...more,
})

test('points hold the last value; less is better in every list', async () => {
  const id = server.create(byLoss())
  const sweep = await server.finished(id)
  expect(sweep.points.map(({ status, score, scoreStep }) => [status, score, scoreStep])).toEqual([
    ['scored', 0.4, 20],
    ['scored', 0.1, 20],
    ['failed', null, null],
    ['scored', 0.2, 20],
  ])
  expect(sweep.points[2]!.error).toBe('The last value of eval/loss, at step 20, is NaN: it is no finite number.')
  expect(
    sweep.points.map(({ interval, chanceOfBest, tiedWithBest }) => [interval, chanceOfBest, tiedWithBest]),
  ).toEqual(sweep.points.map(() => [null, null, false]))
  expect(sweep.bestPoint?.params.loss).toBe('2')
  const result = sweepResult(sweep)
  expect(result).toMatchObject({
    objective: { metric: 'eval/loss', goal: 'minimize', at: 'last' },
    best: { params: { loss: '2' }, score: 0.1, score_step: 20, interval: null },
  })
  expect(result.scoring).toBeUndefined()
  const lines = leaderboard(sweep)
    .split('\n')
    .filter((line) => /^ *\d/.test(line))
  expect(lines.map((line) => line.trim().split(/ +/).slice(0, 3))).toEqual([
    ['1', '0.100', '2'],
    ['2', '0.200', '4'],
    ['3', '0.400', '8'],
  ])
  const page = sweepAsHtml(sweep, 0)
  expect(page).toContain('<b>Best: eval/loss 0.100</b')
  expect(page).toContain('Less is better')
  expect(page.indexOf('>0.100<')).toBeLessThan(page.indexOf('>0.400<'))
  expect(page).not.toContain('baseline, 1.0')
  const row = findSweep(server.context.database, id)!
  const read = (descending: boolean) =>
    readPointsPage(server.context, row, { sort: { key: 'score', descending }, filter: '', offset: 0, limit: 10 })
  expect((await read(true)).rows.map(({ point }) => point.score)).toEqual([0.1, 0.2, 0.4, null])
  expect(readPointsMap(server.context, row, null).domain).toEqual({ low: 0.4, high: 0.1 })
})

test('the best checkpoint of a run is the best whichever way is better: kept, compared and marked', async () => {
  for (const [goal, best] of [
    ['maximize', 10],
    ['minimize', 20],
  ] as const) {
    const id = server.create(
      byLoss({
        axes: { loss: [8, 2], epoch: { milestones: [1, 2] } },
        objective: { metric: 'eval/loss', goal, at: 'milestone' },
      }),
    )
    const { points } = await server.finished(id)
    const { context } = server
    const { kept, remove } = planCleanUp(context, id, { last: 0, best: 1 })
    const other = `step ${30 - best}`
    expect([kept.best, remove.map(({ name }) => name)]).toEqual([2, [other, other]])
    const runs = [...new Set(points.map(({ runId }) => runId))]
    expect(findCompared(context, 'runs', runs).map(({ standsAs, checkpoint }) => [standsAs, checkpoint!.step])).toEqual(
      runs.map(() => ['best', best]),
    )
    const { checkpoints, sweep } = describeRun(context, requireRun(context, runs[0]!))
    expect(checkpoints.filter((one) => one.best).map(({ step }) => step)).toEqual([best])
    expect(sweep.objective).toMatchObject({ metric: 'eval/loss', goal })
  }
})

test('with milestones each point has the value up to its own', async () => {
  const axes = { loss: [8, 2], epoch: { milestones: [1, 2] } }
  const of = async (at: 'last' | 'best' | 'milestone', goal: 'minimize' | 'maximize') => {
    const sweep = await server.finished(server.create(byLoss({ axes, objective: { metric: 'eval/loss', goal, at } })))
    return { scores: sweep.points.map(({ score, scoreStep }) => [score, scoreStep]), best: sweep.bestPoint!.params }
  }
  const atMilestones = [
    [0.8, 10],
    [0.4, 20],
    [0.2, 10],
    [0.1, 20],
  ]
  expect(await of('milestone', 'minimize')).toEqual({ scores: atMilestones, best: { loss: '2', epoch: '2' } })
  expect(await of('best', 'maximize')).toEqual({
    scores: [
      [8, 1],
      [8, 1],
      [2, 1],
      [2, 1],
    ],
    best: { loss: '8', epoch: '1' },
  })
})

test('a metric that no run logged is no value, and says so', async () => {
  const sweep = await server.finished(
    server.create(byLoss({ axes: { loss: [1] }, objective: { metric: 'reward', goal: 'maximize' } })),
  )
  expect(sweep.status).toBe('failed')
  expect(sweep.points[0]!.error).toBe('The run logged no reward, so it has no value.')
})

test('trainings are stopped by the same metric', async () => {
  const sweep = await server.finished(
    server.create(
      byLoss({
        axes: { loss: [1, 9], epoch: { milestones: [1, 2] } },
        concurrency: 1,
        stop_early: { method: 'asha', min: 1 },
        train: {
          command: [process.execPath, path.join(stubs, 'trains-by-epochs.mjs'), '2', '25', '${loss}', '', 'asked:9'],
        },
      }),
    ),
  )
  expect(sweep.status).toBe('done')
  expect(sweep.points.map(({ status, score }) => [status, score])).toEqual([
    ['scored', 0.1],
    ['scored', 0.05],
    ['scored', 0.9],
    ['stopped', null],
  ])
})
