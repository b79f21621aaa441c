import { trainingIdentity } from '../reuse/identity.ts'
import { expect, test } from 'vitest'
import {
  checkpointTemplate,
  evaluationCommand,
  initPath,
  reportPlaces,
  trainerConfig,
  trainingCommand,
} from './commands.ts'
import { substitute } from './placeholders.ts'
import { planSweep } from '../plan.ts'
import { type SweepInput, sweepSchema } from '../sweep.ts'

const base: SweepInput = {
  name: 'short-cot-sft',
  axes: {
    batch_size: [128, 256, 512],
    learning_rate: ['1e-5', '2e-5', '4e-5'],
    epoch: { milestones: [3, 6] },
  },
  train: {
    command: [
      'bash',
      'train.sh',
      '${batch_size}',
      '${epoch.last}',
      '${learning_rate}',
      'sft_${batch_size}_${learning_rate}',
    ],
    gpus: 4,
    env: { RUN_NAME: 'run-${run}' },
  },
  checkpoint: '../ckpts/sft_${batch_size}_${learning_rate}/epoch_${epoch}',
  evaluate: { command: ['bash', 'eval.sh', '${checkpoint}', '${report}', '${gpu}'], report: { file: '${report}' } },
  score: { baseline: { GSM8k: 0.716 } },
}
const sweepOf = (changes: Partial<SweepInput> = {}) => sweepSchema.parse({ ...base, ...changes })

test('commands and paths of a training and an evaluation', () => {
  const sweep = sweepOf({ init: 'base-${batch_size}-${epoch.last}' })
  const plan = planSweep(sweep)
  const runtime = { run: 17, slots: ['0', '1', '2', '3'], init: null }
  expect(trainingCommand(sweep, plan.runs[8]!.params, runtime)).toEqual({
    arguments: ['bash', 'train.sh', '512', '6', '4e-5', 'sft_512_4e-5'],
    environment: { RUN_NAME: 'run-17' },
  })
  const point = plan.points[16]!
  const expected = checkpointTemplate(sweep, point.params, runtime)!
  const checkpoint = substitute(expected.template, expected.values)
  expect(checkpoint).toBe('../ckpts/sft_512_4e-5/epoch_3')
  const evaluation = { ...runtime, slots: ['2'], checkpoint, report: '/data/report.json' }
  expect(evaluationCommand(sweep, point.params, evaluation)!.arguments).toEqual([
    'bash',
    'eval.sh',
    '../ckpts/sft_512_4e-5/epoch_3',
    '/data/report.json',
    '2',
  ])
  const [place] = reportPlaces(sweep, point.params, evaluation)
  expect(substitute(place!.template, place!.values)).toBe('/data/report.json')
  expect(initPath(sweep, point.params)).toBe('base-512-6')
  expect(initPath(sweepOf(), point.params)).toBeNull()
  expect(checkpointTemplate(sweepOf({ checkpoint: undefined }), point.params, runtime)).toBeNull()
  expect(evaluationCommand(sweepOf({ evaluate: undefined }), point.params, evaluation)).toBeNull()
  expect(trainingCommand(sweepOf({ train: undefined, trainer: 'sft' }), point.params, runtime)).toBeNull()
})

test('ports and questions stand for themselves where there are none yet', () => {
  const train = { command: ['train', '--port=${port}', '${port.2}'] }
  const evaluate = { command: ['evaluate', '${port}', '${questions}'] }
  const sweep = sweepOf({ train, evaluate })
  const { params } = planSweep(sweep).points[0]!
  const runtime = { run: 1, slots: [], init: null }
  expect(trainingCommand(sweep, params, runtime)!.arguments).toEqual(train.command)
  expect(trainingCommand(sweep, params, { ...runtime, ports: [7001, 7002] })!.arguments).toEqual([
    'train',
    '--port=7001',
    '7002',
  ])
  const evaluation = { ...runtime, checkpoint: 'out', report: 'report.json' }
  expect(evaluationCommand(sweep, params, evaluation)!.arguments).toEqual(evaluate.command)
  expect(trainingIdentity(sweep, { directory: '/work', params })).toContain('${port.2}')
})

test('a milestone is the last one in a training and its own in a checkpoint', () => {
  const sweep = sweepOf({ train: { command: ['x', '${epoch}', '${epoch.last}'] } })
  const plan = planSweep(sweep)
  expect(trainingCommand(sweep, plan.runs[0]!.params, { run: 1, slots: ['0'], init: null })!.arguments).toEqual([
    'x',
    '6',
    '6',
  ])
  expect(checkpointTemplate(sweep, plan.points[0]!.params, { run: 1, init: null })!.values).toMatchObject({
    epoch: '3',
  })
})

test('settings of a built-in trainer: axes override config, literals become numbers and booleans', () => {
  const axes = {
    learning_rate: ['1e-5'],
    seed: ['07', '12345678901234567890'],
    pack: ['true', 'yes'],
    width: ['0x10', '.5', '1e999', '~'],
  }
  const sweep = sweepOf({ axes, trainer: 'sft', train: undefined, config: { width: 64, layers: 2 } })
  expect(trainerConfig(sweep, { learning_rate: '1e-5', seed: '07', pack: 'true', width: '0x10' })).toEqual({
    learning_rate: 0.00001,
    seed: 7,
    pack: true,
    width: 16,
    layers: 2,
  })
  expect(trainerConfig(sweep, { seed: '12345678901234567890', pack: 'yes', width: '1e999' })).toEqual({
    seed: '12345678901234567890',
    pack: 'yes',
    width: '1e999',
    layers: 2,
  })
  expect(trainerConfig(sweep, { width: '.5' }).width).toBe(0.5)
})
