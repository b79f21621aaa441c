import { expect, test } from 'vitest'
import { evaluationIdentity, trainingIdentity } from './identity.ts'
import { sweepSchema, type SweepInput } from '../sweep.ts'

const base: SweepInput = {
  name: 'a',
  axes: { lr: ['1e-5', '2e-5'], epoch: { milestones: ['3', '6'] } },
  train: { command: ['bash', 'sft.sh', '${lr}', '${epoch.last}', 'run-${run}', '${gpu}'], env: { A: '1', B: '${lr}' } },
  checkpoint: 'out/${lr}/epoch_${epoch}',
  evaluate: { command: ['bash', 'eval.sh', '${checkpoint}', '${report}'], report: { accuracies: 'acc' } },
  score: { baseline: { A: 0.5 } },
}
const params = { lr: '1e-5', epoch: '6' }
const training = (changes: Partial<SweepInput> = {}, of = params, directory = '/work') =>
  trainingIdentity(sweepSchema.parse({ ...base, ...changes }), { directory, params: of })
const evaluation = (changes: Partial<SweepInput> = {}) =>
  evaluationIdentity(sweepSchema.parse({ ...base, ...changes }), { directory: '/data', params })

test.each<[string, Partial<SweepInput>]>([
  ['its name', { name: 'b' }],
  ['more values', { axes: { ...base.axes, lr: ['1e-5', '2e-5', '4e-5'] } }],
  ['which milestones lie before the last', { axes: { lr: ['1e-5'], epoch: { milestones: ['1', '6'] } } }],
  ['the evaluation', { evaluate: { command: ['other'] } }],
  ['the baseline', { score: { baseline: { A: 0.1, B: 0.2 } } }],
  ['slots, retries and limits', { train: { ...base.train, gpus: 2, retries: 3, timeout_seconds: 9 }, concurrency: 1 }],
  ['the order of variables', { train: { ...base.train, env: { B: '${lr}', A: '1' } } }],
  ['where its checkpoints stand', { checkpoint: 'elsewhere/*' }],
])('the same training, whatever %s', (_what, changes) => {
  expect(training(changes)).toBe(training())
})

test.each<[string, Partial<SweepInput>]>([
  ['a later last milestone', { axes: { ...base.axes, epoch: { milestones: ['3', '9'] } } }],
  ['another argument', { train: { ...base.train, command: ['bash', 'sft.sh', '${lr}'] } }],
  ['another axis, which its job file tells', { axes: { ...base.axes, seed: ['1'] } }],
  ['another variable', { train: { ...base.train, env: { A: '2', B: '${lr}' } } }],
  ['a checkpoint to start from', { init: 'models/base' }],
])('another training: %s', (_what, changes) => {
  const last = changes.axes?.seed ? { ...params, seed: '1' } : changes.axes ? { lr: '1e-5', epoch: '9' } : params
  expect(training(changes, last)).not.toBe(training())
})

test('another training: another value, another folder, a built-in trainer with another config', () => {
  expect(training({}, { lr: '2e-5', epoch: '6' })).not.toBe(training())
  expect(training({}, params, '/elsewhere')).not.toBe(training())
  const builtIn = (config: Record<string, unknown>) =>
    trainingIdentity(sweepSchema.parse({ name: 'b', axes: { lr: ['1'] }, trainer: 'sft', config, score: base.score }), {
      directory: '/work',
      params: { lr: '1' },
    })
  expect(builtIn({ width: 8, layers: 2 })).toBe(builtIn({ layers: 2, width: 8 }))
  expect(builtIn({ width: 8 })).not.toBe(builtIn({ width: 16 }))
})

test('an evaluation is another one with another command or a mended report key, not with another baseline', () => {
  expect(evaluation({ score: { baseline: { B: 0.1 } } })).toBe(evaluation())
  expect(evaluation({ evaluate: { ...base.evaluate, gpus: 2 } })).toBe(evaluation())
  expect(evaluation({ evaluate: { ...base.evaluate, report: { accuracies: 'accuracy' } } })).not.toBe(evaluation())
  expect(evaluation({ evaluate: { command: ['bash', 'eval2.sh', '${checkpoint}', '${report}'] } })).not.toBe(
    evaluation(),
  )
})
