import { expect, test } from 'vitest'
import { axisScale, ranksOfValues, sortedPlaces } from './axis-scale.ts'

test.each([
  [['1e-5', '2e-5', '4e-5'], 'log'],
  [['128', '256', '512'], 'log'],
  [['1', '2', '3', '4'], 'linear'],
  [['3', '6'], 'linear'],
  [['1e-5', '1e-3'], 'log'],
  [['0', '0.1', '1'], 'linear'],
  [['adam', 'sgd'], 'names'],
  [['0.1', 'auto'], 'names'],
  [['7'], 'linear'],
])('the values %j lie on a scale: %s', (values, scale) => {
  expect(axisScale(values)).toBe(scale)
})

test('numbers are put in order, names stay as written', () => {
  expect(sortedPlaces(['4e-5', '1e-5', '2e-5'])).toEqual([1, 2, 0])
  expect([...ranksOfValues(['4e-5', '1e-5', '2e-5'])]).toEqual([2, 0, 1])
  expect(sortedPlaces(['b', 'a'])).toEqual([0, 1])
})
