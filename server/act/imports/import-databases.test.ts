/** SQLite files of other trackers become runs of their own; what is none of theirs, or damaged, is told. */
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { expect, test } from 'vitest'
import { findOwnRun, listOwnRuns } from '../../../db/queries/own-runs.ts'
import { describeOwnRun } from '../../read/own-runs/describe-own-run.ts'
import { type Imported, type ImportOrder } from './import-metrics.ts'
import { ImportFolder } from '../../../tests/import-folder.ts'

const at = new ImportFolder()

const there = (name: string) => path.join(at.folder, 'there', name)
const bring = (files: string[], more?: Partial<ImportOrder>) => at.bring(files, more)
const valuesOf = (runId: number, metric: string) =>
  [...at.context.series.values(runId, metric)].map(({ step, time, value }) => [step, time, value])
const seen = (runId: number) => describeOwnRun(at.context, findOwnRun(at.context.database, runId)!)
const told = ({ runs }: Imported) => runs.map(({ runId, added }) => [runId, added])

/** Writes a database. */
function database(name: string, sql: string): string {
  mkdirSync(path.dirname(there(name)), { recursive: true })
  const written = new SqliteDatabase(there(name))
  written.exec(sql)
  written.close()
  return there(name)
}

/** What every version of MLflow's has. */
const oldest = `
  create table experiments (experiment_id integer primary key, name text, artifact_location text, lifecycle_stage text);
  create table runs (run_uuid text primary key, name text, status text, start_time integer, end_time integer,
    lifecycle_stage text, artifact_uri text, experiment_id integer);
  create table metrics (key text, value float, timestamp integer, run_uuid text, step integer, is_nan boolean);
  create table params (key text, value text, run_uuid text);
  create table tags (key text, value text, run_uuid text);
  insert into experiments values (1, 'one', './mlruns/1', 'active'), (2, 'gone', './mlruns/2', 'deleted');
  insert into runs values ('aa', 'first', 'FINISHED', 1000000, 1009000, 'active', './mlruns/1/aa/artifacts', 1),
    ('bb', '', 'KILLED', 1001000, 1009000, 'active', 's3://bucket/bb', 1),
    ('cc', 'deleted', 'FINISHED', 1000000, 1009000, 'deleted', '', 1), ('dd', 'of gone', 'FINISHED', 1, 2, 'active', '', 2);
  insert into metrics values ('train/loss', 0.5, 1001000, 'aa', 1, 0), ('train/loss', 0, 1002000, 'aa', 2, 1),
    ('train/loss', 1.7976931348623157e308, 1003000, 'aa', 3, 0), ('train/loss', -1.7976931348623157e308, 1004000, 'aa', 4, 0),
    ('acc', 0.25, 1001000, 'aa', 1, 0), ('loss', 3, 1005000, 'bb', 7, 0);
  insert into params values ('lr', '1e-5', 'aa');
  insert into tags values ('team', 'blue', 'aa'), ('mlflow.note.content', '# Why', 'aa'), ('mlflow.parentRunId', 'aa', 'bb'),
    ('mlflow.runName', 'a part', 'bb');`
/** What later ones have. */
const later = `
  create index index_metrics_run_uuid on metrics (run_uuid);
  create table inputs (input_uuid text, source_type text, source_id text, destination_type text, destination_id text, step integer);
  create table input_tags (input_uuid text, name text, value text);
  create table datasets (dataset_uuid text, name text, digest text);
  create table logged_models (model_id text, name text, artifact_location text, creation_timestamp_ms integer,
    lifecycle_stage text, source_run_id text);
  insert into inputs values ('i', 'DATASET', 'd', 'RUN', 'aa', 0), ('o', 'RUN_OUTPUT', 'aa', 'MODEL_OUTPUT', 'm-1', 3),
    ('u', 'RUN_INPUT', 'bb', 'MODEL_INPUT', 'm-1', 0);
  insert into input_tags values ('i', 'mlflow.data.context', 'training');
  insert into datasets values ('d', 'gsm8k', '0123');
  insert into logged_models values ('m-1', 'actor', './mlruns/1/models/m-1/artifacts', 1002500, 'active', 'aa'),
    ('m-2', 'secret', '/etc', 1002500, 'active', 'aa'), ('m-3', 'gone', './mlruns/1/models/m-1/artifacts', 1, 'deleted', 'aa');`

test.each([
  ['the oldest', oldest],
  ['a later one', oldest + later],
])(
  'a database of MLflow’s, of %s of its versions: runs with their projects, settings, metrics, tags, ends and parents',
  (_, sql) => {
    const file = database('mlflow.db', sql)
    const imported = bring([file])
    expect(imported).toMatchObject({
      problems: [],
      projects: [{ name: 'one' }],
      runs: [{ source: 'mlflow.db, first', rows: 4 }, { source: 'mlflow.db, a part' }],
      notes: [
        '1 run of gone was deleted in MLflow, and passed over.',
        '1 run of one was deleted in MLflow, and passed over.',
      ],
    })
    expect(seen(1)).toMatchObject({
      name: 'first',
      project: { name: 'one' },
      status: 'done',
      startedAt: 1_000_000,
      finishedAt: 1_009_000,
      settings: { lr: '1e-5' },
      tags: ['team: blue'],
      note: '# Why',
    })
    expect(valuesOf(1, 'train/loss')).toEqual([
      [1, 1001, 0.5],
      [2, 1002, NaN],
      [3, 1003, Infinity],
      [4, 1004, -Infinity],
    ])
    expect(seen(2)).toMatchObject({ name: 'a part', status: 'cancelled', parent: { id: 1 }, lastStep: 7 })
    expect(readdirSync(path.dirname(file))).toEqual(['mlflow.db'])
  },
)

test('its models and data sets are those of the run, where their folders are on this machine and hold a model', () => {
  const file = database('mlflow.db', oldest + later)
  mkdirSync(there('mlruns/1/models/m-1/artifacts'), { recursive: true })
  writeFileSync(there('mlruns/1/models/m-1/artifacts/MLmodel'), 'flavors')
  mkdirSync(there('mlruns/1/aa/artifacts'), { recursive: true })
  writeFileSync(there('mlruns/1/aa/artifacts/metrics.csv'), 'step,loss\n1,1\n')
  // found by its folder: the table among its artifacts is no run
  expect(bring([path.dirname(file)]).runs.map(({ source }) => source)).toEqual([
    'there/mlflow.db, first',
    'there/mlflow.db, a part',
  ])
  const { checkpoints, artifacts } = seen(1)
  expect(checkpoints.map(({ step, path: at }) => [step, at])).toEqual([[3, there('mlruns/1/models/m-1/artifacts')]])
  expect(artifacts.map(({ role, name, about }) => [role, name, about])).toEqual([
    ['used', 'gsm8k', 'training, digest 0123'],
    ['made', 'artifacts', there('mlruns/1/aa/artifacts')],
  ])
  expect(seen(2)).toMatchObject({
    startedFrom: { checkpoint: { runId: 1, step: 3 } },
    artifacts: [{ role: 'used', name: 'm-1' }],
  })
})

test('the same database again adds points and runs, and nothing twice', () => {
  const file = database('mlflow.db', oldest + later)
  expect(told(bring([file]))).toEqual([
    [1, null],
    [2, null],
  ])
  database(
    'mlflow.db',
    `insert into metrics values ('acc', 0.75, 1006000, 'aa', 1, 0), ('loss', 2, 1006000, 'bb', 8, 0);
    insert into runs values ('ee', 'new', 'RUNNING', 2000000, null, 'active', '', 1)`,
  )
  expect(told(bring([file, there('')]))).toEqual([
    [1, 1],
    [2, 1],
    [3, null],
    [1, 0],
    [2, 0],
    [3, 0],
  ])
  expect(valuesOf(1, 'acc').at(-1)).toEqual([1, 1006, 0.75])
  expect(seen(3)).toMatchObject({ name: 'new', status: 'stopped' })
})

test('points that are none are told with their run and value', () => {
  const file = database(
    'mlflow.db',
    `${oldest} insert into metrics values ('acc', 1, 1001000, 'aa', -1, 0), ('acc', 'much', 1001000, 'aa', 1, 0), ('acc', 1, 'then', 'aa', 1, 0)`,
  )
  expect(bring([file]).problems).toEqual([
    `${file}: the run aa has a point of "acc" with the step -1; it was passed over.`,
    `${file}: the run aa has a point of "acc" with the value "much"; it was passed over.`,
    `${file}: the run aa has a point of "acc" with the timestamp "then"; it was passed over.`,
  ])
})

/** What Trackio writes; the first of its versions knew a run by its name, and no marks of entries. */
const trackio = `
  create table metrics (id integer primary key, run_id text, timestamp text, run_name text, step integer, metrics text, log_id text);
  create table configs (id integer primary key, run_id text, run_name text, config text, created_at text);
  create table alerts (id integer primary key, run_id text, timestamp text, run_name text, title text, text text, level text, step integer, alert_id text);
  insert into configs values (1, 'aa', 'first', cast('{"lr":1e-5,"nested":{"a":[1]},"_Created":"1970-01-01T00:16:40Z","_Group":"g"}' as blob), 'x');
  insert into metrics values
    (1, 'aa', '1970-01-01T00:16:41+00:00', 'first', 0, cast('{"loss":0.5,"odd":"NaN","train/global_step":10}' as blob), 'e1'),
    (2, 'aa', '1970-01-01T00:16:42+00:00', 'first', 1, cast('{"loss":0.25,"nested":{"a":1},"train/global_step":20}' as blob), 'e2'),
    (3, 'bb', '1970-01-01T00:16:43+00:00', 'first', 0, '{"loss":1}', 'e3'),
    (4, 'aa', '1970-01-01T00:16:44+00:00', 'first', 30,
      '{"t":{"_type":"trackio.table","_value":[{"prompt":"p","response":"r","reward":1.5}]},"i":{"_type":"trackio.image","file_path":"x"}}', 'e4');
  insert into alerts values (1, 'aa', 'x', 'first', 'Spike', 'loss is 9', 'error', 1, 'a1');`
const oldTrackio = `
  create table metrics (id integer primary key, timestamp text, run_name text, step integer, metrics text);
  insert into metrics values (1, '1970-01-01T00:16:41', 'first', 0, '{"loss":0.5}'), (2, '1970-01-01T00:16:42', 'second', 0, '{"loss":1}'),
    (3, '1970-01-01T00:16:43', 'first', 1, '{"loss":0.25}')`

test('a project of Trackio’s: runs with settings, metrics at true steps, rollouts, alerts as notes, the group; nothing is left beside it', () => {
  const file = database('tests.db', `pragma journal_mode = wal; ${trackio}`)
  mkdirSync(there('media/tests/first/30'), { recursive: true })
  writeFileSync(there('media/tests/first/30/metrics.csv'), 'step,loss\n1,1\n')
  const before = readFileSync(file)
  const imported = bring([there('')])
  expect(imported).toMatchObject({ problems: [], notes: [], projects: [{ name: 'tests' }] })
  expect(imported.runs.map(({ source, rows, samples }) => [source, rows, samples])).toEqual([
    ['there/tests.db, first', 2, 1],
    ['there/tests.db, first', 1, 0],
  ])
  expect(seen(1)).toMatchObject({
    name: 'first',
    status: 'done',
    startedAt: 1_000_000,
    finishedAt: 1_002_000,
    group: 'g',
    settings: { lr: '0.00001', 'nested.a': '[1]' },
    notes: [{ level: 'error', text: 'Spike: loss is 9' }],
    artifacts: [{ role: 'made', name: 'media', about: there('media/tests/first') }],
  })
  expect(valuesOf(1, 'loss')).toEqual([
    [10, 1001, 0.5],
    [20, 1002, 0.25],
  ])
  expect(valuesOf(1, 'odd')).toEqual([[10, 1001, NaN]])
  expect(valuesOf(1, 'nested/a')).toEqual([[20, 1002, 1]])
  expect(readdirSync(there('')).toSorted()).toEqual(['media', 'tests.db'])
  expect(readFileSync(file).equals(before)).toBe(true)
  database(
    'tests.db',
    `insert into metrics values (9, 'aa', '1970-01-01T00:16:45+00:00', 'first', 3, '{"loss":0.125}', 'e9')`,
  )
  expect(told(bring([file]))).toEqual([
    [1, 1],
    [2, 0],
  ])
})

test('while Trackio has its project open what is in its log is read, too', () => {
  const file = database('tests.db', `pragma journal_mode = wal; ${trackio}`)
  const open = new SqliteDatabase(file)
  open.exec(`insert into metrics values (9, 'bb', '1970-01-01T00:16:45+00:00', 'first', 1, '{"loss":2}', 'e9')`)
  bring([file])
  expect(valuesOf(2, 'loss').at(-1)).toEqual([1, 1005, 2])
  open.exec(`insert into metrics values (10, 'bb', '1970-01-01T00:16:45+00:00', 'first', 2, '{"loss":3}', 'e10')`)
  open.close()
  expect(told(bring([file]))).toEqual([
    [1, 0],
    [2, 1],
  ])
})

test('Trackio’s first versions know a run by its name; rows that are none are told', () => {
  const broken = [`'{"loss":'`, `'[1]'`, `'${'[[[['.repeat(50)}'`, 'null']
  const rows = broken.map((text, at) => `(${10 + at}, 'x', 'first', 3, ${text})`)
  const file = database('old.db', `${oldTrackio}; insert into metrics values ${rows.join(', ')}`)
  const { runs, problems } = bring([file])
  expect(runs.map(({ source, rows }) => [source, rows])).toEqual([
    ['old.db, first', 2],
    ['old.db, second', 1],
  ])
  expect(problems).toEqual([
    `${file}: the row 10 of first has metrics that is no JSON: "{\\"loss\\":"; it was passed over.`,
    `${file}: the row 11 of first has the metrics [1]; expected an object; it was passed over.`,
    expect.stringContaining('the row 12 of first has metrics that is nested too deep'),
    expect.stringContaining('the row 13 of first has metrics that is no JSON: null'),
  ])
})

test('an id or a project of more characters than are kept is told, and its run passed over', () => {
  const long = 'x'.repeat(501)
  const run = `insert into runs values ('${long}', 'odd', 'FINISHED', 1, 2, 'active', '', 1)`
  const file = database('mlflow.db', `${oldest} ${run}; insert into params values ('lr', '1', '${long}')`)
  const { problems, runs } = bring([file])
  expect(problems).toEqual([
    expect.stringMatching(/has a run with the id or the project "x+… of 501 characters; expected/),
  ])
  expect(runs).toHaveLength(2)
})

test('a database of something else, and a damaged one, are told; beside others they are passed over', () => {
  const other = database('other.db', 'create table studies (id integer); create view runs as select 1 as run_uuid')
  expect(() => bring([other])).toThrow(
    `${other} is a SQLite database of no tracker that is known; it has the tables studies;`,
  )
  const damaged = database('mlflow.db', oldest)
  truncateSync(damaged, statSync(damaged).size - 4096)
  expect(() => bring([damaged])).toThrow(/mlflow\.db cannot be read as a SQLite database: .*malformed/)
  writeFileSync(there('text.db'), 'step,loss\n1,1\n')
  writeFileSync(there('metrics.csv'), readFileSync(there('text.db')))
  const { runs, notes, problems } = bring([there('')])
  expect(runs).toHaveLength(1)
  expect(problems).toEqual([expect.stringMatching(/mlflow\.db cannot be read as a SQLite database: .*malformed/)])
  expect(notes).toEqual([
    expect.stringMatching(/other\.db is a SQLite database of no tracker .* It was passed over\.$/),
  ])
  expect(listOwnRuns(at.context.database)).toHaveLength(1)
})
