import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertAttempt } from '../../../db/queries/attempts.ts'
import { findJob, updateJob } from '../../../db/queries/jobs.ts'
import { readConfig } from '../../base/process/config.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { metricNames } from '../../base/finding/metric-names.ts'
import { tailAttempt } from '../runs/tail-attempt.ts'
import { openDataFolder } from '../../open.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { checkData, rereadMetrics } from './check-data.ts'

let folder: string
let context: Context
let close: () => void
let runId: number
let file: string

/** A run of two attempts, the second of which took up step 1,500 again. */
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-check-'))
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
  createSweep(context, {
    definition: { name: 'x', axes: { a: ['1'] }, train: { command: ['true'] }, score: { baseline: { B: 0.5 } } },
    directory: folder,
    paused: true,
  })
  runId = 1
  for (const [number, from, to] of [
    [1, 0, 2000],
    [2, 1500, 3000],
  ] as const) {
    updateJob(context.database, runId, { attempt: number })
    insertAttempt(context.database, { jobId: runId, number, status: 'done', slots: [], claimedAt: 0 })
    mkdirSync(attemptFolder(context, runId, number), { recursive: true })
    file = path.join(attemptFolder(context, runId, number), 'events.jsonl')
    const lines = Array.from(
      { length: to - from },
      (_, at) =>
        `${JSON.stringify({ type: 'metrics', step: from + at, time: at, values: { loss: Math.sin(from + at), accuracy: at } })}\n`,
    )
    // a last line that was cut off in the middle
    writeFileSync(file, `${lines.join('')}{"type":"metrics","st`)
    tailAttempt(context, findJob(context.database, runId)!, { ended: true })
  }
  context.series.finish(runId)
  while (context.series.maintain(100));
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true })
})

const points = () => ['loss', 'accuracy'].map((metric) => [...context.series.values(runId, metric)])
const damage = () =>
  context.database.$client.prepare('update series_chunks set data = zeroblob(length(data)) where id = 1').run()

test('a whole folder: nothing is wrong', () => {
  expect(checkData(context)).toEqual({ problems: [], notes: [], attempts: 2 })
})

test('a damaged chunk is named with its run, and read again from the events files', () => {
  const before = points()
  expect(before[0]).toHaveLength(3000)
  damage()
  const { problems } = checkData(context)
  expect(problems.length).toBeGreaterThan(0)
  expect(problems.every((problem) => problem.runId === runId)).toBe(true)
  expect(rereadMetrics(context, runId)).toMatchObject({ mended: true, text: expect.stringContaining('3500 rows') })
  expect(checkData(context).problems).toEqual([])
  expect(points()).toEqual(before)
})

test('metrics are left as they are where an events file is gone or shorter than what was read', () => {
  truncateSync(file, 100)
  damage()
  const { problems } = checkData(context)
  expect(problems.map((problem) => problem.text)).toContainEqual(
    expect.stringMatching(/^Run 1, attempt 2: events.jsonl has 100 bytes, and \d+ were read/),
  )
  expect(rereadMetrics(context, runId)).toMatchObject({
    mended: false,
    text: expect.stringContaining('gone or shorter'),
  })
  expect(metricNames(context.series, runId)).toEqual(['loss', 'accuracy'])
})

test('bytes that came after an attempt’s end, and files that are gone, are said and no damage', () => {
  appendFileSync(file, '\n{}\n')
  rmSync(path.join(attemptFolder(context, runId, 1), 'events.jsonl'))
  const { problems, notes } = checkData(context)
  expect(problems).toEqual([])
  expect(notes).toEqual([
    'Run 1, attempt 2: the last 4 bytes of events.jsonl came after its end and were not read.',
    '1 events file is gone; what was read of them is kept.',
  ])
})

test('metrics without a run are found and removed; rows that refer to nothing are found', () => {
  const { $client: connection } = context.database
  connection.transaction(() => context.series.append(77, 1, [{ step: 1, time: 0, values: { loss: 1 } }]))()
  expect(checkData(context).problems).toEqual([{ text: 'Metrics are kept of run 77, which is not there.', runId: 77 }])
  rereadMetrics(context, 77)
  connection.pragma('foreign_keys = off')
  connection.prepare('update points set run_id = 99').run()
  expect(checkData(context).problems).toEqual([
    { text: 'Row 1 of points refers to a row of jobs that is not there.', runId: null },
  ])
})
