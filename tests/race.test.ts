/** Evaluations that race, over real processes: rungs as jobs, points given up, the best finished, and the same figures as without. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listEvaluations } from '../db/queries/checkpoints.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { leaderboard } from '../cli/leaderboard.ts'
import { sweepAsCsv } from '../server/http/export-sweep.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { SweepboardError } from '../domain/errors.ts'
import { questionsOf } from '../domain/score/race.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { setSweepBaseline } from '../server/act/baselines/set-sweep-baseline.ts'
import { finishItsEvaluation } from '../server/act/checkpoints/finish-evaluation.ts'
import { cancelSweep } from '../server/act/sweeps/change-sweep.ts'
import { retryRun } from '../server/act/runs/change-run.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { checkData } from '../server/act/system/check-data.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { openTestServer, smallSweep, stubs, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const strengths = ['20', '22', '30', '52', '58', '64']
const questions = { A: 60, B: 1200, C: 500 }
const total = 1760

function race(way = 'counts', parts: Partial<SweepInput> = {}, raced = true): SweepInput {
  const command = ['node', path.join(stubs, 'evaluates-questions.mjs'), '${strength}', '${questions}', '${report}', way]
  return smallSweep({
    name: 'race',
    axes: { strength: strengths },
    evaluate: { command, report: { accuracies: 'acc' }, ...(raced && { race: true }), ...parts.evaluate },
    score: { baseline: { A: 0.5, B: 0.5, C: 0.5 }, questions },
    ...Object.fromEntries(Object.entries(parts).filter(([key]) => key !== 'evaluate')),
  })
}
const countsOf = (id: number) =>
  server.sweep(id).points.map(({ results }) => Object.values(results).reduce((sum, one) => sum + (one.total ?? 0), 0))

test('points that cannot win are asked no more, the best three are, and their scores are those without a race to the last digit', async () => {
  const whole = await server.finished(server.create(race('counts', {}, false)))
  const raced = await server.finished(server.create(race()))
  expect(raced.status).toBe('done')
  expect(questionsOf(requireSweep(server.context, raced.id).race!)).toBe(total)
  const asked = countsOf(raced.id)
  expect(asked.slice(3)).toEqual([total, total, total])
  expect(Math.max(...asked.slice(0, 3))).toBeLessThan(total / 2)
  for (const [at, point] of raced.points.entries()) {
    expect(point.status).toBe('scored')
    expect(point.asked).toBe(asked[at] === total ? null : asked[at])
    if (point.asked === null)
      expect([point.score, point.results]).toEqual([whole.points[at]!.score, whole.points[at]!.results])
  }
  expect(whole.points.every(({ asked: some }) => some === null)).toBe(true)
  expect(raced.race).toEqual({
    stopped: 3,
    points: 6,
    questions: total,
    asked: asked.reduce((sum, one) => sum + one, 0),
  })
  const told = sweepResult(raced).points.map((point) => [point.questions_asked, point.questions])
  expect(told).toEqual(asked.map((one) => [one, total]))
  expect('questions_asked' in sweepResult(whole).points[0]!).toBe(false)
  expect(sweepAsCsv(raced).split('\n')[1]!.trim()).toMatch(new RegExp(`,${asked[0]},${total}$`))
  expect(leaderboard(raced)).toMatch(new RegExp(`\\b${asked[0]}, cannot win`))
  expect(leaderboard(raced)).toContain('Raced: 3 of 6 points could no longer have the highest score on these questions')
  // no question of a checkpoint twice
  const rungs = server.context.database.$client
    .prepare(
      'select checkpoint_id, benchmark, first, end from evaluation_rungs order by checkpoint_id, benchmark, first',
    )
    .all() as { checkpoint_id: number; benchmark: string; first: number; end: number }[]
  for (const own of Map.groupBy(rungs, (row) => `${row.checkpoint_id} ${row.benchmark}`).values())
    for (const [at, { first }] of own.entries()) expect(first).toBe(at === 0 ? 0 : own[at - 1]!.end)
  expect(checkData(server.context).problems).toEqual([])
  const change = (statement: string) => server.context.database.$client.prepare(statement).run()
  const point = raced.points[5]!
  change(`update evaluations set correct = 1 where benchmark = 'A' and checkpoint_id = ${point.checkpoint!.id}`)
  change(
    `update evaluation_rungs set first = 0 where benchmark = 'C' and rung = 2 and checkpoint_id = ${point.checkpoint!.id}`,
  )
  expect(checkData(server.context).problems.map(({ text }) => text)).toEqual([
    `The race of checkpoint ${point.checkpoint!.id} asked questions of C twice.`,
    `Checkpoint ${point.checkpoint!.id} (A) has 1 of 60 right answers, and the rungs of its race ${point.results.A!.correct} of 60.`,
  ])
})

test('a person finishes the evaluation of one that was given up; nobody else is asked more', async () => {
  const { id, points } = await server.finished(server.create(race()))
  const before = countsOf(id)
  finishItsEvaluation(server.context, points[0]!.id)
  expect(server.sweep(id)).toMatchObject({
    status: 'running',
    points: [{ status: 'evaluating', score: null }, {}, {}, {}, {}, {}],
  })
  const after = await server.finished(id)
  expect(after.status).toBe('done')
  expect(countsOf(id)).toEqual([total, ...before.slice(1)])
  expect(after.points[0]).toMatchObject({ status: 'scored', asked: null })
  const again = () => finishItsEvaluation(server.context, points[0]!.id)
  expect(again).toThrow(SweepboardError)
  expect(again).toThrow('Point 1 of race was asked all of its questions.')
})

test('answers of all rungs stand in one file, each question once', async () => {
  const { id, points } = await server.finished(server.create(race('items')))
  const best = points.find(({ params }) => params.strength === '64')!
  for (const { benchmark, items, correct } of listEvaluations(server.context.database, [best.checkpoint!.id])) {
    const lines = readFileSync(items!, 'utf8').trim().split('\n')
    const read = lines.map((line) => JSON.parse(line) as { id: string; correct: boolean })
    expect(new Set(read.map((item) => item.id)).size).toBe(questions[benchmark as keyof typeof questions])
    expect(read.filter((item) => item.correct)).toHaveLength(correct!)
  }
  expect(server.sweep(id).status).toBe('done')
})

test('a report that may be of other questions is refused with what was asked', async () => {
  const alone = await server.finished(server.create(race('accuracies', { axes: { strength: ['20'] } })))
  expect(alone.points[0]!.error).toMatch(
    /^Evaluation failed\. It was asked \d+ questions of A and reported the accuracy 0\.\d+ alone, which may be of any questions; a race needs \{ "correct": …, "total": \d+ \}\.$/,
  )
  const all = await server.finished(server.create(race('all', { name: 'all', axes: { strength: ['20'] } })))
  expect(all.points[0]!.error).toMatch(
    /It was asked 60 questions of A and reported 200 of 1000; a race needs the answers to the questions that \$\{questions\} names, and only these\.$/,
  )
})

test('a rung that fails is tried again, and by hand too; what was answered is not asked again', async () => {
  const once = await server.finished(server.create(race('fails-once', { evaluate: { retries: 1 } })))
  expect([once.status, Math.max(...countsOf(once.id))]).toEqual(['done', total])
  const { id } = await server.finished(server.create(race('fails-once', { name: 'by hand' })))
  expect(server.sweep(id).status).toBe('failed')
  for (let turn = 0; server.sweep(id).status === 'failed' && turn < 20; turn++) {
    await retrySweep(server.context, id)
    await server.finished(id)
  }
  expect(server.sweep(id).status).toBe('done')
  // who was there to be compared with at each rung was another, so others were given up earlier or later
  const best = (points: typeof once.points) => points.slice(3).map(({ score }) => score)
  expect(best(server.sweep(id).points)).toEqual(best(once.points))
})

test('cancelled between rungs and retried, a race goes on where it stood', async () => {
  const id = server.create(race())
  await server.until(
    id,
    ({ points, counts }) =>
      counts.trainingsDone === counts.trainings && points.some((point) => Object.keys(point.results).length > 0),
  )
  cancelSweep(server.context, id)
  await server.finished(id)
  const jobs = listSweepJobs(server.context.database, id, 'evaluation').filter(({ status }) => status === 'done').length
  await retrySweep(server.context, id)
  const after = await server.finished(id)
  expect(after.status).toBe('done')
  expect(countsOf(id).slice(3)).toEqual([total, total, total])
  expect(listSweepJobs(server.context.database, id, 'evaluation').length).toBeGreaterThan(jobs)
})

/** A race whose baseline is a file of the server's folder; `hold`: what its measuring waits for (evaluates-questions.mjs). */
function measuredRace() {
  const [base, hold] = [path.join(server.dataFolder, 'base.bin'), path.join(server.dataFolder, 'hold')]
  writeFileSync(base, 'weights')
  const parts = { evaluate: { env: { RACE_HOLD: hold } }, score: { baseline: { measure: base }, questions } }
  return { hold, base, definition: (name = 'measured') => race('counts', { name, ...parts }) }
}
const waiting = (base: string) => `Scored once the baseline, ${base}, is measured.`

test('a baseline that the race measures itself is measured whole first, and its accuracies say what each rung asks', async () => {
  const { hold, base, definition } = measuredRace()
  writeFileSync(hold, '')
  const id = server.create(definition())
  const before = await server.until(
    id,
    ({ counts, points }) => counts.trainingsDone === 6 && points.every(({ checkpoint }) => checkpoint),
  )
  expect(before.points.map(({ status, error }) => [status, error])).toEqual(
    strengths.map(() => ['evaluating', waiting(base)]),
  )
  rmSync(hold)
  const sweep = await server.finished(id)
  expect(sweep.score.baseline.accuracies).toEqual({ A: 0.5, B: 0.5, C: 0.5 })
  expect([sweep.status, sweep.points.map(({ error }) => error)]).toEqual(['done', strengths.map(() => null)])
  const given = server.create(race())
  expect(requireSweep(server.context, id).race).toEqual(requireSweep(server.context, given).race)
  const scores = (points: typeof sweep.points) => points.slice(3).map(({ score, results }) => [score, results])
  expect(scores(sweep.points)).toEqual(scores((await server.finished(given)).points))
  expect(Math.max(...countsOf(id).slice(0, 3))).toBeLessThan(total / 2)
  const [measuring, ...rungs] = listSweepJobs(server.context.database, id, 'evaluation')
  expect(Math.min(...rungs.map(({ claimedAt }) => claimedAt!))).toBeGreaterThanOrEqual(measuring!.finishedAt!)
  // what was measured serves the next one from its beginning
  const next = server.create(definition('next'))
  expect(requireSweep(server.context, next).race).toEqual(requireSweep(server.context, id).race)
  expect((await server.finished(next)).score.measured).toMatchObject({ reused: true })
  expect(checkData(server.context).problems).toEqual([])
})

test('where the baseline of a race cannot be measured its points fail with the reason, and a retry measures and asks them', async () => {
  const { hold, base, definition } = measuredRace()
  writeFileSync(hold, 'fail')
  const id = server.create(definition())
  const failed = await server.finished(id)
  const reason = `Not scored: the baseline, ${base}, could not be measured. Exit code 3`
  expect(failed.points.map(({ status, error }) => [status, error!.slice(0, reason.length)])).toEqual(
    strengths.map(() => ['failed', reason]),
  )
  rmSync(hold)
  expect(await retrySweep(server.context, id)).toBe(7)
  expect((await server.finished(id)).counts).toMatchObject({ scored: 6, trainings: 6 })
  expect(listSweepJobs(server.context.database, id, 'training').map(({ attempt }) => attempt)).toEqual(
    strengths.map(() => 1),
  )
  writeFileSync(hold, 'fail')
  writeFileSync(base, 'other weights')
  const one = server.create({ ...definition('one'), axes: { strength: ['20'] } })
  const { runs } = await server.finished(one)
  rmSync(hold)
  retryRun(server.context, runs[0]!.id)
  expect((await server.finished(one)).counts).toMatchObject({ scored: 1, failed: 0 })
})

test('a measured benchmark that a race cannot ask by places is told, and a person may choose another baseline', async () => {
  const { hold, definition } = measuredRace()
  writeFileSync(hold, 'add D')
  const id = server.create(definition())
  const { points } = await server.finished(id)
  expect(points[0]!.error).toContain(
    'it needs to know how many there are of D; expected it in score.questions, e.g. questions: { D: 500 }.',
  )
  const choose = (accuracies: Record<string, number>) => () => setSweepBaseline(server.context, { id, accuracies })
  expect(choose({ A: 0.5, D: 0.5 })).toThrow('it needs to know how many there are of D')
  choose({ A: 0.5, B: 0.5 })()
  await retrySweep(server.context, id)
  expect((await server.finished(id)).counts).toMatchObject({ scored: 6, failed: 0 })
  expect(Object.keys(requireSweep(server.context, id).race!.rungs[0]!)).toEqual(['A', 'B'])
})

test('what cannot race is refused before anything starts, with what to write', () => {
  const refusal = (definition: SweepInput) => {
    try {
      server.create(definition)
    } catch (error) {
      return (error as SweepboardError).issues.map(({ path: place, message }) => `${place.join('.')}: ${message}`)
    }
    return []
  }
  const evaluate = { command: stub('evaluates', '${report}', 'A=0.5'), race: true }
  expect(refusal(smallSweep({ evaluate }))).toEqual([
    'evaluate.race: The evaluation command is not told which questions to ask, so it would answer all of them each time; expected ${questions} in evaluate.command or evaluate.env, or race: false.',
  ])
  expect(refusal({ ...race(), score: { baseline: { A: 0.5, D: 0.5 }, questions: { A: 60 } } })).toEqual([
    'score.questions: A race asks questions by their places, so it needs to know how many there are of D; expected it in score.questions, e.g. questions: { D: 500 }.',
  ])
  expect(refusal(smallSweep({ evaluate: { race: true } }))[0]).toMatch(
    /^evaluate\.race: The trainer reports its evaluations itself/,
  )
  expect(refusal({ ...race(), score: { baseline: { measure: server.dataFolder } } })).toEqual([
    "score.questions: ${questions} is a file that names each benchmark's questions, and how many there are is not said; expected score.questions, e.g. { GSM8k: 1319 }.",
  ])
  const { score: _score, ...unscored } = race()
  expect(refusal(unscored)[0]).toMatch(/^evaluate\.race: A race is for the highest score/)
  expect(refusal(race('counts', { axes: { strength: ['20'], questions: ['1'] } }))[0]).toMatch(
    /^evaluate\.race: An axis is called questions/,
  )
  expect(refusal({ ...race('counts', {}, false), score: { baseline: { A: 0.5 } } })).toEqual([
    "score.questions: ${questions} is a file that names each benchmark's questions, and how many there are is not said; expected score.questions, e.g. { GSM8k: 1319 }.",
  ])
})

test('the built-in evaluation answers each question in a race as it does without', { timeout: 120_000 }, async () => {
  const tiny = {
    layers: 1,
    width: 16,
    heads: 2,
    dataset_size: 400,
    batch_size: 16,
    row_length: 32,
    maximum_new_tokens: 8,
  }
  const definition = (race: boolean): SweepInput => ({
    name: `built-in ${race}`,
    axes: { seed: ['1', '2'] },
    trainer: 'sft',
    config: { ...tiny, benchmarks: ['level-1', 'level-3'] },
    evaluate: { race },
    score: { baseline: { 'level-1': 0.5, 'level-3': 0.5 } },
  })
  const answersOf = (id: number) =>
    server.sweep(id).points.map(({ checkpoint }) =>
      listEvaluations(server.context.database, [checkpoint!.id])
        .toSorted((a, b) => (a.benchmark < b.benchmark ? -1 : 1))
        .map(({ items, correct, total }) => ({
          lines: readFileSync(items!, 'utf8').trim().split('\n').toSorted(),
          correct,
          total,
        })),
    )
  const [raced, whole] = [server.create(definition(true)), server.create(definition(false))]
  const { points } = await server.finished(raced)
  expect((await server.finished(whole)).points.map(({ score }) => score)).toEqual(points.map(({ score }) => score))
  expect(answersOf(raced)).toEqual(answersOf(whole))
  const evaluations = (id: number) => listSweepJobs(server.context.database, id, 'evaluation').length
  expect([evaluations(raced), evaluations(whole)]).toEqual([6, 2])
})
