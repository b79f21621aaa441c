/** What evaluations report, as scores of a sweep, over real processes. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { removeBaseline, saveBaseline } from '../server/act/baselines/save-baseline.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

test.each([
  ['writes-no-report', [], /The evaluation wrote no report at .*report\.json/],
  ['half-a-report', ['${report}'], /is no whole JSON/],
])('an evaluation that %s is tried again, then its point fails with the reason', async (name, args, reason) => {
  const sweep = await server.finished(
    server.create(
      smallSweep({
        axes: { a: ['1'] },
        evaluate: { command: stub(name, ...args), retries: 1, report: { accuracies: 'acc' } },
      }),
    ),
  )
  expect(sweep.points[0]).toMatchObject({ status: 'failed', error: expect.stringMatching(reason) })
  expect(sweep.retriedAttempts).toMatchObject([{ kind: 'evaluation', attempt: 1 }])
})

test.each([
  ['0', 'scored', 0, null],
  ['NaN', 'failed', null, /B.*NaN/],
  ['1.5', 'failed', null, /B.*1\.5/],
  ['"high"', 'failed', null, /B.*"high"/],
])('an accuracy of %s', async (value, status, score, error) => {
  const evaluate = { command: stub('evaluates', '${report}', `B=${value}`, 'C=0.5'), report: { accuracies: 'acc' } }
  const sweep = await server.finished(server.create(smallSweep({ axes: { a: ['1'] }, evaluate })))
  const point = sweep.points[0]!
  expect(point.status).toBe(status)
  expect(point.score).toBe(score)
  if (error === null) expect(point.error).toBeNull()
  else expect(point.error).toMatch(error)
  // A benchmark that the baseline lacks is kept, and does not count.
  expect(point.results.C).toMatchObject({ accuracy: 0.5, ratio: null })
})

test('a benchmark that is missing leaves the point without a score and says which', async () => {
  const evaluate = { command: stub('evaluates', '${report}', 'B=0.5'), report: { accuracies: 'acc' } }
  const sweep = await server.finished(
    server.create(smallSweep({ axes: { a: ['1'] }, evaluate, score: { baseline: { B: 0.5, M: 0.5 } } })),
  )
  expect(sweep.points[0]).toMatchObject({ status: 'failed', score: null, error: expect.stringContaining('M') })
})

test('counts that evaluations report as events make the interval', async () => {
  const evaluate = { command: stub('evaluates-by-events', 'B=30/60') }
  const sweep = await server.finished(server.create(smallSweep({ axes: { a: ['1'] }, evaluate })))
  expect(sweep.points[0]!.results.B).toMatchObject({ correct: 30, total: 60, accuracy: 0.5, counts: 'reported' })
  expect(sweep.points[0]!.interval![0]).toBeLessThan(2)
  expect(sweep.points[0]!.interval![1]).toBeGreaterThan(2)
})

test('where a report gives accuracies alone, they make the score as they are, and `questions` make the interval only', async () => {
  const evaluate = { command: stub('evaluates', '${report}', 'B=0.333'), report: { accuracies: 'acc' } }
  const axes = { a: ['1'] }
  const known = server.create(smallSweep({ axes, evaluate, score: { baseline: { B: 0.5 }, questions: { B: 30 } } }))
  const unknown = server.create(smallSweep({ axes, evaluate, score: { baseline: { B: 0.5 } } }))
  const [withQuestions, without] = [await server.finished(known), await server.finished(unknown)]
  // 10 of 30 would be 0.3333…: the accuracy is not rounded to whole questions.
  expect(withQuestions.points[0]).toMatchObject({
    score: 0.333 / 0.5,
    interval: [expect.any(Number), expect.any(Number)],
  })
  expect(withQuestions.points[0]!.results.B).toMatchObject({
    accuracy: 0.333,
    correct: 10,
    total: 30,
    counts: 'derived',
  })
  expect(without.points[0]).toMatchObject({ score: 0.333 / 0.5, interval: null, chanceOfBest: null })
  expect(without.points[0]!.results.B).toMatchObject({ correct: null, total: null, counts: 'unknown' })
})

test('editing a stored baseline computes every score that rests on it again, with its interval', async () => {
  const { context } = server
  const baseline = saveBaseline(context, { name: 'stored', accuracies: { B: 0.25 }, note: '' })
  const id = server.create(smallSweep({ score: { baseline: 'stored', questions: { B: 40 } } }))
  const before = await server.finished(id)
  saveBaseline(context, { ...baseline, accuracies: { B: 0.5 } })
  const after = server.sweep(id)
  expect(before.points.map((point) => point.score)).toEqual([2, 2])
  expect(after.points.map((point) => point.score)).toEqual([1, 1])
  expect(after.points[0]!.interval![1]).toBeCloseTo(before.points[0]!.interval![1] / 2, 6)
  // A benchmark that was never measured leaves them without a score, and says so; mended, the scores are back.
  saveBaseline(context, { ...baseline, accuracies: { B: 0.5, M: 0.5 } })
  expect(server.sweep(id).points[0]).toMatchObject({
    status: 'failed',
    score: null,
    error: expect.stringContaining('M'),
  })
  saveBaseline(context, { ...baseline, accuracies: { B: 0.25 } })
  expect(server.sweep(id).points[0]).toMatchObject({ status: 'scored', score: 2, error: null })
  expect(() => removeBaseline(context, baseline.id)).toThrow('used by a sweep')
})

test('an evaluation whose report gave no score is run again when that is asked for, and its newer report counts', async () => {
  const report = path.join(server.dataFolder, 'evaluate.sh')
  const writes = (text: string) => writeFileSync(report, `echo '${text}' > "$1"\n`)
  writes('{"acc": {"B": 0.1}}')
  const id = server.create(
    smallSweep({
      axes: { a: ['1'] },
      evaluate: { command: ['bash', report, '${report}'], report: { accuracies: 'acc' } },
      score: { baseline: { B: 0.5, M: 0.5 } },
    }),
  )
  expect((await server.finished(id)).points[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('M') })
  // still without a usable accuracy
  writes('{"acc": {"B": "high", "M": 0.5}}')
  expect(await retrySweep(server.context, id)).toBe(1)
  expect((await server.finished(id)).points[0]!.error).toContain('"high"')
  // a report that is not written is not taken for the one before
  writeFileSync(report, '')
  expect(await retrySweep(server.context, id)).toBe(1)
  expect((await server.finished(id)).points[0]!.error).toContain('wrote no report')
  writes('{"acc": {"B": 0.5, "M": 0.5}}')
  expect(await retrySweep(server.context, id)).toBe(1)
  const sweep = await server.finished(id)
  expect(sweep).toMatchObject({ status: 'done', points: [{ status: 'scored', score: 1, error: null }] })
  expect(sweep.runs.map((run) => run.attempt)).toEqual([1])
  expect(await retrySweep(server.context, id)).toBe(0)
})
