/** Learning impact over a data folder: of imported rollouts, of a run that was tried again, and the files that come of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertEvents } from '../../../db/queries/events.ts'
import { insertAttempt } from '../../../db/queries/attempts.ts'
import { listSweepJobs } from '../../../db/queries/jobs.ts'
import { importMetrics } from '../../act/imports/import-metrics.ts'
import { saveProblemSets } from '../../act/runs/save-problem-sets.ts'
import { createSweep } from '../../act/sweeps/create-sweep.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { impactAsCsv, readImpactQuery } from '../../http/export-impact.ts'
import { openDataFolder } from '../../open.ts'
import { describeImpact, listImpact } from './describe-impact.ts'
import { describeProblemsRound } from './describe-problems-round.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-impact-'))
const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
if (!('context' in opened)) throw new Error('the folder is held')
const context: Context = opened.context
let imported = 0

/** Right answers of four, of each problem in each of three steps, as verl dumps them. */
const right: Record<string, number[]> = { never: [0, 0, 0], learned: [0, 2, 4], slowly: [0, 1, 2], always: [4, 4, 4] }

beforeAll(() => {
  const rollouts = path.join(folder, 'rollouts')
  mkdirSync(rollouts)
  for (const step of [1, 2, 3]) {
    const lines = Object.entries(right).flatMap(([input, counts]) =>
      Array.from({ length: 4 }, (_, at) => {
        const score = at < counts[step - 1]! ? 1 : -1
        return JSON.stringify({ input, output: `answer ${at}`, gts: `${input}!`, score, acc: score > 0 ? 1 : 0 })
      }),
    )
    writeFileSync(path.join(rollouts, `${step}.jsonl`), `${lines.join('\n')}\n`)
  }
  imported = importMetrics(context, { name: 'verl', files: [rollouts], directory: folder }).runs[0]!.runId
})

afterAll(() => {
  opened.close()
  rmSync(folder, { recursive: true, force: true })
})

test('imported rollouts: what says that a response is right is measured, the curves by passes, and the scores by the formula', async () => {
  const view = await describeImpact(context, imported, {})
  expect(view).toMatchObject({ problems: 4, samples: 48, by: 'acc', epochs: { passes: 3 }, why: null, scored: 4 })
  expect(view.mean).toEqual([0.25, 7 / 16, 10 / 16])
  const { rows, next } = await listImpact(context, imported, { order: 'highest', limit: 3 })
  const whole = 0.75 ** 2 + (9 / 16) ** 2 + (6 / 16) ** 2
  expect(rows.map(({ prompt, answer }) => [prompt, answer])).toEqual([
    ['slowly', 'slowly!'],
    ['learned', 'learned!'],
    ['never', 'never!'],
  ])
  expect(rows[1]!.score).toBeCloseTo(1 - (0.25 ** 2 + (1 / 16) ** 2 + (6 / 16) ** 2) / whole, 12)
  expect(rows[1]!.rewards).toEqual([0, 0.5, 1])
  expect(next).toBe(3)
  const [last] = (await listImpact(context, imported, { order: 'highest', limit: 3, cursor: 3 })).rows
  expect(last).toMatchObject({ prompt: 'always', score: 0, chosen: false })
  // with -1 as the reward of a wrong answer the same comes out: below 0 is 0
  const byReward = await describeImpact(context, imported, { by: '' })
  expect(byReward).toMatchObject({ by: '', mean: view.mean, range: { zero: 0, one: 1 } })
})

test('what was chosen is written with its answers, and the same choice is the same file', async () => {
  const asked = { thresholds: [0.6], controls: true }
  const sets = await saveProblemSets(context, imported, asked)
  expect(sets.map(({ name, problems }) => [name, problems])).toEqual([
    ['all', 4],
    ['chosen-0.6', 2],
    ['random-0.6', 2],
  ])
  const lines = readFileSync(sets[1]!.file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(lines).toMatchObject([
    { question: 'learned', answer: 'learned!' },
    { question: 'slowly', answer: 'slowly!' },
  ])
  expect(await saveProblemSets(context, imported, asked)).toEqual(sets)
  const out = path.join(folder, 'sets')
  expect((await saveProblemSets(context, imported, { ...asked, folder: out }))[1]!.file).toBe(
    path.join(out, 'chosen-0.6.jsonl'),
  )
  await expect(saveProblemSets(context, imported, { ...asked, folder: out })).rejects.toThrow(
    /all\.jsonl is there already/,
  )
  await expect(saveProblemSets(context, imported, { thresholds: [0.99], controls: false })).rejects.toThrow(
    /No problem reaches 0\.99; the highest score is 0\.\d{3}\./,
  )
})

test('a round on problems of a run that nothing here started: they are an axis, and the rest is to be filled in', () => {
  const round = describeProblemsRound(context, imported, {
    sets: ['/sets/chosen.jsonl'],
    seeds: [],
    checkpointId: null,
  })
  expect(round).toMatchObject({ before: null, definition: { axes: { problems: ['/sets/chosen.jsonl'] } } })
  expect(round.definition.train).toBeUndefined()
})

test('CSV: a row a problem, with its reward in each epoch', async () => {
  const query = readImpactQuery(new URLSearchParams('threshold=0.6&by=acc'))
  const [head, ...rows] = (await impactAsCsv(context, imported, query)).trim().split('\r\n')
  expect(head).toBe('question,answer,samples,impact,deviation,chosen,epoch_1,epoch_2,epoch_3')
  expect(rows).toHaveLength(4)
  expect(rows.find((row) => row.startsWith('always'))).toMatch(/^always,always!,12,0,[\d.]+,false,1,1,1$/)
  expect(() => readImpactQuery(new URLSearchParams('threshold=high'))).toThrow(
    'threshold is "high"; expected a number.',
  )
  expect(() => readImpactQuery(new URLSearchParams('steps=0'))).toThrow(
    'steps is 0; expected a whole number of 1 or more.',
  )
})

test('steps that an earlier attempt made and a later one repeated count once; without a second pass there is a sentence', async () => {
  const { id } = createSweep(context, {
    definition: {
      name: 'again',
      axes: { seed: ['1', '2'] },
      train: { command: ['true'] },
      score: { baseline: { A: 0.5 } },
    },
    directory: folder,
  })
  const [first, second] = listSweepJobs(context.database, id, 'training').map((job) => job.id)
  let line = 0
  const sample = (jobId: number, attempt: number, step: number, prompt: string, reward: number) => ({
    jobId,
    attempt,
    line: ++line,
    type: 'sample' as const,
    step,
    body: { type: 'sample', step, prompt, response: 'so', reward },
  })
  for (const number of [1, 2])
    insertAttempt(context.database, { jobId: first!, number, status: 'done', claimedAt: 0, slots: [] })
  insertAttempt(context.database, { jobId: second!, number: 1, status: 'done', claimedAt: 0, slots: [] })
  insertEvents(context.database, [
    ...[1, 2].flatMap((step) => [sample(first!, 1, step, 'a', 0), sample(first!, 1, step, 'b', 0)]),
    ...[2, 3].flatMap((step) => [sample(first!, 2, step, 'a', 1), sample(first!, 2, step, 'b', step - 2)]),
    ...['a', 'b', 'c'].map((prompt) => sample(second!, 1, 1, prompt, 1)),
  ])
  const view = await describeImpact(context, first!, {})
  expect(view).toMatchObject({ samples: 6, passes: 3, by: '', mean: [0, 0.5, 1] })
  expect((await describeImpact(context, second!, {})).why).toMatch(/^Most problems were asked once/)
  expect((await describeImpact(context, second!, { epochs: { steps: 4 } })).why).toMatch(
    /^No problem has two epochs of 4 steps/,
  )
  expect((await describeImpact(context, first!, { epochs: { passes: 9 } })).why).toBe('No problem was asked 9 times.')
  await expect(saveProblemSets(context, second!, { thresholds: [0.6], controls: false })).rejects.toThrow(/asked once/)
})
