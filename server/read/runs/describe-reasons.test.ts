import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { transaction } from '../../../db/client.ts'
import { insertCheckpoint } from '../../../db/queries/checkpoints.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { openDataFolder } from '../../open.ts'
import { createSweep } from '../../act/sweeps/create-sweep.ts'
import { requireRun } from '../../base/finding/find-run-job.ts'
import { describeReasons } from './describe-reasons.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-reasons-'))
const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
if (!('context' in opened)) throw new Error('the folder is held')
const context: Context = opened.context
afterAll(() => {
  opened.close()
  rmSync(folder, { recursive: true })
})

test('each checkpoint has the figures of the curves up to it, under whatever names the trainer has for them', () => {
  createSweep(context, {
    definition: { name: 'x', axes: { a: ['1'] }, train: { command: ['true'] }, score: { baseline: { B: 0.5 } } },
    directory: folder,
    paused: true,
  })
  const rows = Array.from({ length: 100 }, (_, at) => ({
    step: at + 1,
    time: null,
    values: {
      'critic/score/mean': Math.min(50, at) + (at % 2),
      'actor/entropy': 2 - 0.019 * at,
      'clip_ratio/low_mean': 0.01,
      'clip_ratio/high_mean': 0.02,
      loss: 1,
    },
  }))
  transaction(context.database, () => context.series.append(1, 1, rows))
  for (const step of [30, 100]) insertCheckpoint(context.database, { runId: 1, attempt: 1, step, path: null })
  insertCheckpoint(context.database, { runId: 1, attempt: 1, step: null, path: '/somewhere' })

  const { metrics, checkpoints } = describeReasons(context, requireRun(context, 1))
  expect(metrics).toEqual({
    reward: ['critic/score/mean'],
    entropy: ['actor/entropy'],
    clip: ['clip_ratio/low_mean', 'clip_ratio/high_mean'],
  })
  const [early, late, unplaced] = checkpoints.toSorted((a, b) => a.id - b.id)
  expect(early).toMatchObject({ reward: { state: 'rising' }, entropy: { isLow: false }, length: null, fromBest: null })
  expect(early!.clip!.value).toBeCloseTo(0.03)
  expect(late).toMatchObject({ reward: { state: 'flat', trend: { from: 68, to: 100 } }, entropy: { isLow: true } })
  expect(unplaced).toMatchObject({ reward: null, entropy: null, kl: null })
})
