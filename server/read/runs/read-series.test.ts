/** Curves on other axes than steps, of a run that was resumed an hour after its first attempt ended. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertAttempt } from '../../../db/queries/attempts.ts'
import { findJob, updateJob } from '../../../db/queries/jobs.ts'
import { readConfig } from '../../base/process/config.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { tailAttempt } from '../../act/runs/tail-attempt.ts'
import { openDataFolder } from '../../open.ts'
import { createSweep } from '../../act/sweeps/create-sweep.ts'
import { metricNames } from '../../base/finding/metric-names.ts'
import { readSeries } from './read-series.ts'
import { listAxes } from './step-axis.ts'

const runId = 1
/** Steps of 2.5 s. */
const secondsEachStep = 2.5
const attempts = [
  { number: 1, from: 0, to: 12_000, began: 1_700_000_000 },
  { number: 2, from: 10_000, to: 20_000, began: 1_700_000_000 + 12_000 * secondsEachStep + 3600 },
]
const valueAt = (step: number) => Math.sin(step * 1.7) * step

let folder: string
let context: Context
let close: () => void
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-axes-'))
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
  createSweep(context, {
    definition: {
      name: 'axes',
      axes: { a: ['1', '2'] },
      train: { command: ['true'] },
      score: { baseline: { A: 0.5 } },
    },
    directory: folder,
    paused: true,
  })
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true })
})

function write(id: number, parts: typeof attempts, line: (step: number, time: number) => object): void {
  for (const { number, from, to, began } of parts) {
    updateJob(context.database, id, { attempt: number })
    insertAttempt(context.database, { jobId: id, number, status: 'done', slots: [], claimedAt: 0 })
    mkdirSync(attemptFolder(context, id, number), { recursive: true })
    const lines: string[] = []
    for (let step = from; step < to; step++)
      lines.push(
        `${JSON.stringify({ type: 'metrics', step, ...line(step, began + (step - from) * secondsEachStep) })}\n`,
      )
    writeFileSync(path.join(attemptFolder(context, id, number), 'events.jsonl'), lines.join(''))
    tailAttempt(context, findJob(context.database, id)!, { ended: true })
  }
  context.series.finish(id)
  while (context.series.maintain(100));
}

const withTimes = () =>
  write(runId, attempts, (step, time) => ({
    time,
    values: { loss: valueAt(step), 'train/epoch': step / 4000, num_tokens: step * 512 },
  }))

test('axes that the data know are offered with their ends, the others with why not', () => {
  withTimes()
  write(2, [{ number: 1, from: 0, to: 50, began: 0 }], (step) => ({ values: { loss: step } }))
  const ends = Object.fromEntries(listAxes(context, [runId]).map(({ kind, extent }) => [kind, extent]))
  // 10,000 steps of the first attempt are seen, then 10,000 of the second; the hour between them is left out
  expect(ends.relative![0]).toBe(0)
  expect(Math.abs(ends.relative![1] - 20_000 * secondsEachStep)).toBeLessThanOrEqual(2 * secondsEachStep)
  expect(ends.wall).toEqual([attempts[0]!.began, attempts[1]!.began + 9_999 * secondsEachStep])
  expect(ends.epoch).toEqual([0, 19_999 / 4000])
  expect(ends.tokens).toEqual([0, 19_999 * 512])
  expect(listAxes(context, [2]).map(({ missing }) => missing)).toEqual([
    'its trainer wrote no time with its metrics.',
    'its trainer wrote no time with its metrics.',
    'its trainer reported no epoch, neither as a metric nor with its checkpoints.',
    'its trainer reported no metric that counts tokens, such as “tokens”.',
  ])
  expect(listAxes(context, [runId, 2])[0]!.missing).toBe('Run 2: its trainer wrote no time with its metrics.')
  // the times are a series that no list names
  expect(metricNames(context.series, runId)).toEqual(['loss', 'train/epoch', 'num_tokens'])
})

test('on every axis the extremes are exact, whole and zoomed into, and stand where their steps do', () => {
  withTimes()
  const [first, second] = attempts as [(typeof attempts)[0], (typeof attempts)[0]]
  const placeOf = {
    relative: (step: number) => step * secondsEachStep,
    wall: (step: number) =>
      step < second.from ? first.began + step * secondsEachStep : second.began + (step - second.from) * secondsEachStep,
    epoch: (step: number) => step / 4000,
    tokens: (step: number) => step * 512,
  }
  for (const axis of ['relative', 'wall', 'epoch', 'tokens'] as const) {
    for (const [low, high] of [
      [0, 19_999],
      [4000, 4100],
      [15_000, 17_500],
    ] as const) {
      const zoomed = high - low < 19_999
      const [series] = readSeries(context, {
        runIds: [runId],
        metrics: ['loss'],
        axis,
        buckets: 300,
        ...(zoomed && { from: placeOf[axis](low), to: placeOf[axis](high) }),
      })
      const { steps, places, minimum, maximum } = series!
      expect(steps[0], axis).toBeLessThanOrEqual(low)
      // fine enough: what is zoomed into has buckets of its own, a little beyond its ends
      expect(steps.filter((step) => step >= low && step <= high).length, `${axis} ${low}`).toBeGreaterThan(
        zoomed ? 90 : 140,
      )
      // what lies between a step and the next stands to scale, the start of the second attempt aside
      const apart = axis === 'relative' || axis === 'wall' ? 2 * secondsEachStep : 1e-6 * placeOf[axis](high)
      for (const [at, step] of steps.entries()) {
        if (step < low || step > high) continue
        expect(Math.abs(places![at]! - placeOf[axis](step)), `${axis} at step ${step}`).toBeLessThanOrEqual(apart)
        const end = steps[at + 1]
        if (end === undefined) continue
        const values = Array.from({ length: end - step }, (_, offset) => valueAt(step + offset))
        expect([minimum[at], maximum[at]]).toEqual([Math.min(...values), Math.max(...values)])
      }
    }
  }
})
