import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transaction } from '../../db/client.ts'
import { parseEvents } from '../formats/parse-events.ts'
import { readConfig } from '../base/process/config.ts'
import type { Context } from '../base/context.ts'
import { openDataFolder } from '../open.ts'
import { createSweep } from '../act/sweeps/create-sweep.ts'
import { csvLines, jsonLines, jobsOfSweep, sendMetrics } from './export-metrics.ts'
import { parquetPieces, type RunOfFile } from './parquet-rows.ts'

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
  expect([...csvLines(context, jobsOfSweep(context, 1))].join('').split('\r\n')).toEqual([
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
  const text = Buffer.from([...jsonLines(context, jobsOfSweep(context, 1))].join(''))
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

/** The rows of a Parquet file as the CSV would write them. */
async function asCsv(file: ArrayBuffer): Promise<string[][]> {
  const rows = await parquetReadObjects({ file })
  const names = parquetMetadata(file)
    .schema.slice(1)
    .map((column) => column.name)
  const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value))
  return [names, ...rows.map((row) => names.map((name) => text(row[name])))]
}

test('Parquet over HTTP: the rows and columns of the CSV, NaN and infinities as values, parameters as columns', async () => {
  const runs = jobsOfSweep(context, 1)
  const server = createServer((_, response) => sendMetrics(context, response, runs, { name: 'x', format: 'parquet' }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="x-metrics.parquet"')
  const found = await asCsv(await response.arrayBuffer())
  server.close()
  expect(found).toEqual([
    ['run', 'a', 'attempt', 'step', 'time', names, 'rate', 'reward', 'other'],
    ['1', '=1', '1', '0', '1.5', '3', '0', '', ''],
    ['1', '=1', '1', '10', '2', 'NaN', '', '1e-7', ''],
    ['1', '=1', '1', '10', '2', 'Infinity', '', '', ''],
    ['1', '=1', '2', '20', '9', '-Infinity', '', '2', ''],
    ['2', '2', '1', '5', '4', '', '', '', '1'],
  ])
})

test('Parquet of many rows comes in row groups; numbers are numbers, -0 stays, names that clash are told apart', async () => {
  const steps = 150_000
  transaction(context.database, () => {
    const rows = Array.from({ length: steps }, (_, step) => ({
      step: step * 2 ** 35,
      time: step % 3 === 0 ? null : step / 8,
      values: { step: step === 7 ? -0 : Math.sin(step), 'metric.step': step, rate: step % 2 === 0 ? NaN : 1 / step },
    }))
    context.series.append(77, 1, rows)
  })
  const runs: RunOfFile[] = [
    { id: 77, number: 1, params: { rate: '1e-5', seed: 'x' } },
    { id: 78, number: 2, params: {} },
  ]
  const pieces = [...parquetPieces(context.series, runs)]
  const file = new Uint8Array(Buffer.concat(pieces)).buffer
  expect(parquetMetadata(file).row_groups.length).toBeGreaterThan(2)
  const rows = await parquetReadObjects({ file })
  expect(rows).toHaveLength(steps)
  expect(rows[7]).toEqual({
    run: 1,
    rate: 1e-5,
    seed: 'x',
    attempt: 1,
    step: BigInt(7 * 2 ** 35),
    time: 7 / 8,
    'metric.step': -0,
    'metric.metric.step': 7,
    'metric.rate': 1 / 7,
  })
  expect(rows.map((row) => Number(row.step))).toEqual(Array.from({ length: steps }, (_, step) => step * 2 ** 35))
  expect(rows.every((row, step) => Object.is(row['metric.rate'], step % 2 === 0 ? NaN : 1 / step))).toBe(true)
  expect(rows[3]!.time).toBeNull()
})

test('Parquet of more metrics than a table has columns for: a row a value', async () => {
  const values = Object.fromEntries(Array.from({ length: 1200 }, (_, metric) => [`layer/${metric}`, metric / 8]))
  transaction(context.database, () => {
    context.series.append(79, 1, [
      { step: 0, time: 1, values },
      { step: 5, time: 2, values: { 'layer/3': NaN } },
    ])
  })
  const pieces = [...parquetPieces(context.series, [{ id: 79, number: 4, params: { value: '2' } }])]
  const rows = await parquetReadObjects({ file: new Uint8Array(Buffer.concat(pieces)).buffer })
  expect(rows).toHaveLength(1201)
  const row = { run: 4, 'param.value': 2, attempt: 1, metric: 'layer/3' }
  expect(rows.slice(3, 5)).toEqual([
    { ...row, step: 0n, time: 1, value: 3 / 8 },
    { ...row, step: 5n, time: 2, value: NaN },
  ])
})
