import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transaction } from '../../db/client.ts'
import { parseEvents } from '../ingest/parse-events.ts'
import { readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { openDataFolder } from '../open.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { csvLines, jsonLines, runsOf } from './export-metrics.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-export-'))
const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, folder))
if (!('context' in opened)) throw new Error('the folder is held')
const context: Context = opened.context
const names = 'loss, "best"'

beforeAll(() => {
  createSweep(context, {
    definition: { name: 'x', axes: { a: ['=1', '2'] }, train: { command: ['true'] }, score: { baseline: { B: 0.5 } } },
    directory: folder,
    paused: true,
  })
  transaction(context.database, () => {
    context.series.append(1, 1, [
      { step: 0, time: 1.5, values: { [names]: 3, rate: -0 } },
      { step: 10, time: 2, values: { [names]: NaN } },
      { step: 10, time: 2, values: { [names]: Infinity, reward: 1e-7 } },
      { step: 20, time: 3, values: { [names]: 99 } },
    ])
    // resumed from step 15: the steps from there on are the newer attempt's
    context.series.append(1, 2, [{ step: 20, time: 9, values: { [names]: -Infinity, reward: 2 } }])
    context.series.append(2, 1, [{ step: 5, time: 4, values: { other: 1 } }])
  })
})
afterAll(() => {
  opened.close()
  rmSync(folder, { recursive: true })
})

test('CSV: a row a step, a column a metric of any run, the newest attempt where one resumed', () => {
  expect([...csvLines(context, runsOf(context, 1))].join('').split('\r\n')).toEqual([
    'run,a,attempt,step,time,"loss, ""best""",rate,reward,other',
    "1,'=1,1,0,1.5,3,0,,",
    "1,'=1,1,10,2,NaN,,1e-7,",
    "1,'=1,1,10,2,Infinity,,,",
    "1,'=1,2,20,9,-Infinity,,2,",
    '2,2,1,5,4,,,,1',
    '',
  ])
})

test('JSONL: what a trainer would have reported, bit for bit', () => {
  const text = Buffer.from([...jsonLines(context, runsOf(context, 1))].join(''))
  const { metrics, problems } = parseEvents(text, text.length, 1)
  expect(problems).toEqual([])
  expect(metrics).toEqual([
    { step: 0, time: 1.5, values: { [names]: 3, rate: -0 } },
    { step: 10, time: 2, values: { [names]: NaN, reward: 1e-7 } },
    { step: 10, time: 2, values: { [names]: Infinity } },
    { step: 20, time: 9, values: { [names]: -Infinity, reward: 2 } },
    { step: 5, time: 4, values: { other: 1 } },
  ])
  expect(JSON.parse(text.toString().split('\n')[0]!)).toMatchObject({ run: 1, params: { a: '=1' }, attempt: 1 })
})
