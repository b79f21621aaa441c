import { expect, test } from 'vitest'
import { pointSettings, settingIssues } from './settings.ts'
import { type Sweep, sweepSchema } from '../sweep.ts'

function sweepOf(given: Record<string, unknown>): Sweep {
  return sweepSchema.parse({
    name: 'x',
    trainer: 'sft',
    axes: { seed: ['1'] },
    score: { baseline: { 'level-1': 0.5 } },
    ...given,
  })
}
const issuesOf = (given: Record<string, unknown>) => {
  const sweep = sweepOf(given)
  return settingIssues(sweep, pointSettings(sweep))
}

const faults: [string, Record<string, unknown>, (string | number)[], string][] = [
  [
    'a learning rate below 0 on one of two values of an axis',
    { axes: { learning_rate: ['1e-3', '-1e-3'] } },
    ['axes', 'learning_rate', 1],
    'learning_rate is -0.001; expected a number above 0.',
  ],
  [
    'a range whose values are no whole numbers',
    { axes: { batch_size: { range: ['16', '33', 3] } } },
    ['axes', 'batch_size'],
    'batch_size is 24.5; expected a whole number of 1 or more.',
  ],
  [
    'a misspelt setting',
    { config: { learnig_rate: 1 } },
    ['config', 'learnig_rate'],
    'learnig_rate is no setting of sft; expected learning_rate?',
  ],
  [
    'an axis that is no setting',
    { axes: { lr: ['1', '2'] } },
    ['axes', 'lr'],
    'lr is no setting of sft; expected learning_rate?',
  ],
  [
    'a misspelt part of a reward',
    { trainer: 'grpo', config: { reward: { corect: 1 } } },
    ['config', 'reward', 'corect'],
    'reward.corect is no part of reward; expected reward.correct?',
  ],
  [
    'a misspelt part of a part',
    { trainer: 'grpo', config: { reward: { length: { maximun: 1 } } } },
    ['config', 'reward', 'length', 'maximun'],
    'reward.length.maximun is no part of reward.length; expected reward.length.maximum?',
  ],
  [
    'a reward that is none',
    { trainer: 'grpo', axes: { reward: ['basic', 'best'] } },
    ['axes', 'reward', 1],
    'reward is "best"; expected basic, quality, or the parts of a reward (docs/trainer.md).',
  ],
  [
    'a misspelt way to write solutions',
    { config: { solutions: { shrt: 1 } } },
    ['config', 'solutions', 'shrt'],
    'solutions.shrt is no part of solutions; expected solutions.short?',
  ],
  [
    'a penalty that begins before the first token',
    { trainer: 'grpo', config: { maximum_new_tokens: 16, overlong: { buffer: 32, penalty: 1 } } },
    ['config', 'overlong', 'buffer'],
    'overlong.buffer is 32; expected at most maximum_new_tokens (16).',
  ],
  [
    'a part that is no object',
    { trainer: 'grpo', config: { overlong: 3 } },
    ['config', 'overlong'],
    'overlong is 3; expected { buffer, penalty }.',
  ],
  [
    'epochs of grpo',
    { trainer: 'grpo', axes: { epoch: { milestones: ['1', '2'] } } },
    ['axes', 'epoch'],
    'The milestones of epoch are epochs, and grpo counts steps; expected e.g. step: { milestones: [20, 40, 60] }.',
  ],
  [
    'one combination of two axes',
    { axes: { width: ['64', '48'], heads: ['4', '16'] } },
    ['axes', 'heads', 1],
    'heads is 16; expected a number that divides width (48) into even parts.',
  ],
  [
    'more updates than samples',
    { trainer: 'grpo', config: { prompts_per_step: 1, samples_per_prompt: 2 } },
    ['config', 'minibatches'],
    'minibatches is 4; expected at most prompts_per_step × samples_per_prompt (2).',
  ],
  [
    'a trainer in its settings',
    { config: { trainer: 'grpo' } },
    ['config', 'trainer'],
    'config.trainer has no meaning; expected trainer beside config.',
  ],
]
for (const [name, given, path, message] of faults) {
  test(`${name} is told once, with its place`, () => expect(issuesOf(given)).toEqual([{ path, message }]))
}

test('several faults of several points are all told, and a fault that every point has once', () => {
  const issues = issuesOf({ axes: { batch_size: ['0', '8', 'x'], seed: ['1', '2'] }, config: { width: -4 } })
  expect(issues.map(({ path }) => path)).toEqual([
    ['config', 'width'],
    ['axes', 'batch_size', 0],
    ['axes', 'batch_size', 2],
  ])
})

test('a sweep without fault, one of a command, and axes that name where it starts or when it is saved, have no issues', () => {
  expect(issuesOf({ axes: { learning_rate: ['1e-3', '2e-3'], epoch: { milestones: ['1', '2'] } } })).toEqual([])
  expect(
    issuesOf({ trainer: 'grpo', init: '${start}', axes: { start: ['a', 'b'], step: { milestones: ['1'] } } }),
  ).toEqual([])
  expect(issuesOf({ trainer: undefined, train: { command: ['true'] }, axes: { lr: ['-1'] } })).toEqual([])
})

test('100,000 points are looked at by what can be wrong, not one by one', () => {
  const sweep = sweepOf({
    axes: { seed: { range: ['1', '1000', 1000] }, learning_rate: { log: ['1e-5', '1e-2', 100] } },
  })
  expect(pointSettings(sweep)).toHaveLength(1 + 999 + 99)
})
