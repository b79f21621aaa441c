import { expect, test } from 'vitest'
import { objectiveValue } from './objective-value.ts'

const values = [4, 2, 3, NaN].map((value, at) => ({ step: 10 * (at + 1), value }))
const of = (at: 'last' | 'best' | 'milestone', goal: 'minimize' | 'maximize' = 'minimize') => ({
  metric: 'eval/loss',
  goal,
  at,
})

test('the last, the best up to a step, and the one at it', () => {
  expect(objectiveValue(of('last'), values, 30)).toEqual({ value: 3, step: 30, error: null })
  expect(objectiveValue(of('best'), values, null)).toEqual({ value: 2, step: 20, error: null })
  expect(objectiveValue(of('best', 'maximize'), values, null)).toEqual({ value: 4, step: 10, error: null })
  expect(objectiveValue(of('milestone'), values, 20)).toEqual({ value: 2, step: 20, error: null })
})

test('what was not logged, or is no number, is no value and a sentence', () => {
  expect(objectiveValue(of('last'), values, null).error).toBe(
    'The last value of eval/loss, at step 40, is NaN: it is no finite number.',
  )
  expect(objectiveValue(of('last'), [], null).error).toBe('The run logged no eval/loss, so it has no value.')
  expect(objectiveValue(of('last'), values, 5).error).toContain('no eval/loss up to step 5, its checkpoint')
  expect(objectiveValue(of('milestone'), values, 25).error).toContain('no eval/loss at step 25')
  expect(objectiveValue(of('best'), [{ step: 1, value: NaN }], null).error).toContain('is a finite number')
})
