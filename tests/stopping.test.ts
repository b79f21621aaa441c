/** Trainings that are given up before their end, with real processes: what is saved, and that nothing is lost or decided twice. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listJudgements } from '../db/queries/judgements.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { uncertaintyOf } from '../domain/score/uncertainty.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { retryRun } from '../server/act/runs/change-run.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { findJob } from '../db/queries/jobs.ts'
import { openTestServer, stub, stubs, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer({ SWEEPBOARD_SLOTS: '2' })
})
afterAll(() => server.close())

/** `linger`: what of them is sure to be asked to leave at the first milestone waits for it (trains-by-epochs.mjs). */
const trainer = (
  epochs: string,
  milliseconds: number,
  loss: string,
  counted: string,
  linger = String(milliseconds),
) => [process.execPath, path.join(stubs, 'trains-by-epochs.mjs'), epochs, String(milliseconds), loss, counted, linger]

/** Scores of six values of an axis, the first the best, on so many questions that any two can be told apart. */
const judge = stub(
  'evaluates-by-key',
  '${report}',
  '${quality}',
  ...[1, 2, 3, 4, 5, 6].map((value) => `${value}:B=${0.9 - value / 10}`),
)

const bySteps = (file: string) => {
  const counts = new Map<string, number>()
  if (!existsSync(file)) return counts
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const [run] = line.split(' ')
    counts.set(run!, (counts.get(run!) ?? 0) + 1)
  }
  return counts
}

const scored = (name: string, counted: string, more: Partial<SweepInput>): SweepInput => ({
  name,
  axes: { quality: [6, 5, 4, 1, 2, 3], epoch: { milestones: [1, 4] } },
  train: { command: trainer('4', 10, '1', counted, '150') },
  track: 'none',
  evaluate: { command: judge, report: { accuracies: 'acc' }, gpus: 0 },
  score: { baseline: { B: 0.5 }, questions: { B: 100_000 } },
  ...more,
})

test('held at the first milestone, three of six go on; the others keep what they have', async () => {
  const counted = path.join(server.dataFolder, 'held.log')
  const id = server.create(scored('held', counted, { stop_early: { method: 'milestones', hold: true } }))
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.counts).toMatchObject({ scored: 9, stopped: 3, failed: 0, cancelled: 0 })
  const of = (quality: string) => sweep.points.filter(({ params }) => params.quality === quality)
  for (const quality of ['1', '2', '3']) expect(of(quality).map(({ status }) => status)).toEqual(['scored', 'scored'])
  for (const quality of ['4', '5', '6']) expect(of(quality).map(({ status }) => status)).toEqual(['scored', 'stopped'])
  expect(of('4')[1]!.error).toBe(
    'Stopped early: at epoch 1 its score of 1.000 was below the 1.200 of the last of 3 that go on, of 6.',
  )
  // whoever goes on repeats no step, and whoever is stopped was asked to leave soon after the milestone
  const steps = bySteps(counted)
  const jobs = listSweepJobs(server.context.database, id, 'training')
  for (const { id: run, params } of jobs)
    if (['1', '2', '3'].includes(params.quality!)) expect(steps.get(String(run))).toBe(40)
    else expect(steps.get(String(run))).toBeLessThan(40)
  const decided = listJudgements(server.context.database, id)
  expect(decided.map(({ verdict }) => verdict).toSorted()).toEqual([
    ...Array(3).fill('goes on'),
    ...Array(3).fill('stopped'),
  ])
  // who was stopped, and the best, were chosen by their scores: their intervals know it
  const intervalsWith = (isGivenUp: (quality: string) => boolean) =>
    uncertaintyOf({
      aggregate: 'harmonic-mean',
      baseline: { B: 0.5 },
      points: sweep.points.map(({ score, params }) => ({
        score,
        counts: { B: score === null ? null : { correct: Math.round(score * 50_000), total: 100_000 } },
        givenUp: isGivenUp(params.quality!),
      })),
    }).map(({ interval }) => interval)
  const shown = sweep.points.map(({ interval }) => interval)
  expect(shown).toEqual(intervalsWith((quality) => of(quality).some(({ status }) => status === 'stopped')))
  expect(shown).not.toEqual(intervalsWith(() => false))
})

test('a stopped run goes on from its last checkpoint when a person says so, and is not stopped again', async () => {
  const counted = path.join(server.dataFolder, 'spared.log')
  const id = server.create(
    scored('spared', counted, {
      axes: { quality: [1, 2, 3, 4], epoch: { milestones: [1, 2, 3, 4] } },
      stop_early: { method: 'median', min: 1 },
      concurrency: 1,
      train: { command: trainer('4', 20, '${quality}', counted, 'asked:4') },
    }),
  )
  const sweep = await server.finished(id)
  const run = sweep.runs.find(({ status }) => status === 'stopped')!
  expect(run.params.quality).toBe('4')
  retryRun(server.context, run.id)
  const after = await server.finished(id)
  expect(after.status).toBe('done')
  expect(after.counts).toMatchObject({ scored: 16, stopped: 0 })
  expect(bySteps(counted).get(String(run.id))).toBe(40)
  const { judged, status } = describeRun(server.context, findJob(server.context.database, run.id)!)
  expect(status).toBe('done')
  expect(judged.map(({ verdict }) => verdict)).toEqual(['spared'])
})

test('a metric decides where nothing is scored, at steps', async () => {
  const counted = path.join(server.dataFolder, 'metric.log')
  const id = server.create({
    name: 'metric',
    axes: { loss: [8, 1, 9, 2] },
    train: { command: trainer('4', 15, '${loss}', counted, 'asked:9,2') },
    track: 'none',
    concurrency: 1,
    stop_early: { method: 'asha', min: 10, metric: 'eval/loss', goal: 'minimize' },
  })
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.points.map(({ params, status }) => [params.loss, status])).toEqual([
    ['8', 'done'],
    ['1', 'done'],
    ['9', 'stopped'],
    ['2', 'stopped'],
  ])
  expect(sweep.points[2]!.error).toBe(
    'Stopped early: at step 10 its eval/loss of 0.9 was number 3 of the 3 that had come there, above the 0.1 of the best.',
  )
})

test('a loss that is no number stops a training at once; its sweep is done', async () => {
  const counted = path.join(server.dataFolder, 'diverged.log')
  const id = server.create({
    name: 'diverged',
    axes: { loss: ['NaN', 1] },
    train: { command: trainer('6', 10, '${loss}', counted, 'asked:NaN') },
    track: 'none',
    stop_early: { method: 'asha', min: 100_000, metric: 'eval/loss', goal: 'minimize' },
  })
  const sweep = await server.until(id, ({ runs }) => runs[0]!.status === 'stopped')
  expect(sweep.points[0]!.error).toBe('Stopped early: its eval/loss is no finite number any more: NaN, NaN, NaN.')
  expect((await server.finished(id)).status).toBe('done')
})

test('killed and started again at any time, nothing is decided twice and nothing is lost', async () => {
  for (const [turn, milliseconds] of [20, 90, 170, 260, 400, 700].entries()) {
    const own = openTestServer({ SWEEPBOARD_SLOTS: '2' })
    let present = own
    const counted = path.join(own.dataFolder, 'killed.log')
    const id = own.create(
      scored(`killed ${turn}`, counted, {
        train: { command: trainer('4', 25, '1', counted) },
        stop_early: { method: 'milestones', hold: true },
      }),
    )
    for (let kill = 0; kill < 4; kill++) {
      // the instant is the test's own: whatever it falls on, the same holds
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
      present.leave()
      present = present.again()
    }
    const { counts, points } = await present.finished(id)
    expect(counts.failed + counts.cancelled).toBe(0)
    expect(counts.scored + counts.stopped).toBe(12)
    // one that came to its end while no server was there is not stopped; none is that belongs to the best three
    const stopped = points.filter(({ status }) => status === 'stopped')
    for (const { params, milestone } of stopped.map((point) => ({ ...point, milestone: point.params.epoch })))
      expect([params.quality, milestone]).toEqual([expect.stringMatching(/[456]/), '4'])
    const lines = readFileSync(counted, 'utf8').trim().split('\n')
    expect(new Set(lines).size).toBe(lines.length)
    const rows = listJudgements(present.context.database, id)
    expect(new Set(rows.map(({ runId, rung }) => `${runId} ${rung}`)).size).toBe(rows.length)
    expect(rows.filter(({ verdict }) => verdict === 'stopped').length).toBe(stopped.length)
    await present.close()
  }
}, 120_000)
