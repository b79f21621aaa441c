/**
 * Data folders that versions before this one wrote open, show what they showed, and go on. 0.1.0.tar.gz: what a killed server of
 * 0.1.0 left of three sweeps of two runs each on a step axis, one done, one failed, one in the middle of its first two trainings,
 * whose processes are gone.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listAttempts } from '../../db/queries/attempts.ts'
import { listSweepJobs } from '../../db/queries/jobs.ts'
import { openTestServer, type TestServer } from '../harness.ts'

let server: TestServer
beforeEach(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-'))
  execFileSync('tar', ['-xzf', path.join(import.meta.dirname, '0.1.0.tar.gz'), '--strip-components=1', '-C', folder])
  server = openTestServer({ SWEEPBOARD_SLOTS: '2', SWEEPBOARD_GPUS: '0' }, folder)
})
afterEach(() => server.close())

/** (batch size + step ÷ 20) of 40 questions of AMC23 are right, against 0.25, and 0.6 of GSM8k, against 0.5. */
const scoreOf = ({ batch_size, step }: Record<string, string>) =>
  2 / (0.25 / ((Number(batch_size) + Number(step) / 20) / 40) + 0.5 / 0.6)

test('what 0.1.0 had scored is scored as before, with its curves, answers and reasons', () => {
  const finished = server.sweep(1)
  expect(finished).toMatchObject({
    name: 'finished',
    status: 'done',
    counts: { points: 8, scored: 8, trainingsDone: 4 },
  })
  for (const { params, score } of finished.points) expect(score).toBeCloseTo(scoreOf(params), 12)
  expect(finished.points[0]!.results.AMC23).toMatchObject({ accuracy: 11 / 40, correct: 11, total: 40 })
  const [run] = listSweepJobs(server.context.database, 1, 'training')
  const losses = [...server.context.series.values(run!.id, 'loss')]
  expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: 120 }, (_, at) => at + 1))
  expect(losses[1]!.value).toBe(1)
  const failed = server.sweep(2)
  expect(failed.points.map(({ status, error }) => [status, error])).toEqual([
    ['failed', 'Exit code 3: CUDA out of memory'],
    ['failed', 'Exit code 3: CUDA out of memory'],
  ])
})

test('what 0.1.0 left in its middle goes on: nothing done is done again, and every point is scored', async () => {
  const { database } = server.context
  const sweep = await server.finished(3)
  expect(sweep).toMatchObject({ name: 'running', status: 'done', counts: { points: 8, scored: 8 } })
  for (const { params, score } of sweep.points) expect(score).toBeCloseTo(scoreOf(params), 12)
  const attempts = listSweepJobs(database, 3, 'training').map((job) => listAttempts(database, job.id).length)
  expect(attempts).toEqual([2, 2, 1, 1])
  const again = listSweepJobs(database, 1)
    .flatMap((job) => listAttempts(database, job.id))
    .filter(({ number }) => number > 1)
  expect(again).toEqual([])
})
