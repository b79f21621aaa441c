import { expect, test } from 'vitest'
import {
  readAccuracy,
  readConfigValue,
  readDuration,
  readWholeNumber,
  splitCommand,
  splitValues,
  writeConfigValue,
  writeDuration,
} from './field-values.ts'
import { partsLeftOut, sweepOfForm } from './read-sweep-form.ts'
import { emptyForm, formOfSweep, nextRowId, withAxisKind, type SweepForm } from './sweep-form.ts'
import { sweepSchema, type SweepInput } from '../../../domain/sweep/sweep.ts'

const external: SweepInput = {
  name: 'short-cot-sft',
  search: 'grid',
  axes: {
    batch_size: ['128', '256', '512'],
    learning_rate: ['1e-5', '2e-5', '4e-5'],
    warmup: { range: ['0', '0.10', 3] },
    decay: { log: ['1e-3', '1e-1', 3] },
    epoch: { milestones: ['3', '6'] },
  },
  init: 'models/${batch_size}',
  track: { files: ['logs/${batch_size}/*.jsonl'] },
  train: {
    command: ['bash', 'scripts/sft.sh', '${batch_size}', '', 'a b', '--name="x"'],
    gpus: 4,
    env: { WANDB_MODE: 'offline', EMPTY: '', EQUALS: 'a=b' },
    timeout_seconds: 7200,
    retries: 1,
    executor: { slurm: {} },
  },
  checkpoint: '../ckpts/epoch_${epoch}',
  evaluate: {
    command: ['bash', 'eval.sh', '${checkpoint}', '${report}', '${gpu}'],
    gpus: 2,
    env: { A: 'b' },
    timeout_seconds: 90.5,
    retries: 3,
    race: true,
    executor: 'local',
    report: { file: 'out.json', accuracies: 'acc', metric: 'em', scale: 'percent', format: 'lm-eval' },
  },
  score: {
    aggregate: 'minimum',
    baseline: { AMC23: 30, GSM8k: 71.6 },
    scale: 'percent',
    questions: { GSM8k: 1319, Extra: 12 },
  },
  stop_early: { method: 'asha', min: 1.5, factor: 4, metric: 'eval/loss', goal: 'minimize' },
  finalists: { top: 4, seeds: 5 },
  executor: {
    slurm: { partition: 'gpu', account: 'lab', qos: 'long', time: '2:00:00', gpus_per_node: 4, options: ['--mem=64G'] },
  },
  concurrency: 2,
  max_slots: 6,
  budget: { gpu_hours: 200 },
}

const builtIn: SweepInput = {
  name: 'grpo',
  search: { method: 'gaussian-process', trainings: 1200, seed: 0 },
  axes: {
    learning_rate: ['07', '0.10'],
    warmup: { uniform: ['0.00', '0.10'] },
    clip: { log_uniform: ['1e-2', '1'] },
    minibatches: { integer: ['1', '4'] },
  },
  when: { clip: { learning_rate: '0.10' }, minibatches: { learning_rate: ['07', '0.10'] } },
  stop_early: { method: 'milestones', keep: 0.25, hold: false },
  trainer: 'grpo',
  config: {
    steps: 300,
    schedule: 'cosine',
    literal: '07',
    rewards: { correct: 100, mix: [1, 2] },
    kl: null,
    on: true,
    quoted: '"',
    yes: 'true',
  },
  score: { baseline: 'short-cot', questions: { AMC23: 40 } },
}

const byMetric: SweepInput = {
  name: 'by-metric',
  axes: { learning_rate: ['1', '2'] },
  trainer: 'sft',
  objective: { metric: 'eval/loss', goal: 'minimize', at: 'best' },
  constraints: ['response_length < 2000', 'MATH 500 >= 0.4'],
}

const byFront: SweepInput = {
  ...builtIn,
  stop_early: undefined,
  objectives: [
    { metric: 'score', goal: 'maximize' },
    { metric: 'response_length', goal: 'minimize', at: 'best' },
  ],
}

test('every key of the schema is in a sweep that goes through the form here', () => {
  const { train, evaluate, score } = sweepSchema.shape
  const lacking = (shape: object, tried: object[]) =>
    Object.keys(shape).filter((key) => !tried.some((one) => key in one))
  expect(lacking(sweepSchema.shape, [external, builtIn, byMetric, byFront])).toEqual([])
  expect(lacking(train.unwrap().shape, [external.train!])).toEqual([])
  expect(lacking(evaluate.unwrap().shape, [external.evaluate!])).toEqual([])
  expect(lacking(score.unwrap().shape, [external.score!])).toEqual([])
})

test.each([
  ['of external programs', external],
  ['of a built-in trainer', builtIn],
  ['with a metric in place of a score', byMetric],
  ['with several objectives, the score among them', byFront],
  ['with several metrics', { ...byFront, score: undefined }],
  [
    'whose reports stand in a file, and by a metric, for each benchmark, against a report of the base model',
    {
      ...external,
      evaluate: {
        ...external.evaluate,
        report: {
          format: 'lm-eval' as const,
          file: { gsm8k: 'out/${batch_size}/a=b.json', 'a=b': 'x' },
          metric: { gsm8k: 'exact_match,strict-match' },
        },
      },
      score: { baseline: { report: 'base/results.json' }, questions: { gsm8k: 1319 } },
    },
  ],
  [
    'on a Ray cluster',
    {
      ...builtIn,
      executor: {
        ray: {
          address: 'http://head:8265',
          gpus: 0.5,
          cpus: 4,
          working_directory: '/work',
          options: { resources: { a100: 1 }, memory_bytes: 64e9, runtime_env: { pip: ['x'] } },
        },
      },
    },
  ],
  ['with a baseline that is measured', { ...builtIn, init: 'base', score: { baseline: { measure: 'init' } } }],
  [
    'of a built-in trainer that holds slots',
    { ...builtIn, train: { gpus: 2, retries: 2 }, evaluate: { gpus: 1, timeout_seconds: 60 } },
  ],
])('a sweep %s comes back from the form as it went in', (_, input) => {
  const sweep = sweepSchema.parse(input)
  const back = sweepOfForm(formOfSweep(sweep))
  expect(back.issues).toEqual([])
  expect(sweepSchema.parse(back.input)).toEqual(sweep)
  // the order of the axes is the plan's order
  expect(Object.keys(back.input.axes)).toEqual(Object.keys(input.axes))
})

function issuesOf(change: Partial<SweepForm>) {
  return sweepOfForm({ ...formOfSweep(sweepSchema.parse(external)), ...change }).issues
}

test('what a field cannot say is named with its value, and the rest of the sweep stays', () => {
  const form = formOfSweep(sweepSchema.parse(external))
  const { input, issues } = sweepOfForm({
    ...form,
    train: { ...form.train, gpus: 'four', stopAfter: '2 moons', environment: ['WANDB'] },
  })
  expect(issues.map((issue) => issue.path.join('.'))).toEqual(['train.env', 'train.timeout_seconds', 'train.gpus'])
  expect(issues.map((issue) => issue.message).join(' ')).toMatch(/“WANDB”.*“2 moons”.*“four”/)
  expect(input.train).toEqual({ command: external.train!.command, retries: 1, executor: { slurm: {} } })
  expect(input.axes).toEqual(external.axes)
})

test('two axes, settings or benchmarks of one name are said, never merged in silence', () => {
  const row = { id: 9, name: 'batch_size', kind: 'list' as const, values: ['1'], low: '', high: '', count: '' }
  const form = formOfSweep(sweepSchema.parse(external))
  expect(issuesOf({ axes: [...form.axes, row] })).toMatchObject([{ path: ['axes', 'batch_size'] }])
  expect(
    issuesOf({ benchmarks: [...form.benchmarks, { id: 9, name: 'AMC23', accuracy: '0.5', questions: '' }] }),
  ).toMatchObject([{ path: ['score', 'baseline', 'AMC23'] }])
  const twice = [
    { id: 1, key: 'steps', value: '3' },
    { id: 2, key: 'steps', value: '4' },
  ]
  expect(issuesOf({ trainer: 'sft', config: twice })).toMatchObject([{ path: ['config', 'steps'] }])
})

test('a report of each benchmark: no name, no path or the same twice is said', () => {
  const { evaluate } = formOfSweep(sweepSchema.parse(external))
  const said = (...pairs: [string, string][]) =>
    issuesOf({
      evaluate: { ...evaluate, reportFiles: pairs.map(([key, value], at) => ({ id: at + 1, key, value })) },
    }).map((issue) => issue.message)
  expect(said(['gsm8k', 'a'], ['', ''])).toEqual([])
  expect(said(['', 'a'])).toEqual(['“a” needs the name of its benchmark.'])
  expect(said(['gsm8k', ' '])).toEqual(['“gsm8k” needs a path.'])
  expect(said(['gsm8k', 'a'], ['gsm8k', 'b'])).toEqual(['“gsm8k” stands there twice.'])
  expect(issuesOf({ baselineReport: ' ' })).toMatchObject([{ path: ['score', 'baseline', 'report'] }])
  expect(issuesOf({ baselineMeasure: ' ' })).toMatchObject([{ path: ['score', 'baseline', 'measure'] }])
})

test('an accuracy given in per cent by habit gets its share as a fix', () => {
  const benchmarks = [{ id: 1, name: 'GSM8k', accuracy: '71.6', questions: '' }]
  expect(issuesOf({ benchmarks, baselineScale: '' })).toMatchObject([{ fix: { label: 'Use 0.716', value: '0.716' } }])
  expect(issuesOf({ baselineScale: '', benchmarks: [{ ...benchmarks[0]!, accuracy: '71.6 %' }] })).toEqual([])
})

test('whose logs are taken in comes back as it was said, and files that nobody has named are asked for', () => {
  for (const track of [undefined, 'none', 'here', 'both'] as const)
    expect(sweepOfForm({ ...emptyForm, track }).input.track).toBe(track)
  expect(issuesOf({ track: { files: [] } })).toEqual([
    { path: ['track', 'files'], message: expect.stringContaining('Name a file, a folder or a pattern') },
  ])
})

test('an empty form asks for an axis name and a baseline, and fails at nothing else of its own', () => {
  expect(sweepOfForm(emptyForm).issues.map((issue) => issue.path)).toEqual([
    ['axes', ''],
    ['score', 'baseline'],
  ])
})

test('a command is kept aside while a built-in trainer is chosen', () => {
  const form = { ...formOfSweep(sweepSchema.parse(external)), trainer: 'sft' as const }
  const { input } = sweepOfForm(form)
  expect([input.trainer, input.train?.command, input.evaluate?.command, input.checkpoint]).toEqual([
    'sft',
    undefined,
    undefined,
    undefined,
  ])
  expect(sweepOfForm({ ...form, trainer: 'command' }).input.train?.command).toEqual(external.train!.command)
})

test('a list that becomes a range keeps its ends', () => {
  const row = { id: 1, name: 'a', kind: 'list' as const, values: ['1', '2', '8'], low: '', high: '', count: '' }
  expect(withAxisKind(row, 'range')).toEqual({ ...row, kind: 'range', low: '1', high: '8', count: '3' })
  expect(withAxisKind(withAxisKind(row, 'range'), 'list').values).toEqual(row.values)
  expect(nextRowId([{ id: 4 }, { id: 2 }])).toBe(5)
})

test('times are read as people write them, and written so that they read back', () => {
  const read: [string, number | null][] = [
    ['2 h', 7200],
    ['90 min', 5400],
    ['7200', 7200],
    ['1h30', null],
    ['1 h 30 min', 5400],
    ['1.5h', 5400],
    ['45s', 45],
    ['0', null],
    ['', null],
    ['-3', null],
  ]
  for (const [text, seconds] of read) expect([text, readDuration(text)]).toEqual([text, seconds])
  for (const seconds of [1, 59, 60, 5400, 7200, 90_061, 0.5, 3600.1])
    expect(readDuration(writeDuration(seconds))).toBe(seconds)
  expect(writeDuration(5400)).toBe('1 h 30 min')
})

test('numbers are read with separators, accuracies as share or per cent', () => {
  expect(['1,319', '1 319', '40', '1,3', '1.5', 'x'].map(readWholeNumber)).toEqual([1319, 1319, 40, null, null, null])
  expect(['0.716', '.5', '71.6 %', '1e-3', '0,3', '-1'].map(readAccuracy)).toEqual([
    0.716,
    0.5,
    0.716,
    0.001,
    null,
    null,
  ])
})

test('a setting reads as YAML would take it', () => {
  const read = (text: string) => readConfigValue(text)?.value
  expect(['1e-4', 'true', 'null', '~', 'cosine', '"07"', "'it''s'", '{"a":[1]}'].map(read)).toEqual([
    0.0001,
    true,
    null,
    null,
    'cosine',
    '07',
    "it's",
    { a: [1] },
  ])
  expect(['{a', '[1', '"x'].map(readConfigValue)).toEqual([null, null, null])
  for (const value of ['1e-4', 'true', '', ' x', '{', "'", null, 0.0001, [1, 'a'], { a: null }])
    expect(read(writeConfigValue(value))).toEqual(value)
})

test('a pasted list splits into its values', () => {
  expect(splitValues('1e-5, 2e-5')).toEqual(['1e-5', '2e-5'])
  expect(splitValues('0.10, "07"; a b\n\tc')).toEqual(['0.10', '07', 'a b', 'c'])
  expect(splitValues('[1, 2]')).toEqual(['1', '2'])
  expect(splitValues(' , ')).toEqual([])
})

test('a pasted command line becomes one argument a box', () => {
  expect(splitCommand('$ bash train.sh "a b" --name=\'x y\' ${lr}')).toEqual([
    'bash',
    'train.sh',
    'a b',
    '--name=x y',
    '${lr}',
  ])
  expect(splitCommand('python a.py \\\n  --x 1 ""')).toEqual(['python', 'a.py', '--x', '1', ''])
  expect(splitCommand('[bash, scripts/a b.sh, "${batch_size}", "x, y"]')).toEqual([
    'bash',
    'scripts/a b.sh',
    '${batch_size}',
    'x, y',
  ])
})

test('what the form has no place for is named, and a sweep that can start has nothing of the kind', () => {
  for (const input of [external, builtIn]) expect(partsLeftOut(sweepSchema.parse(input))).toEqual([])
  const both = sweepSchema.parse({ ...external, trainer: 'sft' })
  expect(partsLeftOut(both)).toEqual(['train.command', 'checkpoint', 'evaluate.command', 'evaluate.report'])
  expect(partsLeftOut(sweepSchema.parse({ ...external, config: { steps: 3 } }))).toEqual(['config'])
})
