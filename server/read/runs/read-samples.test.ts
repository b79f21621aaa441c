import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertEvents, type NewEvent } from '../../../db/queries/events.ts'
import { insertAttempt } from '../../../db/queries/attempts.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { openDataFolder } from '../../open.ts'
import { createSweep } from '../../act/sweeps/create-sweep.ts'
import {
  describePrompt,
  describeSampleSteps,
  listSamplesByIds,
  readSamples,
  type SamplesQuery,
} from './read-samples.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-samples-'))
const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
if (!('context' in opened)) throw new Error('the folder is held')
const context: Context = opened.context
const run = 1
let line = 0

type Given = {
  attempt?: number
  step: number
  prompt: string
  response?: string
  reward?: number
  parts?: object
  advantage?: number
  group?: object
}

function sample({ attempt = 1, step, prompt, response = 'so', ...figures }: Given): NewEvent {
  const body = { type: 'sample', step, prompt, response, ...figures }
  return { jobId: run, attempt, line: ++line, type: 'sample', step, body }
}

/** Every page of a list, one after the other, as `step/attempt: prompt response`. */
async function all(query: Partial<SamplesQuery>): Promise<string[]> {
  const found: string[] = []
  let after: number | undefined
  do {
    const page = await readSamples(context, run, {
      search: '',
      filter: '',
      order: 'reported',
      limit: 2,
      ...query,
      after,
    })
    found.push(...page.samples.map((one) => `${one.step}/${one.attempt}: ${one.prompt} ${one.reward}`))
    after = page.next ?? undefined
  } while (after !== undefined)
  return found
}

beforeAll(() => {
  createSweep(context, {
    definition: { name: 'x', axes: { a: ['1', '2'] }, train: { command: ['true'] }, score: { baseline: { B: 0.5 } } },
    directory: folder,
    paused: true,
  })
  for (const number of [1, 2]) {
    insertAttempt(context.database, {
      jobId: run,
      number,
      status: 'running',
      slots: [],
      claimedAt: 1,
      firstStep: number === 1 ? 1 : 3,
    })
  }
  insertEvents(context.database, [
    sample({ step: 1, prompt: 'p', reward: 10, parts: { correct: 10, length: 0 } }),
    sample({ step: 1, prompt: 'q', reward: -1, parts: { correct: 0, length: -1 } }),
    sample({ step: 1, prompt: 'p', reward: 4, parts: { correct: 10, length: -6 } }),
    sample({ step: 2, prompt: 'p', response: 'a 100% \\frac{1}{2}\n\tÉtude "quoted"', reward: 7 }),
    sample({ step: 3, prompt: 'p', reward: 1 }),
    sample({ step: 4, prompt: 'p', reward: 2 }),
    { jobId: run, attempt: 1, line: 99, type: 'note', body: { level: 'info', text: 'so' } },
    { jobId: 2, attempt: 1, line: 1, type: 'sample', step: 1, body: { prompt: 'p', response: 'other run' } },
  ])
})
afterAll(() => {
  opened.close()
  rmSync(folder, { recursive: true })
})

test('samples come by step, those of a prompt together, and a page goes on where the one before ended', async () => {
  // attempt 2 began at step 3, so that what attempt 1 has from there on is not shown
  expect(await all({})).toEqual(['1/1: p 10', '1/1: p 4', '1/1: q -1', '2/1: p 7'])
  expect(await all({ order: 'lowest' })).toEqual(['1/1: q -1', '1/1: p 4', '2/1: p 7', '1/1: p 10'])
  expect(await all({ step: 1, order: 'highest' })).toEqual(['1/1: p 10', '1/1: p 4', '1/1: q -1'])
  expect(await all({ attempt: 1, filter: 'step >= 2' })).toEqual(['2/1: p 7', '3/1: p 1', '4/1: p 2'])
})

test('a resumed attempt’s samples take the place of the repeated steps as they arrive', async () => {
  insertEvents(context.database, [
    sample({ attempt: 2, step: 3, prompt: 'p', reward: 30 }),
    sample({ attempt: 2, step: 3, prompt: 'p', reward: 50 }),
  ])
  expect((await all({})).slice(-2)).toEqual(['3/2: p 30', '3/2: p 50'])
  const { steps, attempts, samples, prompts } = await describeSampleSteps(context, run)
  expect({ samples, prompts }).toEqual({ samples: 8, prompts: 2 })
  expect(attempts).toEqual([
    { number: 1, samples: 6, firstStep: 1, lastStep: 4, superseded: 2 },
    { number: 2, samples: 2, firstStep: 3, lastStep: 3, superseded: 0 },
  ])
  expect(steps.step).toEqual([1, 2, 3, 3, 4])
  expect(steps.attempt).toEqual([1, 1, 1, 2, 1])
  expect(steps.superseded).toEqual([false, false, true, false, true])
  expect(steps.mean[0]).toBeCloseTo(13 / 3)
  expect([steps.low[0], steps.high[0]]).toEqual([-1, 10])
})

test('of a group that its trainer told of, the figures are those of all its samples, reported or not', async () => {
  const group = { samples: 8, mean: 12.5, deviation: 35.4 }
  insertEvents(context.database, [
    sample({ step: 7, prompt: 'told', reward: 0, advantage: -0.35, group }),
    sample({ step: 7, prompt: 'told', reward: 0, advantage: -0.35, group }),
    sample({ step: 7, prompt: 'untold', reward: 5 }),
    sample({ step: 7, prompt: 'untold', reward: 5 }),
  ])
  const page = await readSamples(context, run, {
    step: 7,
    attempt: 1,
    search: '',
    filter: '',
    order: 'reported',
    limit: 10,
  })
  expect(
    page.samples.map(({ advantage, group: { index: _index, ...figures } }) => ({ advantage, ...figures })),
  ).toEqual([
    { advantage: -0.35, samples: 2, of: 8, mean: 12.5, deviation: 35.4 },
    { advantage: -0.35, samples: 2, of: 8, mean: 12.5, deviation: 35.4 },
    { advantage: null, samples: 2, of: null, mean: 5, deviation: 0 },
    { advantage: null, samples: 2, of: null, mean: 5, deviation: 0 },
  ])
  expect(await all({ attempt: 1, filter: 'advantage < 0 and spread > 30' })).toEqual(['7/1: told 0', '7/1: told 0'])
})

test('a group has its mean and spread, and a prompt is followed over its steps', async () => {
  const page = await readSamples(context, run, { step: 1, search: '', filter: '', order: 'spread', limit: 10 })
  expect(page.samples.map(({ prompt, group }) => [prompt, group.samples, group.mean, group.deviation])).toEqual([
    ['p', 2, 7, Math.sqrt(18)],
    ['p', 2, 7, Math.sqrt(18)],
    ['q', 1, -1, 0],
  ])
  const { points } = await describePrompt(context, run, page.samples[0]!.id)
  expect(points.map(({ step, attempt, reward }) => [step, attempt, reward])).toEqual([
    [1, 1, 10],
    [1, 1, 4],
    [2, 1, 7],
    [3, 2, 30],
    [3, 2, 50],
  ])
  const some = await listSamplesByIds(context, run, [points[2]!.id, points[0]!.id, 8])
  expect(some.map(({ step }) => step)).toEqual([2, 1])
})

test('filters go by reward and parts, and say what they do not understand', async () => {
  expect(await all({ filter: 'length < 0' })).toEqual(['1/1: p 4', '1/1: q -1'])
  expect(await all({ filter: 'length < 0 and not reward < 0' })).toEqual(['1/1: p 4'])
  expect(await all({ filter: 'characters > 10' })).toEqual(['2/1: p 7'])
  const errorOf = async (filter: string) =>
    (await readSamples(context, run, { search: '', filter, order: 'reported', limit: 2 })).error
  expect(await errorOf('style < 0')).toMatch(/^There is no “style” here\. Known: step, .*correct, length/)
  expect(await errorOf('reward > 0 and boxed')).toMatch('“boxed” compares nothing.')
})

test('a search finds text as it was written, whichever letters are capital, and nothing of the event around it', async () => {
  const found = async (search: string) => (await all({ search })).length
  expect(await found('100%')).toBe(1)
  expect(await found('\\FRAC{1}')).toBe(1)
  expect(await found('\n\tétude')).toBe(1)
  expect(await found('"quoted"')).toBe(1)
  expect(await found('1_0%')).toBe(0)
  expect(await found('correct')).toBe(0)
  expect(await found('Q')).toBe(2)
})

test('a run that does not exist, and a sample of another run, are said so', async () => {
  await expect(describeSampleSteps(context, 99)).rejects.toThrow('There is no run 99.')
  await expect(describePrompt(context, run, 8)).rejects.toThrow('Run 1 has no sample 8.')
})
