/** Points that cannot be told from the best, looked at once more with real processes: once, whatever is killed. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leaderboard } from '../cli/leaderboard.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { listSampledSweeps } from '../db/queries/repeat-evaluations.ts'
import { evaluateAgain } from '../server/act/checkpoints/evaluate-again.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { proposeByPerson, setTrainings } from '../server/act/sweeps/propose-trainings.ts'
import { previewSweep } from '../server/read/sweeps/preview-sweep.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { openTestServer, smallSweep, stub, stubs, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer()
})
afterAll(() => server.close())

/** Accuracies of settings and seeds, on so few questions that a and b cannot be told apart, and c can. */
const accuracies: Record<string, number> = {
  'a-1': 0.6,
  'a-2': 0.5,
  'a-3': 0.52,
  'b-1': 0.58,
  'b-2': 0.61,
  'b-3': 0.59,
  'c-1': 0.1,
}
const finalists = (parts: Partial<SweepInput> = {}): SweepInput =>
  smallSweep({
    name: 'finalists',
    axes: { quality: ['a', 'b', 'c'], seed: [1] },
    evaluate: {
      command: stub(
        'evaluates-by-key',
        '${report}',
        '${quality}-${seed}',
        ...Object.entries(accuracies).map(([key, accuracy]) => `${key}:B=${accuracy}`),
      ),
      report: { accuracies: 'acc' },
    },
    score: { baseline: { B: 0.5 }, questions: { B: 200 } },
    finalists: { top: 3, seeds: 3 },
    ...parts,
  })

test('said before anything is spent; the two that cannot be told apart get two seeds more, the third none', async () => {
  const before = previewSweep(server.context, { definition: finalists(), directory: server.dataFolder })
  expect(before.issues).toEqual([])
  expect(before.plan).toMatchObject({ trainings: 3, points: 3 })
  expect(before.finalists).toContain('at most 6 trainings and 6 evaluations more, where up to 3 points')
  const id = server.create(finalists())
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.points.map(({ params, status }) => [`${params.quality}-${params.seed}`, status])).toEqual(
    ['a-1', 'b-1', 'c-1', 'a-2', 'b-2', 'a-3', 'b-3'].map((name) => [name, 'scored']),
  )
  const found = sweep.finalists!
  expect(found.way).toBe('seeds')
  expect(found.words).toMatch(
    /^Finalists: 2 points cannot be told apart\. They are trained with other seeds: 4 trainings, 4 points, (about .*|under 0\.001) CPU slot hours\./,
  )
  // the first seed's best is not the best of the means
  expect(found.settings.map(({ params, mean }) => [params, mean])).toEqual([
    [{ quality: 'b' }, expect.closeTo((0.58 + 0.61 + 0.59) / 3 / 0.5, 9)],
    [{ quality: 'a' }, expect.closeTo((0.6 + 0.5 + 0.52) / 3 / 0.5, 9)],
  ])
  for (const { interval, mean, mayBeBest } of found.settings) {
    expect(interval![0]).toBeLessThan(mean!)
    expect(interval![1]).toBeGreaterThan(mean!)
    expect(mayBeBest).toBe(true)
  }
  expect(found.settings[0]!.seeds.map(({ seed, score }) => [seed, score])).toEqual([
    ['1', 1.16],
    ['2', 1.22],
    ['3', 1.18],
  ])
  expect(sweepResult(sweep).finalists!.settings[1]).toMatchObject({ params: { quality: 'a' }, may_be_best: true })
  // what was measured serves the next sweep's word of what another seed moves
  const after = previewSweep(server.context, { definition: finalists(), directory: server.dataFolder })
  expect(after.finalists).toMatch(/Another seed moves a score by 0\.0\d+, a mean of 3 by 0\.0\d+\./)
})

test('with milestones the finalists alone are points, and the training goes to its end', async () => {
  const id = server.create(
    finalists({
      axes: { quality: ['a', 'b'], seed: [1], epoch: { milestones: [1, 2] } },
      evaluate: {
        command: stub(
          'evaluates-by-key',
          '${report}',
          '${quality}-${epoch}',
          'a-1:B=0.1',
          'a-2:B=0.6',
          'b-1:B=0.59',
          'b-2:B=0.1',
        ),
        report: { accuracies: 'acc' },
      },
      train: { command: stub('finishes', '${epoch.last}') },
      finalists: { top: 2, seeds: 2 },
    }),
  )
  const sweep = await server.finished(id)
  expect(sweep.points.slice(4).map(({ params, status }) => [params, status])).toEqual([
    [{ quality: 'a', seed: '2', epoch: '2' }, 'scored'],
    [{ quality: 'b', seed: '2', epoch: '1' }, 'scored'],
  ])
  expect(listSweepJobs(server.context.database, id, 'training').map(({ params }) => params.epoch)).toEqual(
    Array(4).fill('2'),
  )
})

test('where the best can be told from all others nothing is trained again, and that is said', async () => {
  const id = server.create(finalists({ score: { baseline: { B: 0.5 }, questions: { B: 1_000_000 } } }))
  const sweep = await server.finished(id)
  expect(sweep.counts).toMatchObject({ points: 3, scored: 3 })
  expect(sweep.finalists).toEqual({
    way: 'none',
    words: 'Finalists: the best can be told from every other point, so nothing was trained again.',
    settings: [],
  })
})

test('of a metric that is to be low the lowest are trained again, whose luck nobody knows before', async () => {
  const id = server.create({
    name: 'by-metric',
    axes: { loss: [3, 1, 2] },
    train: {
      command: [process.execPath, path.join(stubs, 'trains-by-epochs.mjs'), '1', '1', '${loss}'],
      env: { SEED: '${seed}' },
    },
    track: 'none',
    objective: { metric: 'eval/loss', goal: 'minimize' },
    finalists: { top: 2, seeds: 2 },
  })
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.points.slice(3).map(({ params, score }) => [params, score])).toEqual([
    [{ loss: '1', seed: '2' }, 0.1],
    [{ loss: '2', seed: '2' }, 0.2],
  ])
  expect(sweep.finalists!.words).toContain('How small a difference that tells is known when they are there.')
  expect(sweep.finalists!.settings.map(({ params, mayBeBest }) => [params.loss, mayBeBest])).toEqual([
    ['1', true],
    ['2', false],
  ])
})

test('a search is over when its finalists are chosen', async () => {
  const id = server.create(finalists({ search: { method: 'random', trainings: 2 } }))
  const sweep = await server.finished(id)
  expect(sweep.finalists!.way).not.toBeNull()
  expect(() => setTrainings(server.context, id, { trainings: 3 })).toThrow('nothing is added to it any more')
  expect(() => proposeByPerson(server.context, id, { quality: 'c', seed: '1' })).toThrow('nothing is added to it')
})

test('luck that is in the questions is taken away by samples, where the command is known to draw some', async () => {
  const log = path.join(server.dataFolder, 'asked.log')
  const sampled = (parts: Partial<SweepInput>): SweepInput =>
    smallSweep({
      name: 'sampled',
      axes: { accuracy: ['0.6', '0.57', '0.62'], seed: ['1'] },
      train: { command: stub('finishes', '2'), env: { KIND: 'sampled' } },
      evaluate: {
        command: stub('evaluates-samples', '${report}', '${accuracy}', '${checkpoint}', log),
        report: { accuracies: 'acc' },
        gpus: 0,
      },
      score: { baseline: { B: 0.5 }, questions: { B: 200 } },
      ...parts,
    })
  const finalists = { top: 3, seeds: 3 }
  // how far a seed moves a score, and then what the command answers
  const before = await server.finished(
    server.create(
      sampled({
        name: 'seeds',
        axes: { setting: ['x', 'y'], seed: ['1', '2', '3'] },
        evaluate: {
          command: stub('evaluates-by-key', '${report}', '${seed}', '1:B=0.6', '2:B=0.57', '3:B=0.62'),
          report: { accuracies: 'acc' },
        },
      }),
    ),
  )
  expect(before.points.map(({ error }) => error)).toEqual(Array(6).fill(null))
  const first = await server.finished(
    server.create(sampled({ name: 'first', axes: { accuracy: ['0.6'], seed: ['1'] } })),
  )
  const unknown = await server.finished(server.create(sampled({ name: 'unknown', finalists })))
  expect(unknown.points.map(({ error }) => error)).toEqual(Array(9).fill(null))
  expect(unknown.finalists!.way).toBe('seeds')
  evaluateAgain(server.context, {
    checkpointIds: [first.points[0]!.checkpoint!.id],
    benchmarks: [],
    samples: 2,
    temperature: 0.6,
  })
  await server.until(first.id, () => listSampledSweeps(server.context.database).includes(first.id))
  const id = server.create(sampled({ finalists }))
  const sweep = await server.finished(id)
  expect([sweep.status, sweep.counts.trainings, sweep.finalists!.way]).toEqual(['done', 3, 'samples'])
  expect(sweep.finalists!.words).toMatch(/Each is asked \d+ samples a question/)
  expect(
    sweep.finalists!.settings.map(({ params, mean, interval, mayBeBest }) => [
      params.accuracy,
      mean,
      interval !== null,
      mayBeBest,
    ]),
  ).toEqual([
    ['0.62', expect.closeTo(1.24, 9), true, true],
    ['0.6', expect.closeTo(1.2, 9), true, true],
    ['0.57', expect.closeTo(1.14, 9), true, true],
  ])
  const asked = sweep.points.flatMap(({ checkpoint }) =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`${checkpoint!.path} `))
      .map((line) => Number(line.split(' ')[1])),
  )
  const each = Math.max(...asked)
  expect(each).toBeGreaterThan(1)
  expect(asked).toEqual([1, each, 1, each, 1, each])
  expect(leaderboard(sweep)).toContain('1.240')
  expect(leaderboard(sweep)).toContain('~ cannot be told from the best of them')
})

test('killed and started again at any time, they are chosen once and each is trained once', async () => {
  for (const [turn, milliseconds] of [20, 110, 220].entries()) {
    const own = openTestServer({ SWEEPBOARD_SLOTS: '2' })
    let present = own
    const log = path.join(own.dataFolder, 'started.log')
    const script = path.join(stubs, 'finishes.sh')
    writeFileSync(log, '')
    const id = own.create(
      finalists({
        name: `killed ${turn}`,
        train: {
          command: ['bash', '-c', 'echo "$1-$2" >> "$3"; exec bash "$4"', 'bash', '${quality}', '${seed}', log, script],
        },
      }),
    )
    for (let kill = 0; kill < 5; kill++) {
      // the instant is the test's own: whatever it falls on, the same holds
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
      present.leave()
      present = present.again()
    }
    await present.finished(id)
    expect(requireSweep(present.context, id).finalists).toMatchObject({ way: 'seeds', runs: 3, finalists: [[1], [2]] })
    const started = readFileSync(log, 'utf8').trim().split('\n').toSorted()
    expect(started).toEqual(['a-1', 'a-2', 'a-3', 'b-1', 'b-2', 'b-3', 'c-1'])
    await present.close()
  }
}, 60_000)
