import { expect, test } from 'vitest'
import { readTrainerConfig } from './check-settings.ts'

const faults: [string, Record<string, unknown>, string][] = [
  [
    'an unknown key',
    { learnig_rate: 1 },
    'config.learnig_rate is no setting of sft; expected one of seed, layers, width',
  ],
  ['a text for a number', { batch_size: '32x' }, 'config.batch_size is "32x"; expected a whole number of 1 or more'],
  ['a value out of range', { learning_rate: 0 }, 'config.learning_rate is 0; expected a number above 0'],
  ['not a number', { learning_rate: Number.NaN }, 'expected a number above 0'],
  [
    'an unknown trainer',
    { trainer: 'ppo' },
    'config.trainer is "ppo"; expected one of sft, pretrain, grpo, dpo, best_of_n',
  ],
  [
    'no trainer',
    { trainer: undefined },
    'config.trainer is undefined; expected one of sft, pretrain, grpo, dpo, best_of_n',
  ],
  [
    'heads that do not divide',
    { heads: 3 },
    'config.heads is 3; expected a number that divides width (64) into even parts',
  ],
  [
    'key-value heads that do not divide',
    { key_value_heads: 3 },
    'config.key_value_heads is 3; expected a number that divides heads (4)',
  ],
  ['three levels', { levels: [1, 1, 1] }, 'config.levels is [1,1,1]; expected four weights, e.g. [1, 1, 1, 1]'],
  [
    'no weight at all',
    { solutions: { short: 0 } },
    'config.solutions is {"short":0}; expected at least one weight above 0',
  ],
  [
    'a key of another trainer',
    { trainer: 'grpo', batch_size: 4 },
    'config.batch_size is no setting of grpo; expected one of seed',
  ],
  [
    'an unknown reward',
    { trainer: 'grpo', reward: 'best' },
    'config.reward is "best"; expected basic, quality, or the parts of a reward',
  ],
  [
    'a weight of a part that is none',
    { trainer: 'grpo', reward_weights: { corect: 1 } },
    'config.reward_weights.corect is no part of reward_weights; expected one of correct, length, language, overlong',
  ],
  [
    'a reference that moves and that nothing is measured from',
    { trainer: 'grpo', reference_update_steps: 10 },
    'config.reference_update_steps is 10; expected 0 where kl_coefficient is 0: nothing is measured from the reference',
  ],
]
for (const [name, change, sentence] of faults) {
  test(`${name}: the message names key, value and what was expected`, () => {
    expect(() => readTrainerConfig({ trainer: 'sft', ...change })).toThrow(sentence)
  })
}

test('every fault is named, not only the first', () => {
  expect(() => readTrainerConfig({ trainer: 'sft', batch_size: 0, epochs: -1 })).toThrow(
    /batch_size is 0.*epochs is -1/,
  )
})

test('a named reward and one written out', () => {
  const quality = readTrainerConfig({ trainer: 'grpo', reward: 'quality' })
  expect(quality).toMatchObject({
    reward: { correct: 100, unparseable: -10, length: { maximum: 10, threshold: 600 }, language: { bonus: 5 } },
  })
  const own = readTrainerConfig({ trainer: 'grpo', reward: { correct: 1, length: { threshold: 20 } } })
  expect(own).toMatchObject({ reward: { correct: 1, wrong: 0, length: { maximum: 10, threshold: 20, scale: 600 } } })
})
