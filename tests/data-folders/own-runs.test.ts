/**
 * A data folder in which models of runs of their own were events alone, before they were checkpoints. own-runs.tar.gz: a run of W&B's client
 * with two models at step 10 and one at step 20, and an imported sweep of one run of three steps. It stood elsewhere.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listEvents } from '../../db/queries/events.ts'
import { findOwnRun, listOwnRuns } from '../../db/queries/own-runs.ts'
import { listSweepJobs } from '../../db/queries/jobs.ts'
import { importMetrics } from '../../server/act/imports/import-metrics.ts'
import { describeOwnRun } from '../../server/read/own-runs/describe-own-run.ts'
import { openTestServer, type TestServer } from '../harness.ts'
import { logOwnRun } from '../own-runs.ts'

let server: TestServer
beforeEach(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-'))
  execFileSync('tar', ['-xzf', path.join(import.meta.dirname, 'own-runs.tar.gz'), '--strip-components=1', '-C', folder])
  server = openTestServer({ SWEEPBOARD_SLOTS: '2', SWEEPBOARD_GPUS: '0' }, folder)
})
afterEach(() => server.close())

const described = () => {
  const { context } = server
  const [run] = listOwnRuns(context.database)
  return describeOwnRun(context, findOwnRun(context.database, run!.job.id)!)
}

test('models that were events are checkpoints, at their new places, and stay so when it is opened again', () => {
  const saved = () => described().checkpoints.map(({ step, path: at, exists }) => [step, path.basename(at!), exists])
  const expected = [
    [10, 'actor-v1', true],
    [10, 'critic-v2', true],
    [20, 'actor-v3', true],
  ]
  expect(saved()).toEqual(expected)
  expect(readFileSync(path.join(described().checkpoints[2]!.path!, 'weights.bin'), 'utf8')).toBe('actor-v3')
  expect(listEvents(server.context.database, described().id, ['checkpoint'], 10)).toEqual([])
  server.leave()
  server = server.again()
  expect(saved()).toEqual(expected)
})

test('the run goes on, and what was imported is there, beside what is imported now', () => {
  const { context, dataFolder } = server
  const { id, clientId } = described()
  expect(logOwnRun(context, 'mine', clientId, [{ type: 'metrics', step: 30, values: { loss: 0.125 } }])).toBe(id)
  expect([...context.series.values(id, 'loss')].map(({ value }) => value)).toEqual([0.5, 0.25, 0.125])
  const [imported] = listSweepJobs(context.database, 1, 'training')
  expect([...context.series.values(imported!.id, 'loss')].map(({ value }) => value)).toEqual([2, 1, 0.5])
  const events = path.join(dataFolder, 'runs', String(imported!.id), '1', 'events.jsonl')
  const again = importMetrics(context, { name: 'again', files: [events], directory: dataFolder })
  expect([...context.series.values(again.runs[0]!.runId, 'loss')].map(({ value }) => value)).toEqual([2, 1, 0.5])
})
