import { expect, test } from 'vitest'
import { countLeading, orderMetrics, rolesOf } from './metric-roles.ts'

const builtIn = [
  'reward',
  'reward/correct',
  'reward/unparseable',
  'accuracy',
  'unparseable',
  'response_length',
  'loss',
  'entropy',
  'clip_fraction_low',
  'clip_fraction_high',
  'learning_rate',
]

test('the built-in trainer’s metrics have their roles, and a clip fraction is the sum of both sides', () => {
  expect(rolesOf(builtIn)).toEqual({
    reward: ['reward'],
    accuracy: ['accuracy'],
    length: ['response_length'],
    entropy: ['entropy'],
    clip: ['clip_fraction_low', 'clip_fraction_high'],
  })
})

test('metrics of verl, TRL and prime-rl are recognised by their names', () => {
  expect(
    rolesOf(['actor/entropy', 'actor/pg_clipfrac', 'critic/score/mean', 'response_length/mean', 'actor/kl_loss']),
  ).toEqual({
    reward: ['critic/score/mean'],
    length: ['response_length/mean'],
    entropy: ['actor/entropy'],
    kl: ['actor/kl_loss'],
    clip: ['actor/pg_clipfrac'],
  })
  expect(
    rolesOf(['train/reward', 'train/completions/mean_length', 'train/completions/clipped_ratio', 'train/kl']),
  ).toEqual({
    reward: ['train/reward'],
    length: ['train/completions/mean_length'],
    kl: ['train/kl'],
    truncated: ['train/completions/clipped_ratio'],
  })
  expect(rolesOf(['reward/mean', 'entropy/mean', 'is_truncated/mean', 'mismatch_kl/mean'])).toMatchObject({
    reward: ['reward/mean'],
    kl: ['mismatch_kl/mean'],
  })
})

test('what is not there has no role, and one side of two is none', () => {
  expect(rolesOf(['loss', 'clip_fraction_low'])).toEqual({})
})

test('charts begin with reward, its parts, accuracy, length, entropy and clip fraction; the rest keeps its order', () => {
  expect(orderMetrics(['loss', ...builtIn.toReversed()])).toEqual([
    'reward',
    'reward/unparseable',
    'reward/correct',
    'accuracy',
    'response_length',
    'entropy',
    'clip_fraction_low',
    'clip_fraction_high',
    'loss',
    'learning_rate',
    'unparseable',
  ])
  expect(countLeading(builtIn)).toBe(8)
  expect(orderMetrics(['rewards/format/std', 'rewards/format/mean', 'reward'])).toEqual([
    'reward',
    'rewards/format/mean',
    'rewards/format/std',
  ])
})
