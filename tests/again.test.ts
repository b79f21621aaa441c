/** Checkpoints evaluated again: jobs of their own beside a sweep, whatever its state, over real processes. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findJob, listLiveJobs } from '../db/queries/jobs.ts'
import { planCleanUp } from '../server/act/checkpoints/clean-up.ts'
import { cancelRepeats, retryRepeats } from '../server/act/checkpoints/change-repeats.ts'
import { describeAgainOptions, evaluateAgain } from '../server/act/checkpoints/evaluate-again.ts'
import { attemptFolder } from '../server/base/context.ts'
import { requireRun } from '../server/base/finding/find-run-job.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { pauseSweep, removeSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { checkData } from '../server/act/system/check-data.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
let gate: string
beforeEach(() => {
  server = openTestServer()
  gate = path.join(server.dataFolder, 'gate')
})
afterEach(() => server.close())

const finalists = (parts: Partial<SweepInput> = {}, failures = '0') =>
  smallSweep({
    evaluate: {
      command: stub('evaluates-again', '${report}', path.join(server.dataFolder, 'gate'), failures),
      report: { accuracies: 'acc' },
    },
    ...parts,
  })
const runOf = (id: number) => describeRun(server.context, requireRun(server.context, id))
const checkpointOf = (sweepId: number) => runOf(server.sweep(sweepId).runs[0]!.id).checkpoints[0]!
const again = (id: number, more: object = {}) =>
  evaluateAgain(server.context, { checkpointIds: [id], benchmarks: [], samples: 4, temperature: 0.6, ...more })
    .jobIds[0]!
const jobEnds = (sweepId: number, id: number, status: string) =>
  server.until(sweepId, () => findJob(server.context.database, id)!.status === status)

test('of a sweep that is done: live on free slots, measured beside the score, and nothing of the sweep changes', async () => {
  const before = await server.finished(server.create(finalists()))
  const checkpoint = checkpointOf(before.id)
  expect(checkpoint).toMatchObject({ score: 2, repeats: null })
  const job = again(checkpoint.id)
  // one that ends before it was seen to run has taken no time that anybody knows
  const live = await server.until(before.id, () => findJob(server.context.database, job)!.status === 'running')
  expect(live).toMatchObject({ status: 'done', openRepeats: 1, finishedAt: before.finishedAt, points: before.points })
  // its files are needed until it has ended
  expect(planCleanUp(server.context, before.id, { last: 0, best: 0 }).kept.needed).toBe(1)
  writeFileSync(gate, '')
  await jobEnds(before.id, job, 'done')
  // what it cost is spent on the sweep
  const { slotHoursSpent, ...kept } = before
  expect(server.sweep(before.id)).toMatchObject({ ...kept, openRepeats: 0, slotsHeld: 0 })
  expect(server.sweep(before.id).slotHoursSpent).toBeGreaterThan(slotHoursSpent!)
  expect(planCleanUp(server.context, before.id, { last: 0, best: 0 }).kept.needed).toBe(0)

  const measured = checkpointOf(before.id)
  expect(measured).toMatchObject({ score: 2, results: { B: { correct: 2, total: 4 } }, evaluation: { attempt: 1 } })
  expect(measured.repeats).toMatchObject({
    builtIn: false,
    jobs: [{ id: job, status: 'done', again: { benchmarks: [], samples: 4, temperature: 0.6, seed: 1 } }],
    scores: [
      {
        temperature: 0.6,
        samples: [4, 4],
        score: 1.5,
        error: null,
        // shares 1, 1/2, 0, 0: deviation 0.479 over the root of 4
        results: { B: { accuracy: 0.375, questions: 4, standardError: expect.closeTo(0.2394, 4), measurements: 1 } },
      },
    ],
  })
  expect(readFileSync(path.join(attemptFolder(server.context, job, 1), 'stdout.log'), 'utf8')).toBe(
    'samples 4, temperature 0.6, seed 1\n',
  )
  // once more: other random numbers, and taken together with the first
  const second = again(checkpoint.id, { samples: 2 })
  await jobEnds(before.id, second, 'done')
  const [pooled] = checkpointOf(before.id).repeats!.scores
  expect(pooled).toMatchObject({ samples: [6, 6], results: { B: { measurements: 2, samples: 6, accuracy: 0.375 } } })
  expect(checkpointOf(before.id).repeats!.jobs.map((one) => one.again.seed)).toEqual([2, 1])
  expect(checkData(server.context)).toMatchObject({ problems: [] })
  server.context.database.$client.prepare('update repeat_evaluations set correct = 5 where samples = 4').run()
  expect(checkData(server.context).problems).toEqual([
    { text: 'Repeated evaluation 1 (B) has 5 right answers, and its questions have 6.', runId: null },
  ])
})

test('a killed server leaves it running, and the next one reads how it ended; failures are retried', async () => {
  const evaluate = finalists({}, '1').evaluate!
  const { id } = await server.finished(server.create(finalists({ evaluate: { ...evaluate, retries: 1 } })))
  const job = again(checkpointOf(id).id)
  await server.until(id, () => findJob(server.context.database, job)!.status === 'running')
  server.leave()
  writeFileSync(gate, '')
  server = server.again()
  await jobEnds(id, job, 'done')
  const [one] = checkpointOf(id).repeats!.jobs
  expect(one!.attempts.map(({ number, status }) => [number, status])).toEqual([
    [2, 'done'],
    [1, 'failed'],
  ])
  expect(server.sweep(id).status).toBe('done')
})

test('cancelled while it runs or waits, tried again by hand, and gone with its sweep', async () => {
  const { id } = await server.finished(server.create(finalists()))
  const checkpoint = checkpointOf(id).id
  const job = again(checkpoint)
  await server.until(id, () => findJob(server.context.database, job)!.status === 'running')
  cancelRepeats(server.context, [job])
  await jobEnds(id, job, 'cancelled')
  expect(server.sweep(id)).toMatchObject({ status: 'done', openRepeats: 0, counts: { cancelled: 0 } })
  expect(() => cancelRepeats(server.context, [job])).toThrow('It has ended already')
  // what failed of the sweep itself is tried again by its own button
  expect(await retrySweep(server.context, id)).toBe(0)
  retryRepeats(server.context, [job])
  writeFileSync(gate, '')
  await jobEnds(id, job, 'done')
  expect(() => retryRepeats(server.context, [job])).toThrow('Only an evaluation that failed or was cancelled')

  rmSync(gate)
  const last = again(checkpoint)
  await server.until(id, () => listLiveJobs(server.context.database).length > 0)
  removeSweep(server.context, id)
  await jobEnds(id, last, 'cancelled')
})

test('a paused sweep keeps it waiting; a running one ends without it; one taken back before its start leaves no trace', async () => {
  const { id } = await server.finished(server.create(finalists()))
  const hold = path.join(server.dataFolder, 'hold')
  const running = server.create(
    finalists({
      name: 'running',
      axes: { a: ['1', '2'] },
      train: {
        command: [
          'bash',
          '-c',
          `${stub('finishes', '2').join(' ')}; until [ $0 = 1 ] || [ -e ${hold} ]; do sleep 0.02; done`,
          '${a}',
        ],
      },
    }),
  )
  await server.until(running, ({ counts }) => counts.scored === 1)
  pauseSweep(server.context, running)
  const job = again(checkpointOf(running).id)
  // the other sweep's starts at once
  const other = again(checkpointOf(id).id)
  await server.until(id, () => findJob(server.context.database, other)!.status === 'running')
  expect(findJob(server.context.database, job)!.status).toBe('waiting')
  expect(describeAgainOptions(server.context, [checkpointOf(running).id]).checkpoints[0]).toMatchObject({
    pausedSweep: expect.any(String),
  })
  resumeSweep(server.context, running)
  await server.until(running, () => findJob(server.context.database, job)!.status === 'running')
  writeFileSync(hold, '')
  expect(await server.until(running, ({ status }) => status === 'done')).toMatchObject({ openRepeats: 1 })
  pauseAndTakeBack()
  writeFileSync(gate, '')
  await jobEnds(running, job, 'done')
  await jobEnds(id, other, 'done')

  function pauseAndTakeBack() {
    // as many as there are slots, so that the last one waits
    const ids = [1, 2, 3, 4].map(() => again(checkpointOf(id).id))
    cancelRepeats(server.context, ids)
    expect(checkpointOf(id).repeats!.jobs.map((one) => one.id)).toEqual([other])
  }
})

test('what cannot be measured again is refused with the reason, and nothing is queued', async () => {
  const { id } = await server.finished(server.create(finalists()))
  const checkpoint = checkpointOf(id)
  expect(() => again(checkpoint.id, { temperature: 0 })).toThrow(
    'At temperature 0 all 4 samples of a question are the same. Expected 1 sample, or a temperature above 0.',
  )
  expect(() => again(999)).toThrow('There is no checkpoint 999.')
  rmSync(checkpoint.path!, { recursive: true })
  expect(() => again(checkpoint.id)).toThrow(
    `step 4 of small, run 1 cannot be evaluated: its files are not at ${checkpoint.path}`,
  )
  expect(describeAgainOptions(server.context, [checkpoint.id]).checkpoints[0]!.why).toContain('its files are not at')
  const own = await server.finished(
    server.create(smallSweep({ train: { command: stub('evaluates-by-events', 'B=1/2') }, evaluate: undefined })),
  )
  expect(() => again(checkpointOf(own.id).id)).toThrow('its trainings report their results themselves')
})

test('the built-in trainer answers each question several times, on benchmarks of one’s choice', async () => {
  const config = {
    layers: 1,
    width: 16,
    heads: 2,
    dataset_size: 64,
    batch_size: 4,
    row_length: 32,
    maximum_new_tokens: 8,
    maximum_questions: 20,
  }
  const { id } = await server.finished(
    server.create({
      name: 'tiny',
      axes: { seed: ['1'] },
      trainer: 'sft',
      config: { ...config, benchmarks: ['level-1'], steps: 4 },
      score: { baseline: { 'level-1': 0.5 } },
    }),
  )
  const checkpoint = checkpointOf(id)
  const { benchmarks, scored } = describeAgainOptions(server.context, [checkpoint.id])
  expect(benchmarks.filter(({ own }) => own).map(({ name }) => name)).toEqual(['level-1'])
  expect(scored).toEqual(['level-1'])
  expect(() => again(checkpoint.id)).toThrow('No benchmark is chosen.')
  expect(() => again(checkpoint.id, { benchmarks: ['AMC23'] })).toThrow(
    'The benchmark AMC23 is unknown. Expected level-1,',
  )
  expect(() => again(checkpoint.id, { benchmarks: ['sums.jsonl'] })).toThrow(
    `There is no file ${path.join(server.dataFolder, 'sums.jsonl')}`,
  )
  const job = again(checkpoint.id, { benchmarks: ['level-1', 'level-4'], samples: 3, temperature: 1 })
  await jobEnds(id, job, 'done')
  const [score] = checkpointOf(id).repeats!.scores
  expect(score).toMatchObject({
    samples: [3, 3],
    results: { 'level-1': { questions: 20, samples: 3 }, 'level-4': { questions: 20 } },
  })
  expect(score!.score).not.toBeNull()
  expect(Object.keys(score!.results)).toEqual(['level-1', 'level-4'])
  expect(existsSync(path.join(attemptFolder(server.context, job, 1), 'eval/step-4-level-4.jsonl'))).toBe(true)
}, 60_000)
