import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findOwnRun } from '../../../db/queries/own-runs.ts'
import { listSweeps } from '../../../db/queries/sweeps.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { openDataFolder } from '../../open.ts'
import { describeOwnRun } from '../../read/own-runs/describe-own-run.ts'
import { listProjectViews } from '../../read/own-runs/list-projects.ts'
import { readRunsList, type RunsAskedFor } from '../../read/runs/list-runs.ts'
import { eventFile } from '../../../tests/event-file.ts'
import { checkData } from '../system/check-data.ts'
import { importMetrics } from './import-metrics.ts'
import { readMetricsLine } from '../../formats/json-metrics.ts'
import { maskedChecksum, readTensorBoard } from '../../formats/tensorboard.ts'

const runsOfAll: RunsAskedFor = { of: 'own', filter: '', sort: 'started', descending: true, offset: 0, limit: 10 }

/** Written by tensorboardX 2.6: a scalar, a text and an infinite scalar at a step beyond 32 bits. */
const written = Buffer.from(
  'GAAAAAAAAACjf0siCSM0TwIUwdpBGg1icmFpbi5FdmVudDoyFKyzKSAAAAAAAAAAKe2pUAkAABBA/FTZQRAKKhMKEQoKdHJhaW4vbG9zcxUAAAA/SSfBgz0AAAAAAAAAYEnx7AkAACBA/FTZQRAKKjAKLgoRbm90ZS90ZXh0X3N1bW1hcnlCDwgHEgQSAggBQgVoZWxsb0oICgYKBHRleHTxYRqdIwAAAAAAAACwn3dDCQAAQED8VNlBEIDQrPMOKhIKEAoJdHJhaW4vb2RkFQAAgP9+ZGib',
  'base64',
)

let folder: string
let context: Context
let close: () => void
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-import-'))
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, path.join(folder, 'data')))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true })
})

test.each([
  [
    '{"step": 3, "data": {"actor/loss": 0.5, "val": {"acc": 1}, "note": "x", "done": true}}',
    { 'actor/loss': 0.5, 'val/acc': 1 },
  ],
  ['{"step": 3, "loss": NaN, "reward": {"mean": "Infinity"}, "timestamp": 5}', { loss: NaN, 'reward/mean': Infinity }],
  ['{"global_step": 3, "metrics": {"loss": 1e-7}}', { loss: 1e-7 }],
])('a line as a trainer writes it: %s', (text, values) => {
  expect(readMetricsLine(text)).toMatchObject({ step: 3, values })
})

test.each([
  ['{"loss": 1}', 'has no step'],
  ['{"step": 1.5, "loss": 1}', 'has the step 1.5; expected a whole number'],
  ['[1]', 'is no JSON object'],
  ['{"step": 1, "lo', 'is no JSON'],
])('a line that is none says why: %s', (text, why) => {
  expect(readMetricsLine(text)).toEqual({ problem: expect.stringContaining(why) })
})

test('a line of texts alone is passed over', () => {
  expect(readMetricsLine('{"step": 1, "config": {"name": "x"}}')).toBeNull()
})

test('TensorBoard: scalars with step and time, other summaries passed over, at every place where the file may be cut', () => {
  const whole = readTensorBoard(written)
  expect(whole).toEqual({
    metrics: [
      { step: 10, time: 1700000000.25, values: { 'train/loss': 0.5 } },
      { step: 4000000000, time: 1700000001, values: { 'train/odd': -Infinity } },
    ],
    end: written.length,
    problem: null,
    passedOver: [],
  })
  for (let length = 0; length < written.length; length++) {
    const { metrics, end, problem } = readTensorBoard(written.subarray(0, length))
    expect(problem).toBeNull()
    // what follows the whole records is read when it is there
    const rest = readTensorBoard(written.subarray(end))
    expect([...metrics, ...rest.metrics]).toEqual(whole.metrics)
  }
})

test('TensorBoard: a changed byte anywhere is found', () => {
  for (let at = 0; at < written.length; at++) {
    const damaged = Buffer.from(written)
    damaged[at]! ^= 0x40
    const { problem, passedOver } = readTensorBoard(damaged)
    expect(problem ?? passedOver.join(' '), `byte ${at}`).toContain('wrong checksum')
  }
})

test('TensorBoard: a scalar in a tensor, as TensorFlow 2 writes it; a tensor of several values is none', () => {
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
  const float = Buffer.alloc(4)
  float.writeFloatLE(2.5)
  const tensor = (...parts: Buffer[]) =>
    Buffer.concat([
      Buffer.from([0x10, 7]),
      field(5, field(1, Buffer.concat([field(1, Buffer.from('loss')), field(8, Buffer.concat(parts))]))),
    ])
  const record = (message: Buffer) => {
    const head = Buffer.alloc(12)
    head.writeBigUInt64LE(BigInt(message.length))
    head.writeUInt32LE(maskedChecksum(head.subarray(0, 8)), 8)
    const tail = Buffer.alloc(4)
    tail.writeUInt32LE(maskedChecksum(message))
    return Buffer.concat([head, message, tail])
  }
  const type = Buffer.from([0x08, 1])
  const packed = tensor(type, field(5, float))
  const content = tensor(type, field(4, float))
  const several = tensor(
    type,
    field(2, field(2, Buffer.from([0x08, 3]))),
    field(4, Buffer.concat([float, float, float])),
  )
  const { metrics, problem } = readTensorBoard(Buffer.concat([packed, several, content].map(record)))
  expect(problem).toBeNull()
  expect(metrics).toEqual([
    { step: 7, time: null, values: { loss: 2.5 } },
    { step: 7, time: null, values: { loss: 2.5 } },
  ])
})

test('files become runs of a project, a folder of event files the attempts of one; what cannot be read is told', async () => {
  const lines = path.join(folder, 'verl.jsonl')
  writeFileSync(lines, '{"step":1,"data":{"loss":0.5}}\nbad\n\n{"step":2,"data":{"loss":-0.0}}')
  const board = path.join(folder, 'board')
  mkdirSync(board)
  writeFileSync(path.join(board, 'events.out.tfevents.1.host'), written)
  const later = eventFile(
    [10, 11].map((step) => ({ tag: 'train/loss', step, value: 0.25, time: 1800000000.25 + step })),
  )
  writeFileSync(path.join(board, 'events.out.tfevents.2.host'), later.subarray(0, later.length - 3))
  const { projects, sweepId, runs, problems } = importMetrics(context, {
    name: 'elsewhere',
    files: [lines, board],
    directory: folder,
  })
  expect(runs).toMatchObject([{ rows: 2 }, { rows: 3 }])
  expect(problems).toEqual([
    expect.stringMatching(/verl\.jsonl: line 2 is no JSON/),
    expect.stringContaining('its last event is not written to its end'),
  ])
  expect([sweepId, listSweeps(context.database)]).toEqual([null, []])
  expect(listProjectViews(context)).toMatchObject([{ ...projects[0], name: 'elsewhere', runs: 2, running: 0 }])
  expect((await readRunsList(context, runsOfAll)).rows).toMatchObject([
    { name: 'board', number: 2, own: { client: 'import' }, status: 'done' },
    { name: 'verl.jsonl', number: 1, own: { client: 'import' }, status: 'done' },
  ])
  const [first, second] = runs.map(({ runId }) => runId)
  expect([...context.series.values(first!, 'loss')].map(({ step, value }) => [step, value])).toEqual([
    [1, 0.5],
    [2, -0],
  ])
  expect([...context.series.values(second!, 'train/loss')]).toEqual([
    { attempt: 2, step: 10, time: 1800000010.25, value: 0.25 },
  ])
  expect(describeOwnRun(context, findOwnRun(context.database, second!)!)).toMatchObject({
    attempts: [{ number: 1 }, { number: 2, firstStep: 10 }],
    lastStep: 10,
    metrics: ['train/loss', 'train/odd'],
  })
  expect(checkData(context).problems).toEqual([])
})

test('a file that is not there, and a folder without event files, are named before anything is stored', () => {
  const given = (file: string) => () => importMetrics(context, { name: 'x', files: [file], directory: folder })
  expect(given(path.join(folder, 'no'))).toThrow(/There is no file .*no\./)
  expect(given(folder)).toThrow('have no TensorBoard event file')
})
