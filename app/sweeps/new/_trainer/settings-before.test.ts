import { expect, test } from 'vitest'
import {
  nameOfReward,
  describeRewardParts,
  rulesOfReward,
  settingsOfTrainer,
} from '../../../../contract/settings-list.ts'
import type { Sweep } from '../../../../domain/sweep/sweep.ts'
import { isOtherThan, textBefore } from './settings-before.ts'

const setting = (key: string) => settingsOfTrainer('grpo').find((one) => one.key === key)!
const before = (config: Record<string, unknown>) => ({ trainer: 'grpo', config }) as unknown as Sweep
const row = (key: string, value: string) => ({ id: 1, key, value })

test('a setting is other than before by its value, not by how it is written; one at its default is what the default is', () => {
  const rate = setting('learning_rate')
  expect(isOtherThan(before({ learning_rate: 2e-5 }), rate, undefined)).toBe(false)
  expect(isOtherThan(before({ learning_rate: 3e-5 }), rate, row('learning_rate', '0.00003'))).toBe(false)
  expect(isOtherThan(before({ learning_rate: 3e-5 }), rate, undefined)).toBe(true)
  expect(isOtherThan(before({}), rate, row('learning_rate', '3e-5'))).toBe(true)
  expect(isOtherThan(null, rate, row('learning_rate', '3e-5'))).toBe(false)
  expect(textBefore({ ...before({ learning_rate: 3e-5 }), written: { learning_rate: '3e-5' } } as Sweep, rate)).toMatch(
    /^(3e-5|0\.00003)$/,
  )
  expect(textBefore(before({}), rate)).toBe('')
})

test('a reward’s name stands for its parts, and its parts for its name', () => {
  const reward = setting('reward')
  expect(isOtherThan(before({ reward: 'basic' }), reward, undefined)).toBe(false)
  expect(isOtherThan(before({}), reward, row('reward', '{"correct":100,"wrong":0}'))).toBe(false)
  expect(isOtherThan(before({}), reward, row('reward', 'quality'))).toBe(true)
  expect(nameOfReward(rulesOfReward('quality'))).toBe('quality')
  expect(nameOfReward({ correct: 50 })).toBeNull()
  expect(rulesOfReward({ nothing: 1 })).toBeNull()
})

test('every part of a reward has a sentence', () => {
  const parts = describeRewardParts()
  expect(parts.map(({ path }) => path.join('.'))).toEqual([
    'correct',
    'wrong',
    'unparseable',
    'cut_off_is_unparseable',
    'length.maximum',
    'length.threshold',
    'length.scale',
    'language.bonus',
  ])
  for (const { about } of parts) expect(about).toMatch(/^[A-Z].*\.$/)
})
