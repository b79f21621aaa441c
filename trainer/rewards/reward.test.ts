import { expect, test } from 'vitest'
import { namedRewards } from '../../contract/trainer-settings.ts'
import { hasRepetition, mixesLanguages, rewardOf } from './reward.ts'

const said = (text: string, tokens = 10, finished = true) => ({ text, tokens, finished })

test('basic: 100 for a right answer, 0 for a wrong one, -1 where none is found', () => {
  expect(rewardOf(namedRewards.basic, said('3+4=7;\\boxed{7}'), '7')).toEqual({
    total: 100,
    outcome: 'correct',
    parts: { correct: 100 },
  })
  expect(rewardOf(namedRewards.basic, said('\\boxed{8}'), '7')).toEqual({
    total: 0,
    outcome: 'wrong',
    parts: { correct: 0 },
  })
  expect(rewardOf(namedRewards.basic, said('it is 7'), '7')).toEqual({
    total: -1,
    outcome: 'unparseable',
    parts: { unparseable: -1 },
  })
  expect(rewardOf(namedRewards.basic, said('\\boxed{7'), '7').outcome).toBe('unparseable')
})

test('quality: a response that was cut off counts as unparseable', () => {
  const reward = rewardOf(namedRewards.quality, said('\\boxed{7}', 10, false), '7')
  expect(reward.outcome).toBe('unparseable')
  expect(reward.parts).toEqual({ unparseable: -10, length: 0, language: 5 })
})

test('quality: the length bonus begins at 600 tokens and approaches 10', () => {
  const length = (tokens: number) => rewardOf(namedRewards.quality, said('\\boxed{7}', tokens), '7').parts.length
  expect(length(599)).toBe(0)
  expect(length(600)).toBe(0)
  expect(length(1200)).toBeCloseTo(10 * (1 - Math.exp(-1)), 12)
  expect(length(100000)).toBeCloseTo(10, 6)
})

test('quality: no length bonus where five characters stand five times in a row', () => {
  expect(hasRepetition('abcde'.repeat(5))).toBe(true)
  expect(hasRepetition('abcde'.repeat(4))).toBe(false)
  expect(hasRepetition('abcd'.repeat(5))).toBe(false)
  // 'abcd' ten times is 'abcdabcd' five times
  expect(hasRepetition('abcd'.repeat(10))).toBe(true)
  expect(hasRepetition(`so ${'12+3=15;'.repeat(5)} end`)).toBe(true)
  expect(rewardOf(namedRewards.quality, said(`${'wait, '.repeat(5)}\\boxed{7}`, 2000), '7').parts.length).toBe(0)
})

test('quality: the language bonus falls away where Latin letters and Chinese characters mix', () => {
  expect(mixesLanguages('检查 so')).toBe(true)
  expect(mixesLanguages('检查 7')).toBe(false)
  expect(mixesLanguages('so 7')).toBe(false)
  expect(rewardOf(namedRewards.quality, said('检查 \\boxed{7}'), '7').total).toBe(100)
  expect(rewardOf(namedRewards.quality, said('so \\boxed{7}'), '7').total).toBe(105)
})

test('a mix of its own: parts with other weights', () => {
  const rules = {
    correct: 1,
    wrong: -0.5,
    unparseable: -1,
    cut_off_is_unparseable: false,
    length: { maximum: 2, threshold: 20, scale: 10 },
  }
  const reward = rewardOf(rules, said('\\boxed{7}', 30), '7')
  expect(reward.parts).toEqual({ correct: 1, length: 2 * (1 - Math.exp(-1)) })
  expect(reward.total).toBeCloseTo(1 + 2 * (1 - Math.exp(-1)), 12)
})
