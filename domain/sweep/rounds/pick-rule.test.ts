import { expect, test } from 'vitest'
import { type Candidate, pickByRule } from './pick-rule.ts'

const candidate = (at: number, score: number, tiedWithBest = false): Candidate => ({ at, score, tiedWithBest })
const rising = [candidate(10, 1.1), candidate(20, 1.28, true), candidate(30, 1.3), candidate(40, 1.29, true)]

test('best takes the highest score, and of equal ones the earlier', () => {
  expect(pickByRule('best', rising)).toEqual({
    picked: rising[2],
    reason: 'the highest score (1.300) of 4 checkpoints',
  })
  expect(pickByRule('best', [candidate(20, 1), candidate(10, 1)]).picked.at).toBe(10)
})

test('earliest-of-best takes the earliest that cannot be told from the best', () => {
  expect(pickByRule('earliest-of-best', rising)).toEqual({
    picked: rising[1],
    reason: 'the earliest of 3 that cannot be told from the highest score (1.300)',
  })
  expect(pickByRule('earliest-of-best', [candidate(10, 1), candidate(20, 1.2)])).toEqual({
    picked: candidate(20, 1.2),
    reason: 'the highest score (1.200) of 2 checkpoints, and no earlier one has a score within its noise',
  })
  // two runs of a sweep at the same step: the one of the higher score
  const runs = [candidate(20, 1.4), candidate(10, 1.35, true), candidate(10, 1.38, true)]
  expect(pickByRule('earliest-of-best', runs).picked.score).toBe(1.38)
})

test('last takes the last, whatever its score', () => {
  expect(pickByRule('last', rising)).toEqual({ picked: rising[3], reason: 'the last of 4 checkpoints' })
  expect(pickByRule('last', [candidate(1, 0.5)]).reason).toBe('the last of 1 checkpoint')
})
