/** Stores of MLflow's become runs of their own, as their client would have logged them here. */
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findOwnRun, listOwnRuns } from '../../../db/queries/own-runs.ts'
import { describeOwnRun } from '../../read/own-runs/describe-own-run.ts'
import { type Imported, type ImportOrder } from './import-metrics.ts'
import { ImportFolder } from '../../../tests/import-folder.ts'

const at = new ImportFolder()

const store = () => path.join(at.folder, 'mlruns')
const inStore = (name: string) => path.join(store(), name)

function put(name: string, content: string | Buffer): string {
  mkdirSync(path.dirname(inStore(name)), { recursive: true })
  writeFileSync(inStore(name), content)
  return inStore(name)
}

const meta = (values: Record<string, string | number | null>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}: ${value ?? 'null'}\n`)
    .join('')

const experiment = (id: string, name: string, more = {}) =>
  put(
    `${id}/meta.yaml`,
    meta({ artifact_location: 'x', experiment_id: `'${id}'`, lifecycle_stage: 'active', name, ...more }),
  )

/** A run that began at second 1,000, its files by their names below its folder. */
function run(place: string, files: Record<string, string | Buffer>, more = {}): void {
  const [of, id] = place.split('/') as [string, string]
  const own = { experiment_id: `'${of}'`, lifecycle_stage: 'active', run_id: id, run_name: id, status: 3 }
  const times = { start_time: 1_000_000, end_time: 1_009_000, artifact_uri: `file:///gone/${id}/artifacts` }
  put(`${place}/meta.yaml`, meta({ ...own, ...times, ...more }))
  for (const [name, content] of Object.entries(files)) put(`${place}/${name}`, content)
}

const bring = (files = [store()], more?: Partial<ImportOrder>) => at.bring(files, more)
const valuesOf = (runId: number, metric: string) =>
  [...at.context.series.values(runId, metric)].map(({ step, time, value }) => [step, time, value])
const seen = (runId: number) => describeOwnRun(at.context, findOwnRun(at.context.database, runId)!)
const told = ({ runs }: Imported) => runs.map(({ runId, added }) => [runId, added])

/** A model as transformers writes it, of one tensor without numbers. */
function model(name: string): void {
  const head = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [0], data_offsets: [0, 0] } }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  put(`${name}/config.json`, '{}')
  put(`${name}/model.safetensors`, Buffer.concat([length, head]))
}

test('a file store: each run with its name, project, settings, metrics, tags, note, times and end; nested ones know their parent', () => {
  experiment('1', "'exp: one'")
  run('1/aa', {
    'metrics/train/loss': '1001000 0.5 1\n1002000 nan 2\n1003000 -inf 3\n1003000 -inf 3\n',
    'metrics/grade': '1001000 0.25 1\n1004000 0.75\n',
    'params/lr': '1e-5',
    'params/a/b': 'two\nlines',
    'tags/team': 'blue',
    'tags/mlflow.user': 'somebody',
    'tags/mlflow.note.content': '# Why',
    'inputs/9/meta.yaml':
      meta({ source_type: 'DATASET', source_id: 'd1', destination_type: 'RUN' }) +
      'tags:\n  mlflow.data.context: training\n',
  })
  put('1/datasets/d1/meta.yaml', meta({ name: 'gsm8k', digest: "'0123'" }))
  run(
    '1/bb',
    { 'tags/mlflow.parentRunId': 'aa', 'metrics/loss': '1001000 1.0 7\n' },
    { run_name: 'a part/1', status: 4 },
  )
  run('1/cc', {}, { status: 1, end_time: null, start_time: 2_000_000, run_name: 'null' })
  const imported = bring()
  expect(imported).toMatchObject({ problems: [], notes: [], projects: [{ name: 'exp: one' }] })
  expect(imported.runs.map(({ source, rows }) => [source, rows])).toEqual([
    ['mlruns/1, aa', 4],
    ['mlruns/1, a part/1', 1],
    ['mlruns/1, cc', 0],
  ])
  expect(seen(1)).toMatchObject({
    name: 'aa',
    project: { name: 'exp: one' },
    status: 'done',
    startedAt: 1_000_000,
    finishedAt: 1_009_000,
    settings: { lr: '1e-5', 'a/b': 'two\nlines' },
    tags: ['team: blue'],
    note: '# Why',
    artifacts: [{ role: 'used', name: 'gsm8k', kind: 'dataset', about: 'training, digest 0123' }],
  })
  expect(valuesOf(1, 'train/loss')).toEqual([
    [1, 1001, 0.5],
    [2, 1002, NaN],
    [3, 1003, -Infinity],
  ])
  // a metric that was logged without a step stands at 0
  expect(valuesOf(1, 'grade')).toEqual([
    [0, 1004, 0.75],
    [1, 1001, 0.25],
  ])
  expect(seen(2)).toMatchObject({ name: 'a part/1', status: 'failed', parent: { id: 1 }, lastStep: 7 })
  expect(seen(1).parts).toMatchObject([{ id: 2 }])
  expect(seen(3)).toMatchObject({ name: 'cc', status: 'stopped' })
})

test('what MLflow deleted is passed over and told; a name that is given is one project for all', () => {
  experiment('1', 'one')
  experiment('2', 'two')
  experiment('.trash/3', 'three')
  run('1/aa', { 'metrics/loss': '1001000 1 1\n' })
  run('1/bb', { 'metrics/loss': '1001000 1 1\n' }, { lifecycle_stage: 'deleted' })
  run('2/cc', { 'metrics/loss': '1001000 1 1\n' })
  put('.trash/3/dd/meta.yaml', meta({ run_id: 'dd', artifact_uri: 'x', experiment_id: '3', run_name: 'dd' }))
  expect(bring()).toMatchObject({
    projects: [{ name: 'one' }, { name: 'two' }],
    problems: [],
    notes: ['1 run of one was deleted in MLflow, and passed over.'],
  })
  expect(bring([store()], { name: 'all' })).toMatchObject({ projects: [{ name: 'all' }], runs: [{}, {}] })
  expect(listOwnRuns(at.context.database)).toHaveLength(4)
})

test('the same store again adds: points at a step that is known, a run that went on and ended, one more; and nothing twice', () => {
  experiment('1', 'one')
  run('1/aa', { 'metrics/loss': '1001000 1 1\n', 'metrics/open': '1001000 5\n' }, { status: 1, end_time: null })
  expect(told(bring())).toEqual([[1, null]])
  expect(told(bring())).toEqual([[1, 0]])
  appendFileSync(inStore('1/aa/metrics/loss'), '1002000 0.5 2\n')
  appendFileSync(inStore('1/aa/metrics/open'), '1002000 6\n')
  run('1/aa', {})
  run('1/bb', { 'metrics/loss': '1001000 3 1\n' }, { start_time: 3_000_000 })
  // two points, and that it ended
  expect(told(bring())).toEqual([
    [1, 3],
    [2, null],
  ])
  expect(told(bring([inStore('1/aa'), inStore('1')]))).toEqual([
    [1, 0],
    [1, 0],
    [2, 0],
  ])
  expect(seen(1)).toMatchObject({ status: 'done', finishedAt: 1_009_000, attempts: [{ number: 1 }] })
  expect(valuesOf(1, 'loss')).toEqual([
    [1, 1001, 1],
    [2, 1002, 0.5],
  ])
  expect(valuesOf(1, 'open').at(-1)).toEqual([0, 1002, 6])
})

test('models of the store are checkpoints where they lie: logged ones, by MLflow 3 and 2, and folders of artifacts', () => {
  experiment('1', 'one')
  const lines = [1, 2, 3].map((step) => `${1_000_000 + step * 1000} 1 ${step}\n`).join('')
  const history = JSON.stringify([{ artifact_path: 'old', utc_time_created: '1970-01-01 00:16:42.500000' }])
  run('1/aa', {
    'metrics/loss': lines,
    'tags/mlflow.log-model.history': history,
    'outputs/m-1/meta.yaml': meta({ source_type: 'RUN_OUTPUT', destination_id: 'm-1', step: 2 }),
    'artifacts/notes.txt': 'hello',
    'artifacts/old/MLmodel': 'flavors',
    'artifacts/cut/config.json': '{}',
    'artifacts/cut/model.safetensors': '',
  })
  model('1/aa/artifacts/kept/checkpoint-9')
  model('1/models/m-1/artifacts/artifacts/weights')
  put('1/models/m-1/meta.yaml', meta({ name: 'actor', source_run_id: 'aa', creation_timestamp: 1_001_500 }))
  put('1/models/m-2/meta.yaml', meta({ name: 'gone', source_run_id: 'aa', creation_timestamp: 1_001_500 }))
  experiment('2', 'two')
  const link = meta({
    source_type: 'MODEL',
    source_id: 'm-1',
    destination_type: 'RUN',
    destination_id: 'm-1',
  })
  run('2/bb', { 'inputs/m-1/meta.yaml': link })
  bring()
  const { checkpoints, notes, artifacts } = seen(1)
  // who says that it used another's model went on from it
  expect(seen(2)).toMatchObject({
    startedFrom: { checkpoint: { runId: 1, step: 2 } },
    artifacts: [{ role: 'used', name: 'm-1' }],
  })
  expect(checkpoints.map(({ step, path: at }) => [step, path.relative(store(), at!)])).toEqual([
    [2, '1/models/m-1/artifacts/artifacts/weights'],
    [2, '1/aa/artifacts/old'],
    [9, '1/aa/artifacts/kept/checkpoint-9'],
  ])
  expect(notes).toMatchObject([
    { text: expect.stringMatching(/cut is no checkpoint: it holds model.safetensors, which/) },
  ])
  expect(artifacts).toMatchObject([{ role: 'made', kind: 'files', about: inStore('1/aa/artifacts') }])
})

test('what cannot be read is told with file, place and value; the rest is taken', () => {
  experiment('1', 'one')
  const lines = [
    'x 1 1',
    '1001000 much 1',
    '1001000 1 -1',
    '1001000 1 1.5',
    '1001000 1 99999999999999999',
    '1 2 3 4 5 6',
    '1001000 7 1',
  ]
  run('1/aa', { 'metrics/loss': lines.join('\n') })
  run('1/bb', {})
  put('1/bb/meta.yaml', 'run_id: [bb\n')
  run('1/cc', {})
  put('1/cc/meta.yaml', 'a: &a [b]\nc: *a\n')
  put('../secret', 'key')
  symlinkSync(path.join(at.folder, 'secret'), inStore('1/aa/metrics/secret'))
  mkdirSync(inStore('1/aa/params'))
  symlinkSync(at.folder, inStore('1/aa/params/up'))
  symlinkSync('/dev/zero', inStore('1/aa/params/zero'))
  symlinkSync('aa', inStore('1/dd'))
  run('1/ee', { 'params/long': Buffer.alloc(2 << 20, 97) })
  const { problems, runs } = bring()
  const loss = inStore('1/aa/metrics/loss')
  expect(problems).toEqual(
    expect.arrayContaining([
      `${loss}: line 1 has the time "x"; expected milliseconds since 1970.`,
      `${loss}: line 2 has the value "much"; expected a number.`,
      `${loss}: line 3 has the step "-1"; expected a whole number of 0 or more.`,
      `${loss}: line 4 has the step "1.5"; expected a whole number of 0 or more.`,
      `${loss}: line 5 has the step "99999999999999999"; expected a whole number of 0 or more.`,
      `${loss}: line 6 is "1 2 3 4 5 6"; expected a time, a value and a step.`,
      expect.stringMatching(/1\/bb\/meta\.yaml is no YAML: .+; it was passed over\.$/),
      `${inStore('1/cc/meta.yaml')} has no run_id; it was passed over.`,
      expect.stringMatching(/metrics\/secret: it leads out of the folders/),
      expect.stringMatching(/params\/up leads out of the folders/),
      expect.stringMatching(/params\/zero leads out of the folders/),
      `${inStore('1/dd')} is a link, and is not followed; give the folder that it leads to.`,
      expect.stringMatching(/ee\/params\/long has 2,097,152 bytes; at most 1,048,576 are read of it/),
    ]),
  )
  expect(runs.map(({ source }) => source)).toEqual(['mlruns/1, aa', 'mlruns/1, ee'])
  expect(valuesOf(1, 'loss')).toEqual([[1, 1001, 7]])
})

test('files among the artifacts of a store are no runs; beside it they are', () => {
  experiment('1', 'one')
  run('1/aa', { 'artifacts/metrics.csv': 'step,loss\n1,1\n' })
  put('../metrics.jsonl', '{"step":1,"loss":2}\n')
  const imported = bring([at.folder])
  expect(imported.projects.map(({ name }) => name).toSorted()).toEqual([path.basename(at.folder), 'one'].toSorted())
  expect(imported.runs).toHaveLength(2)
})

test('a store without runs, or one that was moved, says what it is', () => {
  experiment('0', 'Default')
  expect(() => bring()).toThrow(`${store()} tells of no run that could be imported.`)
  run('0/aa', { 'artifacts/a.txt': 'a' })
  renameSync(store(), path.join(at.folder, 'moved'))
  bring([path.join(at.folder, 'moved')])
  expect(seen(1).artifacts).toMatchObject([{ about: path.join(at.folder, 'moved/0/aa/artifacts') }])
})
