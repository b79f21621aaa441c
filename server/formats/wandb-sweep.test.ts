import { expect, test } from 'vitest'
import { parseSweep } from '../../domain/sweep/files/parse-sweep.ts'
import { readSweepText } from './read-sweep-file.ts'
import { convertWandbSweep } from './wandb-sweep.ts'

const grid = `program: train.py
method: grid
metric: { name: eval/accuracy, goal: maximize }
parameters:
  learning_rate: { values: [1e-5, 2e-5] }
  batch_size: { values: [32, 64] }
  epochs: { value: 3 }
command: ["\${env}", python, "\${program}", "\${args}"]
`

test('a grid comes with its literals, its constants in the command, and what it cannot say told', () => {
  const { definition, notes, taken } = convertWandbSweep(grid)!
  expect(definition).toEqual({
    name: 'train',
    axes: { learning_rate: ['1e-5', '2e-5'], batch_size: ['32', '64'] },
    train: {
      command: [
        '/usr/bin/env',
        'python',
        'train.py',
        '--learning_rate=${learning_rate}',
        '--batch_size=${batch_size}',
        '--epochs=3',
      ],
    },
    objective: { metric: 'eval/accuracy', goal: 'maximize' },
  })
  expect(taken).toEqual([
    'learning_rate: an axis, 2 values.',
    'batch_size: an axis, 2 values.',
    'epochs: always 3, in the command.',
    'metric: objective, maximize the last eval/accuracy.',
    'program and command: the command of a training.',
  ])
  expect(notes).toEqual([])
  expect(parseSweep(definition).issues).toEqual([])
})

test('ranges become ranges, in whole numbers where their ends are; what no grid holds is told', () => {
  const text = `method: grid
program: a.py
parameters:
  wd: { distribution: log_uniform_values, min: 1e-6, max: 1e-4 }
  warmup: { min: 10, max: 100 }
  rank: { distribution: q_uniform, min: 8, max: 32, q: 8 }
  noise: { distribution: normal, mu: 0, sigma: 1 }
  e: { distribution: log_uniform, min: -9, max: -2 }
  a.b: { values: [1] }
early_terminate: { type: hyperband }
command: [python, "\${program}", "\${args_json}", "\${args_no_hyphens}"]
`
  const { definition, notes } = convertWandbSweep(text)!
  expect(definition.axes).toEqual({
    wd: { log: ['1e-6', '1e-4', 5] },
    warmup: { range: ['10', '100', 5], integer: true },
    rank: { range: ['8', '32', 4], integer: true },
  })
  for (const word of ['wd:', 'warmup:', 'noise:', 'e:', 'a.b:', 'early_terminate', '${args_json}'])
    expect(notes.join('\n')).toContain(word)
  expect((definition.train as { command: string[] }).command).toEqual([
    'python',
    'a.py',
    '$${args_json}',
    'wd=${wd}',
    'warmup=${warmup}',
    'rank=${rank}',
  ])
})

test('a search comes with its method and its ends; steps stay a range, and what it goes by is asked for', () => {
  const text = `method: bayes
program: a.py
run_cap: 40
metric: { name: loss }
parameters:
  wd: { distribution: log_uniform_values, min: 1e-6, max: 1e-4 }
  warmup: { min: 10, max: 100 }
  dropout: { min: 0.0, max: 0.3 }
  rank: { distribution: q_uniform, min: 8, max: 32, q: 8 }
  layers: { distribution: int_uniform, min: 2, max: 8 }
`
  const { definition, notes, taken } = convertWandbSweep(text)!
  expect(definition.search).toEqual({ method: 'gaussian-process', trainings: 40 })
  expect(definition.axes).toEqual({
    wd: { log_uniform: ['1e-6', '1e-4'] },
    warmup: { integer: ['10', '100'] },
    dropout: { uniform: ['0.0', '0.3'] },
    rank: { range: ['8', '32', 4], integer: true },
    layers: { integer: ['2', '8'] },
  })
  expect(taken).toContain('wd: an axis, log_uniform from 1e-6 to 1e-4.')
  expect(taken).toContain('method: gaussian-process, 40 trainings.')
  expect(notes).toEqual([])
  expect(definition.objective).toEqual({ metric: 'loss', goal: 'minimize' })
  expect(convertWandbSweep(text.replace(/metric:.*\n/, ''))!.notes.join('\n')).toContain(
    'method: bayes needs what to go by',
  )
  expect(parseSweep(definition).issues).toEqual([])
  const random = convertWandbSweep(text.replace('bayes', 'random').replace('run_cap: 40\n', ''))!
  expect(random.definition.search).toEqual({ method: 'random', trainings: 20 })
  expect(random.notes.join('\n')).toContain('run_cap: none is given')
})

test('what is no sweep of W&B is not converted; one that is run as ours says what to do', () => {
  expect(convertWandbSweep('name: a\naxes: { a: [1] }\n')).toBeNull()
  expect(convertWandbSweep('- 1')).toBeNull()
  const { issues } = readSweepText(grid)
  expect(issues).toMatchObject([{ line: 4, message: expect.stringContaining('npm run sweep -- convert FILE') }])
})

test("an axis in another tool's words is told with what to write", () => {
  const text = `name: halfway
axes:
  learning_rate: { values: [1e-5, 2e-5] }
  batch_size: { min: 32, max: 64 }
  wd: { distribution: log_uniform_values, min: 1e-6, max: 1e-4 }
  epochs: 3
  fine: [1, 2]
train: { command: ["true"] }
`
  const messages = readSweepText(text).issues.map(({ message, line }) => `${line} ${message}`)
  expect(messages).toEqual([
    '3 The axis learning_rate is not written as axes are here; write learning_rate: [1e-5, 2e-5].',
    '4 The axis batch_size is not written as axes are here; write batch_size: { range: [32, 64, 5], integer: true }, 5 being how many values it has.',
    expect.stringMatching(/^5 .* write wd: \{ log: \[.*, 5\] \}, 5 being/),
    '6 The axis epochs is not written as axes are here; write epochs: [3] for one value.',
  ])
})

test('hyperband becomes asynchronous successive halving by the metric of the sweep', () => {
  const converted = convertWandbSweep(`program: train.py
method: grid
metric: { name: eval/loss, goal: minimize }
early_terminate: { type: hyperband, max_iter: 27, s: 2, eta: 3 }
parameters: { lr: { values: [1e-5, 2e-5] } }
`)!
  expect(converted.definition).toMatchObject({
    stop_early: { method: 'asha', min: 3, factor: 3, metric: 'eval/loss', goal: 'minimize' },
  })
  expect(converted.notes.join(' ')).not.toContain('early_terminate')
})
