/**
 * Samples of one run: 100,000 of them, 2,000 characters each. What the page of rollouts asks, through the same verbs, and the
 * longest that the server's other work waits meanwhile. The peer is SQL over the stored JSON in the same run.
 * By hand: `node bench/samples.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { insertEvents, type NewEvent } from '../db/queries/events.ts'
import { createRandom } from '../domain/stats/rng.ts'
import { readConfig } from '../server/base/process/config.ts'
import type { Context } from '../server/base/context.ts'
import { openDataFolder } from '../server/open.ts'
import {
  describePrompt,
  describeSampleSteps,
  readSamples,
  type SamplesQuery,
} from '../server/read/runs/read-samples.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { printTable } from './table.ts'

const steps = 1_000
const promptsAStep = 12
const samplesAPrompt = 8
const characters = 2_000
const rounds = 5

/** Prints the table. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
  if (!('context' in opened)) throw new Error(`${folder} is held`)
  const { context } = opened
  seed(context)
  const count = steps * promptsAStep * samplesAPrompt
  const page = (query: Partial<SamplesQuery>) => () =>
    readSamples(context, 1, { search: '', filter: '', order: 'reported', limit: 40, ...query })
  const sql = (text: string) => () =>
    context.database.$client.prepare(`select * from events where job_id = 1 and type = 'sample' ${text}`).all()
  const { samples } = await page({ step: 500 })()
  const tasks: [string, () => unknown, (() => unknown) | null][] = [
    [
      'steps with samples and mean reward',
      () => describeSampleSteps(context, 1),
      () =>
        context.database.$client
          .prepare(
            `select step, count(*), avg(json_extract(body, '$.reward')) from events where job_id = 1 and type = 'sample' group by step`,
          )
          .all(),
    ],
    ['a step', page({ step: 500 }), sql('and step = 500 order by id limit 40')],
    ['lowest rewards of all steps', page({ order: 'lowest' }), sql(`order by json_extract(body, '$.reward') limit 40`)],
    [
      'a filter by a part, all steps',
      page({ filter: 'length < -9.5' }),
      sql(`and json_extract(body, '$.parts.length') < -9.5 limit 40`),
    ],
    ['a word that most have, all steps', page({ search: 'therefore' }), null],
    [
      'a word that one has, every call until it is found',
      () => toTheEnd(context, 'unmistakable'),
      sql(`and body like '%unmistakable%'`),
    ],
    ['a prompt over the steps', () => describePrompt(context, 1, samples[0]!.id), null],
  ]
  const rows: string[][] = []
  for (const [name, task, peer] of tasks) {
    rows.push([name, median(await timesOf(task)), peer ? median(await timesOf(peer)) : ''])
  }
  const { cold, longest } = await coldLoad(opened, folder)
  rows.unshift([`the first call after a start (other work waits ${longest} at most)`, cold, ''])
  rmSync(folder, { recursive: true })
  printTable(
    `${count.toLocaleString('en-US')} samples of ${characters.toLocaleString('en-US')} characters in one run, ms median of ${rounds} calls`,
    [['', 'Sweepboard', 'SQL over JSON'], ...rows],
  )
}

/** A search as the page makes it: one call after the other until everything was looked at. */
async function toTheEnd(context: Context, search: string): Promise<void> {
  let after: number | undefined
  do {
    const found = await readSamples(context, 1, { search, filter: '', order: 'reported', limit: 40, after })
    after = found.next ?? undefined
  } while (after !== undefined)
}

async function coldLoad(
  opened: { context: Context; close: () => void },
  folder: string,
): Promise<{ cold: string; longest: string }> {
  opened.close()
  const again = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
  if (!('context' in again)) throw new Error(`${folder} is held`)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const started = performance.now()
  await describeSampleSteps(again.context, 1)
  const cold = (performance.now() - started).toFixed(0)
  loop.disable()
  again.close()
  return { cold, longest: (loop.max / 1e6).toFixed(0) }
}

function seed(context: Context): void {
  createSweep(context, {
    definition: {
      name: 'samples',
      axes: { a: ['1'] },
      train: { command: ['true'] },
      score: { baseline: { A: 0.5 } },
    },
    directory: context.config.dataFolder,
    paused: true,
  })
  const random = createRandom(1)
  const words = ['so', 'therefore', 'the', 'sum', '\\frac{1}{2}', 'is', 'equal', 'to', '7', 'because']
  let line = 0
  for (let step = 1; step <= steps; step++) {
    const rows: NewEvent[] = []
    for (let prompt = 0; prompt < promptsAStep; prompt++) {
      const question = `Question ${Math.floor(random.uniform() * 2_000)}: how many are there?`
      for (let sample = 0; sample < samplesAPrompt; sample++) {
        let response = ''
        while (response.length < characters) response += `${words[Math.floor(random.uniform() * words.length)]} `
        if (step === steps - 1 && prompt === 0 && sample === 0) response += 'unmistakable'
        const parts = { correct: random.uniform() < step / steps ? 100 : 0, length: -10 * random.uniform() }
        const reward = parts.correct + parts.length
        const body = { type: 'sample', step, prompt: question, response, reward, parts }
        rows.push({ jobId: 1, attempt: 1, line: ++line, type: 'sample', step, body })
      }
    }
    insertEvents(context.database, rows)
  }
}

async function timesOf(task: () => unknown): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await task()
    times.push(performance.now() - started)
  }
  return times
}

function median(times: number[]): string {
  const value = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!
  return value.toFixed(value < 10 ? 1 : 0)
}

if (import.meta.main) await run()
