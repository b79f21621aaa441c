import { mkdirSync, mkdtempSync, rmSync, appendFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findCheckpointByStep, listEvaluations } from '../../../db/queries/checkpoints.ts'
import { listEvents } from '../../../db/queries/events.ts'
import { insertAttempt } from '../../../db/queries/attempts.ts'
import { findJob, updateJob } from '../../../db/queries/jobs.ts'
import { readConfig } from '../../base/process/config.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { mostBenchmarks, mostMetrics } from '../../formats/most-names.ts'
import { openDataFolder } from '../../open.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { rereadMetrics } from '../system/check-data.ts'
import { tailAttempt } from './tail-attempt.ts'

let folder: string
let context: Context
let close: () => void
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-names-'))
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
  createSweep(context, {
    definition: { name: 'x', axes: { a: ['1'] }, train: { command: ['true'] }, score: { baseline: { B: 0.5 } } },
    directory: folder,
    paused: true,
  })
  updateJob(context.database, 1, { attempt: 1 })
  insertAttempt(context.database, { jobId: 1, number: 1, status: 'running', slots: [], claimedAt: 0 })
  mkdirSync(attemptFolder(context, 1, 1), { recursive: true })
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

function write(...events: object[]): void {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  appendFileSync(path.join(attemptFolder(context, 1, 1), 'events.jsonl'), lines)
  tailAttempt(context, findJob(context.database, 1)!, { ended: false })
}
const told = () => listEvents(context.database, 1, ['problem'], 100).map(({ body }) => body.message)
const metrics = (step: number, from: number, to: number) => ({
  type: 'metrics',
  step,
  values: Object.fromEntries(Array.from({ length: to - from }, (_, at) => [`m${from + at}`, at])),
})

test('metrics beyond the most are told once and left in the file; those known go on, and a repair gives the same', () => {
  write(metrics(1, 0, mostMetrics - 1))
  expect(told()).toEqual([])
  write(metrics(2, mostMetrics - 2, mostMetrics + 3))
  write(metrics(3, 0, 1), metrics(4, mostMetrics + 3, mostMetrics + 9))
  expect(told()).toEqual([expect.stringMatching(/^"m20000" and 2 more are not shown: at most 20,000 metrics/)])
  const names = context.series.names(1)
  expect(names).toHaveLength(mostMetrics)
  expect([...context.series.values(1, 'm0')].map(({ step }) => step)).toEqual([1, 3])
  expect(rereadMetrics(context, 1).mended).toBe(true)
  expect(context.series.names(1)).toEqual(names)
})

test('benchmarks beyond the most are told once, and those that are there are measured again', () => {
  const evaluation = (benchmark: string, correct: number) => ({
    type: 'evaluation',
    step: 1,
    benchmark,
    correct,
    total: 4,
  })
  write(...Array.from({ length: mostBenchmarks + 5 }, (_, at) => evaluation(`b${at}`, 1)))
  write(evaluation('b0', 3), evaluation('one more', 1), evaluation('x'.repeat(2000), 1))
  const checkpoint = findCheckpointByStep(context.database, 1, 1)!
  const rows = listEvaluations(context.database, [checkpoint.id])
  expect(rows).toHaveLength(mostBenchmarks)
  expect(rows.find(({ benchmark }) => benchmark === 'b0')).toMatchObject({ correct: 3 })
  expect(told()).toEqual([expect.stringMatching(/^"b2000" and 4 more are not shown: at most 2,000 benchmarks/)])
})
