import { expect, test } from 'vitest'
import { applyKeepRule, type KeepCandidate } from './keep-rules.ts'

const candidate = (id: number, parts: Partial<KeepCandidate> = {}): KeepCandidate => ({
  id,
  runId: 1,
  step: 10 * id,
  worth: null,
  picked: false,
  used: false,
  needed: false,
  ...parts,
})
const reasons = (checkpoints: KeepCandidate[], last: number, best: number) => [
  ...applyKeepRule(checkpoints, { last, best }).values(),
]

test('the last and the best of each run stay, the others go', () => {
  const checkpoints = [
    candidate(1, { worth: 0.9 }),
    candidate(2, { worth: 1.2 }),
    candidate(3),
    candidate(4, { worth: 0.8 }),
    candidate(5, { runId: 2, worth: 0.1 }),
  ]
  expect(reasons(checkpoints, 1, 1)).toEqual([null, 'best', null, 'last', 'best'])
  expect(reasons(checkpoints, 0, 0)).toEqual([null, null, null, null, null])
  expect(reasons(checkpoints, 9, 9).includes(null)).toBe(false)
})

test('nothing picked, used by a round or needed by what still runs ever goes', () => {
  const checkpoints = [
    candidate(1, { picked: true }),
    candidate(2, { used: true }),
    candidate(3, { needed: true }),
    candidate(4),
  ]
  expect(reasons(checkpoints, 0, 0)).toEqual(['picked', 'used', 'needed', null])
})

test('of equal ones the later one is the best, and a checkpoint without a step counts as the last', () => {
  expect(reasons([candidate(1, { worth: 1 }), candidate(2, { worth: 1 })], 0, 1)).toEqual([null, 'best'])
  expect(reasons([candidate(1, { step: null }), candidate(2)], 1, 0)).toEqual(['last', null])
})
