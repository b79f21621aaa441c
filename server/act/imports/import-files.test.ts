/** Files of other tools, and our own exports, become runs of a project; what fails leaves nothing behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findOwnRun, listOwnRuns } from '../../../db/queries/own-runs.ts'
import { listSweeps } from '../../../db/queries/sweeps.ts'
import { listSamples } from '../../../db/queries/samples.ts'
import { eventFile } from '../../../tests/event-file.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { csvLines, jsonLines } from '../../http/export-metrics.ts'
import { openDataFolder } from '../../open.ts'
import { describeOwnRun } from '../../read/own-runs/describe-own-run.ts'
import { describeWholeSweep } from '../../read/sweeps/describe-sweep.ts'
import { sweepResult } from '../../read/sweeps/sweep-result.ts'
import { loadStudy } from '../examples/load-study.ts'
import { checkData } from '../system/check-data.ts'
import { type Imported, type ImportOrder, importMetrics } from './import-metrics.ts'

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

function put(name: string, content: string | Buffer): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

function bring(files: string[], more: Partial<ImportOrder> = {}): Imported {
  return importMetrics(context, { name: 'elsewhere', files, directory: folder, ...more })
}

const valuesOf = ({ runs }: Imported, at: number, metric: string) =>
  [...context.series.values(runs[at]!.runId, metric)].map(({ step, value }) => [step, value])

const namesOf = ({ runs }: Imported) => runs.map(({ runId }) => findOwnRun(context.database, runId)!.own.name)
const jobsOf = ({ runs }: Imported) => runs.map(({ runId }) => findOwnRun(context.database, runId)!.job)

const state = (steps: number[]) => ({
  best_metric: null,
  epoch: 5,
  global_step: steps.at(-1)!,
  log_history: steps.flatMap((step) => [
    { loss: 1 / step, epoch: step / 100, step },
    { eval_loss: 2 / step, epoch: step / 100, step },
  ]),
})

test('trainer_state.json: epochs and log history at their true steps, what was trained and evaluated at a step in one row', () => {
  const text = JSON.stringify(state([100, 200]), null, 2).replace('0.005', 'NaN')
  const imported = bring([put('trainer_state.json', text)])
  expect(imported).toMatchObject({ problems: [], runs: [{ source: 'trainer_state.json', rows: 2 }] })
  expect(valuesOf(imported, 0, 'loss')).toEqual([
    [100, 0.01],
    [200, NaN],
  ])
  expect(valuesOf(imported, 0, 'eval_loss')).toEqual([
    [100, 0.02],
    [200, 0.01],
  ])
  expect(valuesOf(imported, 0, 'epoch')).toEqual([
    [100, 1],
    [200, 2],
  ])
  // nothing is said of how long it took, or what was run: nobody knows
  const run = describeOwnRun(context, findOwnRun(context.database, imported.runs[0]!.runId)!)
  expect(run).toMatchObject({ status: 'done', startedAt: null, finishedAt: null, exitCode: null })
  expect(checkData(context).problems).toEqual([])
})

test('a folder of checkpoints is one run by its newest state; a state under another name is one all the same', () => {
  put('out/checkpoint-100/trainer_state.json', JSON.stringify(state([100])))
  put('out/checkpoint-1000/trainer_state.json', JSON.stringify(state([100, 1000])))
  put('out/checkpoint-200/trainer_state.json', JSON.stringify(state([100, 200])))
  const imported = bring([path.join(folder, 'out'), put('saved.txt', JSON.stringify(state([7])))])
  expect(imported.runs.map(({ source, rows }) => [source, rows])).toEqual([
    ['out', 2],
    ['saved.txt', 1],
  ])
  expect(valuesOf(imported, 0, 'loss')).toEqual([
    [100, 0.01],
    [1000, 0.001],
  ])
})

test('an entry of the log that has no step is told with its place, the others are read', () => {
  const broken = { ...state([100]), log_history: [{ loss: 1 }, { loss: 2, step: 1.5 }, { loss: 3, step: 4 }] }
  const imported = bring([put('trainer_state.json', JSON.stringify(broken))])
  expect(imported.problems).toEqual([
    expect.stringMatching(/trainer_state\.json: log_history\[0\] has no step; expected/),
    expect.stringMatching(/trainer_state\.json: log_history\[1\] has the step 1\.5; expected/),
  ])
  expect(valuesOf(imported, 0, 'loss')).toEqual([[4, 3]])
})

test("Lightning's metrics.csv: empty cells are nothing, rows of one step come together", () => {
  const csv = 'epoch,step,train_loss,val_loss\n0,0,1.0,\n0,1,0.5,\n0,1,,0.75\n1,2,nan,\n'
  const imported = bring([put('lightning_logs/version_0/metrics.csv', csv), put('version_1/metrics.csv', csv)])
  expect(imported).toMatchObject({ problems: [], runs: [{ rows: 3 }, { rows: 3 }] })
  expect(valuesOf(imported, 0, 'train_loss')).toEqual([
    [0, 1],
    [1, 0.5],
    [2, NaN],
  ])
  expect(valuesOf(imported, 0, 'val_loss')).toEqual([[1, 0.75]])
  expect(imported.runs.map(({ source }) => source)).toEqual(['metrics.csv', 'metrics.csv'])
  expect(namesOf(imported)).toEqual(['lightning_logs/version_0/metrics.csv', 'version_1/metrics.csv'])
})

test("Ray's progress.csv: texts are passed over, the time is kept, trials of one table are runs of their own", () => {
  const head = 'loss,done,training_iteration,trial_id,timestamp,hostname,config/lr'
  const rows = [
    '0.5,False,1,a1b2_00,1700000000,node,1e-5',
    '0.7,False,1,a1b2_01,1700000001,node,2e-5',
    '0.25,True,2,a1b2_00,1700000009,node,1e-5',
  ]
  const imported = bring([put('progress.csv', `${[head, ...rows].join('\r\n')}\r\n`)])
  expect(imported).toMatchObject({ problems: [], runs: [{ rows: 2 }, { rows: 1 }] })
  expect(namesOf(imported)).toEqual(['progress.csv · a1b2_00', 'progress.csv · a1b2_01'])
  expect(imported.runs.map(({ runId }) => findOwnRun(context.database, runId)!.job.params)).toEqual([
    { lr: '1e-5' },
    { lr: '2e-5' },
  ])
  expect(valuesOf(imported, 0, 'loss')).toEqual([
    [1, 0.5],
    [2, 0.25],
  ])
  expect([...context.series.values(imported.runs[0]!.runId, 'loss')][1]).toMatchObject({ time: 1700000009 })
  expect(context.series.names(imported.runs[0]!.runId)).not.toContain('trial_id')
})

test('a column of steps of any name is named; cells that are no numbers are told with line and value', () => {
  const file = put('table.txt', 'sample;loss;"a;b"\n10;0,5;1\n20;0.25;2\nx;0.1;3\n30;0.125;4;5\n40;0.0625;')
  expect(() => bring([file])).toThrow(
    /has no column of steps that is known; it has sample, loss, a;b\. Name the one of steps: --step COLUMN/,
  )
  expect(() => bring([file], { step: 'Sample' })).toThrow('has no column "Sample"')
  const imported = bring([file], { step: 'sample' })
  expect(valuesOf(imported, 0, 'loss')).toEqual([
    [20, 0.25],
    [40, 0.0625],
  ])
  expect(imported.problems).toEqual([
    expect.stringMatching(/line 2 has the loss "0,5"; expected a number/),
    expect.stringMatching(/line 4 has the sample "x"; expected a whole number of 0 or more/),
    expect.stringMatching(/line 5 has 4 cells and the head 3/),
  ])
})

test.each([
  ['is empty', ''],
  ['is a Parquet file', 'PAR1\0\0PAR1'],
  ['is compressed \\(gzip\\)', Buffer.from([0x1f, 0x8b, 8, 0])],
  ['is no text in UTF-8', Buffer.from('schritt,verlust\n1,gr\xf6sse', 'latin1')],
  ['is one JSON object', '{\n  "accuracy": 0.5\n}'],
  ['is a list in JSON', '[{"step": 1}]'],
  ['begins with "what is this"', 'what is this\n1'],
  ['has two columns "loss"', 'step,loss,loss\n1,2,3\n'],
  ['has the points of a sweep, and no steps', 'point,run,attempt,status,epoch,score,epoch\n1,1,1,scored,3,1.2,3\n'],
  ['in line 2 has a quote that is never closed', 'step,loss\n1,"2\n'],
  ['tells of no step of a training', 'step,loss\n1,\n2,\n'],
  ['tells of no step of a training\\. .*line 1 has no step', '{"loss": 1}\n'],
])('a file that is nothing to read is refused, nothing is stored: %s', (why, content) => {
  const whole = put('whole.jsonl', '{"step": 1, "loss": 2}\n')
  expect(() => bring([whole, put('other', content)])).toThrow(new RegExp(`other ${why}`))
  expect(listOwnRuns(context.database)).toEqual([])
  expect(listSweeps(context.database)).toEqual([])
  expect(readdirSync(context.config.dataFolder).filter((name) => /runs|importing/.test(name))).toEqual([])
})

test('a failure in the middle of storing leaves neither rows nor files, and the same import works afterwards', () => {
  const files = ['a', 'b', 'c'].map((name) => put(`${name}.jsonl`, '{"step": 1, "loss": 2}\n{"step": 2, "loss": 1}\n'))
  let stored = 0
  context.atInstant = (instant) => {
    if (instant === 'in-ingest' && ++stored === 2) throw new Error('the disk is full')
  }
  expect(() => bring(files)).toThrow('the disk is full')
  expect(stored).toBe(2)
  expect(listOwnRuns(context.database)).toEqual([])
  expect(readdirSync(path.join(context.config.dataFolder, 'runs'))).toEqual([])
  expect(checkData(context).problems).toEqual([])
  delete context.atInstant
  const imported = bring(files)
  expect(imported.runs.map(({ runId }) => runId)).toEqual([1, 2, 3])
  expect(valuesOf(imported, 2, 'loss')).toEqual([
    [1, 2],
    [2, 1],
  ])
  expect(readdirSync(context.config.dataFolder).filter((name) => name.includes('importing'))).toEqual([])
})

test('an import that is killed while it stores leaves nothing that a later run of its number would take for its own', async () => {
  close()
  const file = put('a.jsonl', '{"step": 1, "loss": 2}\n')
  const killed = `
    import { readConfig } from '${path.resolve('server/base/process/config.ts')}'
    import { openDataFolder } from '${path.resolve('server/open.ts')}'
    import { importMetrics } from '${path.resolve('server/act/imports/import-metrics.ts')}'
    const { context } = openDataFolder(readConfig(process.env, ${JSON.stringify(path.join(folder, 'data'))}))
    context.atInstant = () => process.kill(process.pid, 'SIGKILL')
    importMetrics(context, { name: 'x', files: [${JSON.stringify(file)}], directory: '/' })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', killed], { stdio: 'inherit' })
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  const left = (name: string) => readdirSync(path.join(folder, 'data', name))
  expect(left('runs')).toEqual(['1'])
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, path.join(folder, 'data')))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
  expect(left('runs')).toEqual([])
  expect(left('').filter((name) => name.includes('importing'))).toEqual([])
  expect(listOwnRuns(context.database)).toEqual([])
  expect(bring([file]).runs).toMatchObject([{ runId: 1, rows: 1 }])
  // a later opening leaves what came to be
  close()
  const again = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, path.join(folder, 'data')))
  if (!('context' in again)) throw new Error('the folder is held')
  ;({ context, close } = again)
  expect(checkData(context).problems).toEqual([])
  expect(left('runs')).toEqual(['1'])
})

const scalars = (tag: string, steps: number[], { from = 0, plus = 0 } = {}) =>
  steps.map((step, at) => ({ tag, step, value: step + plus, time: 1_700_000_000 + from + at }))

test('TensorBoard: folders below folders are runs, train and eval are never one', () => {
  put('tb/runs/Nov28_node/train/events.out.tfevents.1.host', eventFile(scalars('loss', [0, 1, 2])))
  put('tb/runs/Nov28_node/eval/events.out.tfevents.1.host', eventFile(scalars('loss', [0, 2], { plus: 100 })))
  put('tb/top', 'not read')
  const imported = bring([path.join(folder, 'tb')])
  expect(imported.runs.map(({ source }) => source)).toEqual(['tb/runs/Nov28_node/eval', 'tb/runs/Nov28_node/train'])
  expect(valuesOf(imported, 0, 'loss')).toEqual([
    [0, 100],
    [2, 102],
  ])
  expect(valuesOf(imported, 1, 'loss')).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ])
})

test('TensorBoard: two writers at once in one folder are two runs; one that goes on later is the next attempt', () => {
  put('two/events.out.tfevents.1.host.rank0', eventFile(scalars('loss', [0, 1, 2])))
  put('two/events.out.tfevents.1.host.rank1', eventFile(scalars('loss', [0, 1, 2], { plus: 100 })))
  put('resumed/events.out.tfevents.1.host', eventFile(scalars('loss', [0, 1, 2])))
  put('resumed/events.out.tfevents.2.host', eventFile(scalars('loss', [2, 3], { from: 60, plus: 10 })))
  const imported = bring([path.join(folder, 'two'), path.join(folder, 'resumed')])
  expect(imported.runs.map(({ source, rows }) => [source, rows])).toEqual([
    ['two rank0', 3],
    ['two rank1', 3],
    ['resumed', 5],
  ])
  expect(valuesOf(imported, 1, 'loss')).toEqual([
    [0, 100],
    [1, 101],
    [2, 102],
  ])
  expect(valuesOf(imported, 2, 'loss')).toEqual([
    [0, 0],
    [1, 1],
    [2, 12],
    [3, 13],
  ])
})

test('TensorBoard: a second file with other scalars only hides nothing of the first', () => {
  put('run/events.out.tfevents.1.host.0', eventFile(scalars('train/loss', [0, 1, 2])))
  put('run/events.out.tfevents.2.host.1', eventFile(scalars('eval/loss', [1], { from: 60 })))
  const imported = bring([path.join(folder, 'run')])
  expect(imported.runs).toHaveLength(1)
  expect(valuesOf(imported, 0, 'train/loss')).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ])
  expect(valuesOf(imported, 0, 'eval/loss')).toEqual([[1, 1]])
})

test('TensorBoard: a damaged event is told and read past, a step below 0 is told; the name need not say what it is', () => {
  const bytes = eventFile(scalars('loss', [0, 1, -1, 3]))
  bytes[20]! ^= 0x40
  const imported = bring([put('board.bin', bytes)])
  expect(valuesOf(imported, 0, 'loss')).toEqual([
    [1, 1],
    [3, 3],
  ])
  expect(imported.problems).toEqual([
    expect.stringMatching(/board\.bin: the event at byte 0 has a wrong checksum/),
    expect.stringMatching(/board\.bin: loss has the step -1; expected/),
  ])
})

test("a sweep's JSON lines and a run's CSV come back as its runs, with the values of their axes as written", () => {
  const line = (run: number, rate: string, attempt: number, step: number) =>
    `{"type":"metrics","run":${run},"params":{"learning_rate":"${rate}","name":"=a"},"attempt":${attempt},"step":${step},"time":17,"values":{"learning_rate":${run / step},"odd":"NaN"}}\n`
  const text = [line(1, '1e-5', 1, 1), line(1, '1e-5', 3, 2), line(2, '2e-5', 1, 1)].join('')
  const first = bring([put('grid-metrics.jsonl', text)])
  expect(first).toMatchObject({
    problems: [],
    runs: [{ params: { learning_rate: '1e-5' } }, { params: { learning_rate: '2e-5', name: '=a' } }],
  })
  expect(first.sweepId).toBeNull()
  const runs = jobsOf(first)
  expect(runs.map(({ params }) => params)).toEqual([
    { learning_rate: '1e-5', name: '=a' },
    { learning_rate: '2e-5', name: '=a' },
  ])
  const [csv, jsonl] = [[...csvLines(context, runs)].join(''), [...jsonLines(context, runs)].join('')]
  expect(jsonl).toBe(text)
  for (const [name, content] of [
    ['again.csv', csv],
    ['again.jsonl', jsonl],
  ] as const) {
    const again = jobsOf(bring([put(name, content)], { name }))
    expect([...csvLines(context, again)].join('')).toBe(csv)
  }
})

test("a sweep's JSON brings its scores back, and beside its JSON lines the curves of the same runs", () => {
  const original = describeWholeSweep(context, requireSweep(context, loadStudy(context)[0]!))
  const result = sweepResult(original)
  const json = put('study.json', JSON.stringify(result, null, 2))
  const params = {
    ...original.points[0]!.params,
    epoch: original.axes.find(({ name }) => name === 'epoch')!.values.at(-1)!,
  }
  const lines = put(
    'study-metrics.jsonl',
    `{"type":"metrics","run":1,"params":${JSON.stringify(params)},"attempt":1,"step":5,"values":{"loss":1}}\n`,
  )
  const imported = bring([json, lines])
  const back = describeWholeSweep(context, requireSweep(context, imported.sweepId!))
  expect(back.axes.map(({ name, values }) => [name, values])).toEqual(
    original.axes.map(({ name, values }) => [name, values]),
  )
  const scores = (points: typeof back.points) =>
    new Map(points.map((point) => [JSON.stringify(point.params), point.score]))
  const told = new Map([...scores(original.points)].filter(([, score]) => score !== null))
  expect(told.size).toBeGreaterThan(5)
  for (const [key, score] of told) expect(scores(back.points).get(key)).toBeCloseTo(score!, 9)
  const withCurves = imported.runs.filter(({ rows }) => rows > 0)
  expect(withCurves).toMatchObject([{ points: 2, rows: 1 }])
  expect(valuesOf({ ...imported, runs: withCurves }, 0, 'loss')).toEqual([[5, 1]])
  expect(checkData(context).problems).toEqual([])
})

test("verl's rollouts, a file a step, are samples of one run; those without a step are told", () => {
  const rollout = (score: number) => `{"input":"2+2?","output":"4","gts":"4","score":${score},"acc":1}\n`
  put('rollouts/1.jsonl', rollout(0) + rollout(1))
  put('rollouts/10.jsonl', rollout(0.5))
  put('rollouts/2.jsonl', '{"input":"1+1?","output":"2","score":1,"step":2}\n')
  const imported = bring([path.join(folder, 'rollouts')])
  expect(imported).toMatchObject({ problems: [], runs: [{ source: 'rollouts', samples: 4 }] })
  const page = { above: 0, upTo: Number.MAX_SAFE_INTEGER, after: null, limit: 10 }
  const samples = listSamples(context.database, imported.runs[0]!.runId, page)
  expect(samples.map(({ step, body }) => [step, (body as { reward?: number }).reward])).toEqual([
    [1, 0],
    [1, 1],
    [2, 1],
    [10, 0.5],
  ])
  expect(samples[0]!.body).toMatchObject({ prompt: '2+2?', response: '4', parts: { acc: 1 } })
  expect(() => bring([put('dump.jsonl', rollout(1))])).toThrow(/dump\.jsonl: line 1 is a rollout without a step/)
})
