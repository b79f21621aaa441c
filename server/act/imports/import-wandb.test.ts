/** Files that W&B's client keeps become runs of their own, as `wandb sync` would bring them. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findOwnRun } from '../../../db/queries/own-runs.ts'
import { wandbFile, wandbRecord } from '../../../tests/wandb-file.ts'
import { describeOwnRun } from '../../read/own-runs/describe-own-run.ts'
import { type Imported, type ImportOrder } from './import-metrics.ts'
import { ImportFolder } from '../../../tests/import-folder.ts'

const at = new ImportFolder()

const there = (name: string) => path.join(at.folder, 'wandb', name)
function put(name: string, content: string | Buffer): string {
  mkdirSync(path.dirname(there(name)), { recursive: true })
  writeFileSync(there(name), content)
  return there(name)
}

const { run, row, summary, axis, exit } = wandbRecord
const step = (call: number, values: Record<string, unknown>) => row({ _step: call, _timestamp: 1000 + call, ...values })
const bring = (files = [there('')], more?: Partial<ImportOrder>) => at.bring(files, more)
const valuesOf = (runId: number, metric: string) =>
  [...at.context.series.values(runId, metric)].map((value) => [value.step, value.value])
const seen = (runId: number) => describeOwnRun(at.context, findOwnRun(at.context.database, runId)!)
const told = ({ runs }: Imported) => runs.map(({ runId, added }) => [runId, added])

test('a folder of runs: each in its project, rows on their axis, settings, the summary, tables as rollouts, how it ended and when', () => {
  put(
    'offline-run-20260101_000000-aa/run-aa.wandb',
    wandbFile([
      run('aa', { project: 'one', name: 'first', config: { lr: 0.5 } }),
      axis('loss', 'global_step'),
      step(0, { loss: 1, global_step: 10, 'deep/er': 4 }),
      step(1, { loss: NaN, global_step: 20 }),
      step(2, { table: { _type: 'table-file', path: 'media/table/t_2_ab.table.json' }, global_step: 30 }),
      summary({ best: 0.5, 'deep/er': 5 }),
      exit(0, 60),
    ]),
  )
  const table = { columns: ['prompt', 'completion', 'reward'], data: [['p', 'r', 1]] }
  put('offline-run-20260101_000000-aa/files/media/table/t_2_ab.table.json', JSON.stringify(table))
  // what the client keeps beside its run is of that run
  put('offline-run-20260101_000000-aa/files/metrics.csv', 'step,loss\n1,1\n')
  put('run-20260101_000000-bb/run-bb.wandb', wandbFile([run('bb', { project: 'two' }), step(0, { loss: 2 }), exit(3)]))
  put('run-20260101_000000-cc/run-cc.wandb', wandbFile([run('cc', { project: 'two' }), step(0, { loss: 3 })]))
  symlinkSync('run-20260101_000000-bb', there('latest-run'))
  const imported = bring()
  expect(imported).toMatchObject({ problems: [], notes: [], projects: [{ name: 'one' }, { name: 'two' }] })
  expect(imported.runs.map(({ source, rows, samples }) => [source, rows, samples])).toEqual([
    ['wandb, first', 4, 1],
    ['wandb, bb', 1, 0],
    ['wandb, cc', 1, 0],
  ])
  expect(valuesOf(1, 'loss')).toEqual([
    [10, 1],
    [20, NaN],
  ])
  expect(valuesOf(1, 'deep.er')).toEqual([[0, 4]])
  expect(seen(1)).toMatchObject({
    name: 'first',
    status: 'done',
    startedAt: 1_000_000,
    finishedAt: 1_060_000,
    settings: { lr: '0.5' },
    summary: { best: 0.5, deep: { er: 5 } },
    artifacts: [{ role: 'made', name: 'files', about: there('offline-run-20260101_000000-aa/files') }],
  })
  expect(seen(2)).toMatchObject({ name: 'bb', status: 'failed', exitCode: 3 })
  expect(seen(3)).toMatchObject({ name: 'cc', status: 'stopped' })
})

test('a run that was resumed is one; the same folder again adds what is new, and nothing twice', () => {
  const first = [run('aa', { start: 1000 }), step(0, { loss: 1 })]
  const file = put('run-1-aa/run-aa.wandb', wandbFile(first))
  expect(told(bring())).toEqual([[1, null]])
  put('run-1-aa/run-aa.wandb', wandbFile([...first, step(1, { loss: 0.5 }), exit(0)]))
  put('run-2-aa/run-aa.wandb', wandbFile([run('aa', { start: 2000 }), step(2, { loss: 0.25 }), exit(0)]))
  // two rows, that it ended, began again and ended again
  expect(told(bring())).toEqual([[1, 5]])
  expect(told(bring())).toEqual([[1, 0]])
  expect(told(bring([file]))).toEqual([[1, 0]])
  expect(valuesOf(1, 'loss')).toEqual([
    [0, 1],
    [1, 0.5],
    [2, 0.25],
  ])
  expect(seen(1)).toMatchObject({ status: 'done', startedAt: 1_000_000, finishedAt: 2_000_000, attempts: [{}] })
  // the same id in another project is another run
  put('run-3-aa/run-aa.wandb', wandbFile([run('aa', { project: 'q' }), step(0, { loss: 7 }), exit(0)]))
  expect(told(bring())).toEqual([
    [1, 0],
    [2, null],
  ])
})

test('what cannot be read is told with its place; names lead nowhere else', () => {
  const long = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`metric ${at}`, at]))
  const whole = wandbFile([run('aa'), step(0, long), step(1, { loss: 1 })])
  put('run-1-aa/run-aa.wandb', whole.subarray(0, whole.length - 3))
  const damaged = wandbFile([run('bb'), step(0, { loss: 1 }), step(1, { loss: 2 })])
  damaged[damaged.length - 1]! ^= 1
  put('run-1-bb/run-bb.wandb', damaged)
  put('run-1-cc/run-cc.wandb', wandbFile([]))
  put('run-1-dd/run-dd.wandb', 'no file of theirs')
  put('secret.table.json', JSON.stringify({ columns: ['prompt', 'response'], data: [['p', 'r']] }))
  const away = { _type: 'table-file', path: '../../secret.table.json' }
  const odd = { __proto__: { polluted: 1 }, 'constructor/prototype/polluted': 1 }
  put(
    'run-1-ee/run-ee.wandb',
    wandbFile([run('ee'), step(0, { t: away, 'a/b': 1 }), summary({ '__proto__/polluted': 1, ...odd }), exit(0)]),
  )
  mkdirSync(there('run-1-ee/files'))
  const { problems, runs } = bring()
  expect(problems).toEqual([
    expect.stringMatching(/run-cc\.wandb tells of no run; it was passed over\.$/),
    expect.stringMatching(/run-aa\.wandb: its last record is not written to its end; it was passed over\.$/),
    expect.stringMatching(/run-bb\.wandb: the record at byte \d+ has a wrong checksum; it is damaged\.$/),
  ])
  expect(runs.map(({ rows, samples }) => [rows, samples])).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ])
  expect(valuesOf(1, 'metric 4999')).toEqual([[0, 4999]])
  expect(valuesOf(2, 'loss')).toEqual([[0, 1]])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})
