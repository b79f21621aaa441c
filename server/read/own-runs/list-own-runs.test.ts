/** Runs of their own as lists and pages show them, and as a person changes them. */
import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import { findOrInsertOwnRun, findOwnRun, projectNamed } from '../../../db/queries/own-runs.ts'
import { openTestServer, type TestServer } from '../../../tests/harness.ts'
import { changeOwnRun, endOwnRun, markDeleted } from '../../act/own-runs/change-own-run.ts'
import { tailAttempt } from '../../act/runs/tail-attempt.ts'
import { attemptFolder } from '../../base/context.ts'
import { describeOwnRun } from './describe-own-run.ts'
import { listProjectViews, readOwnRuns, type OwnRunsQuery } from './list-own-runs.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

/** What an intake would have written of a run. */
function log(project: string, clientId: string, events: object[], parent: string | null = null): number {
  const { context } = server
  const { database } = context
  const own = {
    projectId: projectNamed(database, project).id,
    client: 'wandb' as const,
    clientId,
    name: clientId,
    parent,
  }
  const { id } = findOrInsertOwnRun(database, { ...own, at: 1000 })
  const folder = attemptFolder(context, id, 1)
  mkdirSync(folder, { recursive: true })
  appendFileSync(path.join(folder, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  tailAttempt(context, findAnyJob(database, id)!, { ended: false })
  return id
}

const metrics = (step: number, values: Record<string, unknown>) => ({ type: 'metrics', step, values })
const config = (values: Record<string, unknown>) => ({ type: 'config', values })
const tags = (values: Record<string, unknown>) => ({ type: 'tags', values })

const query: OwnRunsQuery = { filter: '', sort: 'started', descending: true, offset: 0, limit: 10 }
const named = (more: Partial<OwnRunsQuery>) =>
  readOwnRuns(server.context, { ...query, ...more }).rows.map(({ name }) => name)

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

test('runs are filtered by settings, newest values, tags and what they are, and ordered by any of them', () => {
  threeRuns()
  expect(named({})).toEqual(['c', 'b', 'a'])
  expect(named({ filter: 'loss < 0.5' })).toEqual(['a'])
  expect(named({ filter: 'lr >= 2e-5 and not tag = good' })).toEqual(['c'])
  expect(named({ filter: 'group = g or project = grpo' })).toEqual(['c', 'b'])
  expect(named({ filter: 'model != qwen' })).toEqual(['c'])
  expect(named({ filter: 'qwen' })).toEqual(['b', 'a'])
  expect(named({ sort: 'setting:lr', descending: false })).toEqual(['a', 'b', 'c'])
  // what is no number stands last, whichever the direction
  expect(named({ sort: 'metric:loss', descending: true })).toEqual(['b', 'a', 'c'])
  expect(named({ sort: 'metric:loss', descending: false })).toEqual(['a', 'b', 'c'])
  const wrong = readOwnRuns(server.context, { ...query, filter: 'lss < 1' })
  expect([wrong.total, wrong.error]).toEqual([0, expect.stringContaining('There is no “lss” here.')])
})

test('settings that differ stand as columns, those of most runs first', () => {
  threeRuns()
  const page = readOwnRuns(server.context, query)
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

test('what a person wrote stays when the client says the same again, and gives way to what it says anew', () => {
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

test('a run that was deleted is in no list until it is brought back; its page says so', () => {
  const [a] = threeRuns()
  expect(markDeleted(server.context, [a!], true)).toEqual([a])
  expect(markDeleted(server.context, [a!], true)).toEqual([])
  expect(named({})).toEqual(['c', 'b'])
  expect(describeOwnRun(server.context, findOwnRun(server.context.database, a!)!).deleted).toBe(true)
  expect(markDeleted(server.context, [a!], false)).toEqual([a])
  expect(named({})).toEqual(['c', 'b', 'a'])
})

test('a run ends when its client says so, or a person; parts lead to their whole', () => {
  const whole = log('sft', 'whole', [metrics(1, { loss: 1 })])
  const part = log('sft', 'part', [{ type: 'client', time: 5, status: 'failed', exit_code: 1 }], 'whole')
  const seen = (id: number) => describeOwnRun(server.context, findOwnRun(server.context.database, id)!)
  expect(seen(part)).toMatchObject({ status: 'failed', exitCode: 1, finishedAt: 5000, parent: { id: whole } })
  expect(seen(whole)).toMatchObject({ status: 'running', parts: [{ id: part, name: 'part' }] })
  endOwnRun(server.context, whole)
  expect(seen(whole)).toMatchObject({ status: 'stopped', finishedAt: 1000 })
  expect(() => endOwnRun(server.context, whole)).toThrow('has ended')
})
