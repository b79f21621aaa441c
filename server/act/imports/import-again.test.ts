/** The same import again finds the same runs: nothing is there twice, what is new comes, and nobody's changes are undone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listAlertNotes, listWatchedJobs } from '../../../db/queries/alerts.ts'
import { listAttempts } from '../../../db/queries/attempts.ts'
import { findOwnRun, listOwnRunKeys, listOwnRuns, listProjects, updateProject } from '../../../db/queries/own-runs.ts'
import { listSweeps } from '../../../db/queries/sweeps.ts'
import { eventFile } from '../../../tests/event-file.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { openDataFolder } from '../../open.ts'
import { describeOwnRun } from '../../read/own-runs/describe-own-run.ts'
import { changeOwnRun, endOwnRun, markDeleted } from '../own-runs/change-own-run.ts'
import { checkData } from '../system/check-data.ts'
import { type Imported, type ImportOrder, importMetrics } from './import-metrics.ts'

let folder: string
let context: Context
let close: () => void
const open = () => {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, path.join(folder, 'data')))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
}
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-import-'))
  open()
})
afterEach(() => {
  expect(checkData(context).problems).toEqual([])
  close()
  rmSync(folder, { recursive: true })
})

function put(name: string, content: string | Buffer): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

const bring = (files: string[], more: Partial<ImportOrder> = {}): Imported =>
  importMetrics(context, { name: 'elsewhere', files, directory: folder, ...more })
const told = ({ runs }: Imported) => runs.map(({ runId, added }) => [runId, added])
const valuesOf = (runId: number, metric: string) =>
  [...context.series.values(runId, metric)].map(({ attempt, step, value }) => [attempt, step, value])
const seen = (runId: number) => describeOwnRun(context, findOwnRun(context.database, runId)!)
const lines = (...steps: number[]) => steps.map((step) => `{"step":${step},"loss":${1 / step}}\n`).join('')

test('a file that is imported again is the same run, and brings what is new in it', () => {
  const file = put('a.jsonl', lines(1, 2))
  expect(told(bring([file]))).toEqual([[1, null]])
  expect(told(bring([file]))).toEqual([[1, 0]])
  appendFileSync(file, lines(3, 4, 5))
  expect(told(bring([file]))).toEqual([[1, 3]])
  expect(valuesOf(1, 'loss')).toEqual([1, 2, 3, 4, 5].map((step) => [1, step, 1 / step]))
  expect(listOwnRuns(context.database)).toHaveLength(1)
  expect(listSweeps(context.database)).toEqual([])
  expect(seen(1)).toMatchObject({ lastStep: 5, status: 'done', project: { name: 'elsewhere' }, clientId: file })
  // another name is another project, as somebody wants it there as well
  expect(told(bring([file], { name: 'other' }))).toEqual([[2, null]])
  // twice in one import is once
  expect(told(bring([file, file], { name: 'third' }))).toEqual([
    [3, null],
    [3, 0],
  ])
})

test('what came in the middle is taken: rows of the last step, a column more, an evaluation beside the training', () => {
  const table = put('t/metrics.csv', 'step,loss,eval\n1,1,\n2,0.5,\n')
  put('b/events.out.tfevents.1.host', eventFile([1, 2].map((step) => ({ tag: 'loss', step, value: step, time: step }))))
  put('b/events.out.tfevents.2.host', eventFile([{ tag: 'eval', step: 1, value: 7, time: 1 }]))
  const all = [table, path.join(folder, 'b')]
  expect(told(bring(all))).toEqual([
    [1, null],
    [2, null],
  ])
  put('t/metrics.csv', 'step,loss,eval,more\n1,1,,4\n2,0.5,,5\n2,,0.25,\n')
  const grown = [1, 2, 3].map((step) => ({ tag: 'loss', step, value: step, time: step }))
  put('b/events.out.tfevents.1.host', eventFile(grown))
  expect(told(bring(all))).toEqual([
    [1, 2],
    [2, 1],
  ])
  expect(valuesOf(1, 'loss')).toEqual([
    [1, 1, 1],
    [1, 2, 0.5],
  ])
  expect(valuesOf(1, 'eval')).toEqual([[1, 2, 0.25]])
  expect(valuesOf(1, 'more')).toEqual([
    [1, 1, 4],
    [1, 2, 5],
  ])
  expect(valuesOf(2, 'loss')).toEqual([1, 2, 3].map((step) => [1, step, step]))
  expect(valuesOf(2, 'eval')).toEqual([[1, 1, 7]])
  expect(told(bring(all))).toEqual([
    [1, 0],
    [2, 0],
  ])
})

test('a file that a training begun anew wrote over is a further attempt, and what was kept stays', () => {
  const file = put('a.jsonl', lines(1, 2, 3))
  bring([file])
  put('a.jsonl', '{"step":1,"loss":9}\n{"step":2,"loss":8}\n')
  expect(told(bring([file]))).toEqual([[1, 2]])
  expect(told(bring([file]))).toEqual([[1, 0]])
  appendFileSync(file, '{"step":3,"loss":7}\n')
  expect(told(bring([file]))).toEqual([[1, 1]])
  expect(valuesOf(1, 'loss')).toEqual([
    [2, 1, 9],
    [2, 2, 8],
    [2, 3, 7],
  ])
  expect(readFileSync(path.join(folder, 'data/runs/1/1/events.jsonl'), 'utf8')).toContain('"step":3')
  expect(seen(1)).toMatchObject({ attempts: [{ number: 1 }, { number: 2, firstStep: 1 }], lastStep: 3 })
})

test('of several attempts each gets what is new of it, an earlier one too', () => {
  const row = (attempt: number, step: number) =>
    `${JSON.stringify({ type: 'metrics', run: 4, attempt, step, params: { lr: '1e-5' }, values: { loss: attempt + step } })}\n`
  const file = put('a.jsonl', row(1, 1) + row(1, 2) + row(3, 4))
  expect(told(bring([file]))).toEqual([[1, null]])
  put('a.jsonl', row(1, 1) + row(1, 2) + row(1, 3) + row(3, 4) + row(3, 5) + row(4, 6))
  expect(told(bring([file]))).toEqual([[1, 3]])
  expect(valuesOf(1, 'loss')).toEqual([
    [1, 1, 2],
    [1, 2, 3],
    [1, 3, 4],
    [3, 4, 7],
    [3, 5, 8],
    [4, 6, 10],
  ])
  expect(seen(1)).toMatchObject({ name: 'a.jsonl · run 4', lastStep: 6, settings: { lr: '1e-5' } })
  expect(listAttempts(context.database, 1).map(({ number, status }) => [number, status])).toEqual([
    [4, 'done'],
    [3, 'done'],
    [1, 'done'],
  ])
})

test('a table of one run that gets another is still of the first as well', () => {
  const file = put('progress.csv', 'trial_id,training_iteration,loss\na,1,0.5\n')
  expect(told(bring([file]))).toEqual([[1, null]])
  expect(seen(1).name).toBe('progress.csv')
  appendFileSync(file, 'b,1,0.25\na,2,0.125\n')
  expect(told(bring([file]))).toEqual([
    [1, 1],
    [2, null],
  ])
  expect(seen(2).name).toBe('progress.csv · b')
  expect(valuesOf(1, 'loss')).toHaveLength(2)
})

test('an event file that goes on after another is the next attempt, also when it comes later; checkpoints of Trainer are one run', () => {
  const event = (from: number, steps: number[]) =>
    eventFile(steps.map((step, at) => ({ tag: 'loss', step, value: from + step, time: 1000 * from + at })))
  put('b/events.out.tfevents.1.host', event(10, [0, 1, 2]))
  expect(told(bring([path.join(folder, 'b')]))).toEqual([[1, null]])
  put('b/events.out.tfevents.2.host', event(20, [2, 3]))
  expect(told(bring([path.join(folder, 'b')]))).toEqual([[1, 2]])
  expect(told(bring([path.join(folder, 'b')]))).toEqual([[1, 0]])
  expect(valuesOf(1, 'loss')).toEqual([
    [1, 0, 10],
    [1, 1, 11],
    [2, 2, 22],
    [2, 3, 23],
  ])
  const state = (steps: number[]) =>
    JSON.stringify({ global_step: steps.at(-1), log_history: steps.map((step) => ({ loss: 1 / step, step })) })
  put('out/checkpoint-100/trainer_state.json', state([50, 100]))
  expect(told(bring([path.join(folder, 'out')]))).toEqual([[2, null]])
  put('out/checkpoint-200/trainer_state.json', state([50, 100, 150, 200]))
  expect(told(bring([path.join(folder, 'out')]))).toEqual([[2, 2]])
  expect(valuesOf(2, 'loss').map(([, step]) => step)).toEqual([50, 100, 150, 200])
})

test('events of a run tell how it ended, what it is called and what it reached; nobody reopens it', () => {
  const events = (...some: object[]) => some.map((event) => `${JSON.stringify(event)}\n`).join('')
  const metrics = { type: 'metrics', step: 1, time: 100, values: { loss: 1 } }
  const failed = put(
    'failed.jsonl',
    events(
      { type: 'config', values: { lr: '1e-5', optimizer: { name: 'adam' } } },
      { type: 'tags', values: { name: 'my run', group: 'seeds', job_type: 'train', tags: ['sft'], notes: 'so' } },
      metrics,
      { type: 'summary', values: { best: 3 } },
      { type: 'evaluation', step: 1, benchmark: 'gsm8k', correct: 3, total: 4, items: 'items.jsonl' },
      { type: 'note', level: 'warning', text: 'hot', alert: true },
      { type: 'client', time: 160, status: 'failed', exit_code: 137 },
    ),
  )
  const cut = put('cut.jsonl', events({ type: 'client', status: 'running' }, metrics))
  const killed = put('killed.jsonl', events(metrics, { type: 'client', status: 'cancelled' }))
  expect(bring([failed, cut, killed]).problems).toEqual([])
  expect(seen(1)).toMatchObject({
    name: 'my run',
    group: 'seeds',
    jobType: 'train',
    tags: ['sft'],
    note: 'so',
    status: 'failed',
    exitCode: 137,
    startedAt: 100_000,
    finishedAt: 160_000,
    settings: { lr: '1e-5', 'optimizer.name': 'adam' },
    summary: { best: 3 },
    checkpoints: [{ step: 1, path: null, exists: false }],
    notes: [{ text: 'hot' }],
  })
  expect([seen(2).status, seen(3).status]).toEqual(['stopped', 'cancelled'])
  expect(() => endOwnRun(context, 1)).toThrow('has ended')
  // no client is told of it, and no alert is raised of what ended elsewhere
  expect(listOwnRunKeys(context.database)).toEqual([])
  expect(listWatchedJobs(context.database, 0)).toEqual([])
  expect(listAlertNotes(context.database, 0, 1000)).toEqual([])

  changeOwnRun(context, { id: 1, name: 'mine', tags: ['kept'], note: 'my own' })
  appendFileSync(failed, events({ ...metrics, step: 2 }))
  expect(told(bring([failed, cut, killed]))).toEqual([
    [1, 1],
    [2, 0],
    [3, 0],
  ])
  expect(seen(1)).toMatchObject({ name: 'mine', tags: ['kept'], note: 'my own', status: 'failed', lastStep: 2 })
})

test('models that lie beside what is imported are its checkpoints, each once', () => {
  const state = (steps: number[]) =>
    JSON.stringify({
      global_step: steps.at(-1),
      epoch: 1,
      log_history: steps.map((step) => ({ loss: 1 / step, step })),
    })
  put('out/checkpoint-50/trainer_state.json', state([50]))
  put('out/checkpoint-50/model.safetensors', 'weights')
  put('out/checkpoint-100/trainer_state.json', state([50, 100]))
  put('out/checkpoint-100/optimizer.bin', 'no weights')
  const saved = { type: 'checkpoint', step: 2, path: 'files/model' }
  const events = [{ type: 'metrics', step: 2, values: { loss: 1 } }, saved, { ...saved, step: 3, path: 'gone' }]
  put('own/files/model/model.safetensors', 'weights')
  const lined = put('own/events.jsonl', events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  const checkpoints = (runId: number) =>
    seen(runId).checkpoints.map((one) => [one.step, one.epoch, path.relative(folder, one.path!), one.exists])
  const imported = bring([path.join(folder, 'out'), lined])
  expect(imported.problems).toEqual([`${lined}: 1 line of type checkpoint was passed over.`])
  expect(checkpoints(1)).toEqual([[50, 1, 'out/checkpoint-50', true]])
  expect(checkpoints(2)).toEqual([[2, null, 'own/files/model', true]])
  put('out/checkpoint-150/trainer_state.json', state([50, 100, 150]))
  put('out/checkpoint-150/model-00001-of-00002.safetensors', 'weights')
  expect(told(bring([path.join(folder, 'out')]))).toEqual([[1, 2]])
  expect(checkpoints(1)).toEqual([
    [50, 1, 'out/checkpoint-50', true],
    [150, 1, 'out/checkpoint-150', true],
  ])
  expect(valuesOf(1, 'loss')).toHaveLength(3)
})

test('names tell runs of a project apart; one that was deleted comes back, a project that was deleted does not', () => {
  const names = (imported: Imported) => imported.runs.map(({ runId }) => seen(runId).name)
  const [first, second] = [put('a/metrics.jsonl', lines(1)), put('b/metrics.jsonl', lines(2))]
  expect(names(bring([first]))).toEqual(['metrics.jsonl'])
  expect(names(bring([second]))).toEqual(['b/metrics.jsonl'])
  expect(names(bring([first, second]))).toEqual(['metrics.jsonl', 'b/metrics.jsonl'])
  markDeleted(context, [1], true)
  expect(told(bring([first]))).toEqual([[1, 0]])
  expect(seen(1).deleted).toBe(false)
  updateProject(context.database, listProjects(context.database).at(-1)!.id, { deletedAt: 1 })
  expect(() => bring([first])).toThrow('The project elsewhere was deleted')
  for (const name of [' ', 'x'.repeat(501)]) expect(() => bring([first], { name })).toThrow('expected 1 to 500')
})

test('an import that fails in the middle leaves kept runs as they were', () => {
  const [first, second] = [put('a.jsonl', lines(1, 2)), put('b.jsonl', lines(1, 2))]
  bring([first, second])
  const contents = () =>
    ['1', '2'].map((id) =>
      readdirSync(path.join(folder, 'data/runs', id), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [entry.parentPath, readFileSync(path.join(entry.parentPath, entry.name), 'utf8')]),
    )
  const before = contents()
  appendFileSync(first, lines(3))
  put('b.jsonl', '{"step":1,"loss":77}\n')
  let stored = 0
  context.atInstant = (instant) => {
    if (instant === 'in-ingest' && ++stored === 2) throw new Error('the disk is full')
  }
  expect(() => bring([first, second])).toThrow('the disk is full')
  delete context.atInstant
  expect(contents()).toEqual(before)
  expect(listAttempts(context.database, 2)).toHaveLength(1)
  expect(told(bring([first, second]))).toEqual([
    [1, 1],
    [2, 1],
  ])
})

test('an import that is killed while it brings more leaves kept runs as they were', async () => {
  const [first, second] = [put('a.jsonl', lines(1, 2)), put('b.jsonl', lines(1, 2))]
  bring([first, second])
  close()
  appendFileSync(first, lines(3))
  put('b.jsonl', '{"step":1,"loss":77}\n')
  const killed = `
    import { readConfig } from '${path.resolve('server/base/process/config.ts')}'
    import { openDataFolder } from '${path.resolve('server/open.ts')}'
    import { importMetrics } from '${path.resolve('server/act/imports/import-metrics.ts')}'
    const { context } = openDataFolder(readConfig(process.env, ${JSON.stringify(path.join(folder, 'data'))}))
    let stored = 0
    context.atInstant = () => ++stored === 2 && process.kill(process.pid, 'SIGKILL')
    importMetrics(context, { name: 'elsewhere', files: ${JSON.stringify([first, second])}, directory: '/' })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', killed], { stdio: 'inherit' })
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  const runs = path.join(folder, 'data/runs')
  expect([readdirSync(path.join(runs, '2')), readFileSync(path.join(runs, '1/1/events.jsonl'), 'utf8')]).toEqual([
    ['1', '2'],
    expect.stringContaining('"step":3'),
  ])
  open()
  expect([readdirSync(path.join(runs, '2')), readFileSync(path.join(runs, '1/1/events.jsonl'), 'utf8')]).toEqual([
    ['1'],
    expect.not.stringContaining('"step":3'),
  ])
  expect(told(bring([first, second]))).toEqual([
    [1, 1],
    [2, 1],
  ])
})
