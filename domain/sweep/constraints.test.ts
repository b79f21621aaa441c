import { expect, test } from 'vitest'
import { brokenWords, constraintsOf, keeps, readConstraint, slackOf } from './constraints.ts'

test.each([
  ['response_length < 2000', { name: 'response_length', relation: '<', limit: 2000 }],
  ['  eval/kl<=1e-2 ', { name: 'eval/kl', relation: '<=', limit: 0.01 }],
  ['MATH 500 >= .44', { name: 'MATH 500', relation: '>=', limit: 0.44 }],
  ['loss > -3', { name: 'loss', relation: '>', limit: -3 }],
])('%s is read', (text, constraint) => expect(readConstraint(text)).toEqual(constraint))

test.each([
  '',
  'loss',
  'loss < ',
  '< 3',
  'loss = 3',
  'loss == 3',
  'loss < much',
  'loss < Infinity',
  '1 < loss < 3',
  'a < b < 2',
])('“%s” is no constraint', (text) => expect(readConstraint(text)).toBeNull())

test('at its limit a strict one is broken, and one with = is kept', () => {
  for (const relation of ['<', '>', '<=', '>='] as const) {
    const constraint = { name: 'x', relation, limit: 2 }
    expect(keeps(constraint, 2)).toBe(relation.endsWith('='))
    expect(keeps(constraint, 1)).toBe(relation.startsWith('<'))
    expect(Math.sign(slackOf(constraint, 3))).toBe(relation.startsWith('<') ? -1 : 1)
  }
})

test('what is broken is said with its value, and what is not known counts as broken', () => {
  const constraints = constraintsOf({ constraints: ['length < 2000', 'GSM8k >= 0.7', 'kl <= 1'] })
  expect(brokenWords(constraints, [1999, 0.7, 1])).toBeNull()
  expect(brokenWords(constraints, [2104.5, 0.7, null])).toBe(
    'length is 2104.5, and is to be < 2000; kl is not known, and is to be <= 1.',
  )
})
