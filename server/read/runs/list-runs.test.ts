/** Runs of sweeps and of their own as lists and pages show them, and as a person changes them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findOwnRun } from '../../../db/queries/own-runs.ts'
import { listBestScores } from '../../../db/queries/point-parts.ts'
import { configOf as config, logOwnRun, metricsAt as metrics } from '../../../tests/own-runs.ts'
import { openTestServer, smallSweep, type TestServer } from '../../../tests/harness.ts'
import { removeSweep } from '../../act/sweeps/change-sweep.ts'
import { changeOwnRun, endOwnRun, markDeleted } from '../../act/own-runs/change-own-run.ts'
import { describeOwnRun } from '../own-runs/describe-own-run.ts'
import { listProjectViews } from '../own-runs/list-projects.ts'
import { readRunsList, type RunsAskedFor } from './list-runs.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const log = (project: string, clientId: string, events: object[], parent: string | null = null) =>
  logOwnRun(server.context, project, clientId, events, { parent })
const tags = (values: Record<string, unknown>) => ({ type: 'tags', values })

const query: RunsAskedFor = { of: 'own', filter: '', sort: 'started', descending: true, offset: 0, limit: 10 }
const named = async (more: Partial<RunsAskedFor>) =>
  (await readRunsList(server.context, { ...query, ...more })).rows.map(({ name }) => name)

function threeRuns(): number[] {
  return [
    log('sft', 'a', [config({ lr: '1e-5', model: 'qwen' }), metrics(1, { loss: 2 }), metrics(2, { loss: 0.4 })]),
    log('sft', 'b', [
      config({ lr: '2e-5', model: 'qwen' }),
      metrics(1, { loss: 1 }),
      tags({ tags: ['good'], group: 'g' }),
    ]),
    log('grpo', 'c', [config({ lr: '4e-5' }), metrics(3, { loss: 'NaN', reward: 5 })]),
  ]
}

test('runs are filtered by settings, newest values, tags and what they are, and ordered by any of them', async () => {
  threeRuns()
  expect(await named({})).toEqual(['c', 'b', 'a'])
  expect(await named({ filter: 'loss < 0.5' })).toEqual(['a'])
  expect(await named({ filter: 'lr >= 2e-5 and not tag = good' })).toEqual(['c'])
  expect(await named({ filter: 'group = g or project = grpo' })).toEqual(['c', 'b'])
  expect(await named({ filter: 'model != qwen' })).toEqual(['c'])
  expect(await named({ filter: 'qwen' })).toEqual(['b', 'a'])
  expect(await named({ sort: 'setting:lr', descending: false })).toEqual(['a', 'b', 'c'])
  // what is no number stands last, whichever the direction
  expect(await named({ sort: 'metric:loss', descending: true })).toEqual(['b', 'a', 'c'])
  expect(await named({ sort: 'metric:loss', descending: false })).toEqual(['a', 'b', 'c'])
  const wrong = await readRunsList(server.context, { ...query, filter: 'lss < 1' })
  expect([wrong.total, wrong.error]).toEqual([0, expect.stringContaining('There is no “lss” here.')])
})

test('settings that differ stand as columns, those of most runs first', async () => {
  threeRuns()
  const page = await readRunsList(server.context, query)
  expect(page.differing).toEqual(['lr', 'model'])
  expect(page.metrics.toSorted()).toEqual(['loss', 'reward'])
  expect(page.rows.map(({ params }) => params)).toEqual([
    { lr: '4e-5' },
    { lr: '2e-5', model: 'qwen' },
    { lr: '1e-5', model: 'qwen' },
  ])
  expect(listProjectViews(server.context).map(({ name, runs }) => [name, runs])).toEqual([
    ['sft', 2],
    ['grpo', 1],
  ])
})

test('what a person wrote stays when the client says the same again, and gives way to what it says anew', async () => {
  const id = log('sft', 'a', [tags({ name: 'first', tags: ['x'], notes: 'n' })])
  changeOwnRun(server.context, { id, name: 'mine', tags: ['y'], note: 'my note' })
  log('sft', 'a', [tags({ name: 'first', tags: ['x'], notes: 'n' })])
  expect(findOwnRun(server.context.database, id)!.own).toMatchObject({ name: 'mine', tags: ['y'], note: 'my note' })
  log('sft', 'a', [tags({ name: 'first', tags: ['x', 'z'], notes: 'n' })])
  expect(findOwnRun(server.context.database, id)!.own).toMatchObject({
    name: 'mine',
    tags: ['x', 'z'],
    note: 'my note',
  })
  expect(() => changeOwnRun(server.context, { id, name: '  ' })).toThrow('The name is empty')
})

test('a run that was deleted is in no list until it is brought back; its page says so', async () => {
  const [a] = threeRuns()
  expect(markDeleted(server.context, [a!], true)).toEqual([a])
  expect(markDeleted(server.context, [a!], true)).toEqual([])
  expect(await named({})).toEqual(['c', 'b'])
  expect(describeOwnRun(server.context, findOwnRun(server.context.database, a!)!).deleted).toBe(true)
  expect(markDeleted(server.context, [a!], false)).toEqual([a])
  expect(await named({})).toEqual(['c', 'b', 'a'])
})

test('a run ends when its client says so, or a person; parts lead to their whole', async () => {
  const whole = log('sft', 'whole', [metrics(1, { loss: 1 })])
  const part = log('sft', 'part', [{ type: 'client', time: 5, status: 'failed', exit_code: 1 }], 'whole')
  const seen = (id: number) => describeOwnRun(server.context, findOwnRun(server.context.database, id)!)
  expect(seen(part)).toMatchObject({ status: 'failed', exitCode: 1, finishedAt: 5000, parent: { id: whole } })
  expect(seen(whole)).toMatchObject({ status: 'running', parts: [{ id: part, name: 'part' }] })
  endOwnRun(server.context, whole)
  expect(seen(whole)).toMatchObject({ status: 'stopped', finishedAt: 1000 })
  expect(() => endOwnRun(server.context, whole)).toThrow('has ended')
})

test('runs of sweeps and of their own stand in one list that one filter reads', async () => {
  const own = log('scripts', 'by hand', [config({ learning_rate: '1e-5', lora: 'yes' }), metrics(4, { loss: 0.3 })])
  const sweepId = server.create(smallSweep({ name: 'grid', axes: { learning_rate: ['1e-5', '2e-5'] } }))
  const sweep = await server.finished(sweepId)
  const trainings = sweep.runs.length
  const all = (filter: string, more: Partial<RunsAskedFor> = {}) =>
    readRunsList(server.context, { ...query, of: 'all', filter, ...more })
  const whole = await all('')
  expect(whole).toMatchObject({ total: trainings + 1, error: null })
  expect(whole.rows.at(-1)).toMatchObject({
    id: own,
    name: 'by hand',
    home: { kind: 'project', name: 'scripts' },
    score: null,
  })
  expect(whole.rows[0]).toMatchObject({
    name: `run ${trainings}`,
    home: { kind: 'sweep', id: sweepId, name: 'grid' },
    own: null,
    status: 'done',
    score: sweep.runs.at(-1)!.bestScore,
  })
  expect(whole.rows[0]!.score).toBeGreaterThan(0)
  // a setting of the same name is one column, whoever told it
  expect((await all('learning_rate = 1e-5')).rows.map(({ home }) => home.kind)).toContain('project')
  expect((await all('learning_rate = 1e-5')).rows.map(({ home }) => home.kind)).toContain('sweep')
  expect((await all('sweep = grid')).total).toBe(trainings)
  expect((await all('project = scripts or sweep = other')).rows.map(({ id }) => id)).toEqual([own])
  expect((await all('score > 0 and status = done')).total).toBe(trainings)
  expect((await all('lora = yes')).total).toBe(1)
  const byScore = (await all('', { sort: 'score' })).rows.map(({ score }) => score)
  expect(byScore).toEqual([...byScore.filter((score) => score !== null).toSorted((a, b) => b - a), null])
  expect((await all('', { ids: [own, whole.rows[0]!.id] })).total).toBe(2)
  // without them the list is as ever
  expect((await readRunsList(server.context, query)).total).toBe(1)
  expect((await readRunsList(server.context, { ...query, filter: 'sweep = grid' })).total).toBe(0)
  // a metric that a run calls so is not taken for a sweep's score
  log('scripts', 'scorer', [metrics(1, { score: 7 })])
  expect((await all('score > 5')).rows.map(({ name }) => name)).toEqual(['scorer'])
  expect((await all('best_score > 0')).total).toBe(trainings)
  removeSweep(server.context, sweepId)
  expect((await all('')).rows.map(({ name }) => name)).toEqual(['scorer', 'by hand'])
})

test('newest values that a filter asks for are those of now', async () => {
  const [a] = threeRuns()
  expect(await named({ filter: 'loss < 0.5' })).toEqual(['a'])
  log('sft', 'a', [metrics(3, { loss: 3 })])
  log('sft', 'b', [metrics(2, { loss: 0.1, other: 1 })])
  expect(await named({ filter: 'loss < 0.5' })).toEqual(['b'])
  expect(await named({ filter: 'other = 1' })).toEqual(['b'])
  expect(await named({ filter: 'loss = 3' })).toEqual(['a'])
  expect(a).toBeDefined()
})

test('the best scores of more runs than a statement takes values', () => {
  const ids = Array.from({ length: 40_000 }, (_, at) => at)
  expect(listBestScores(server.context.database, ids, 'maximize')).toEqual(new Map())
})
