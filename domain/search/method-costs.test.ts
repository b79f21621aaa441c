import { expect, test } from 'vitest'
import { costOfMethods, stoppedLength } from './method-costs.ts'

test('nine trainings that are held at a third cost as much as five', () => {
  expect(stoppedLength(9, 1 / 3)).toBeCloseTo(5, 12)
  expect(stoppedLength(2, 1 / 3)).toBe(2)
  expect(stoppedLength(30, 0.5, 0.1)).toBeCloseTo(3 + 13.5, 12)
})

test('of nine combinations there is little to gain, of many much, and none costs more than all there are', () => {
  expect(costOfMethods(9, [1, 3])).toEqual([
    { method: 'grid', trainings: [9, 9] },
    { method: 'stopped', trainings: [5, 5] },
    { method: 'random', trainings: [9, 9] },
    { method: 'tpe', trainings: [8, 9] },
    { method: 'gaussian-process', trainings: [7, 9] },
  ])
  expect(costOfMethods(180, []).map(({ method, trainings }) => [method, ...trainings])).toEqual([
    ['grid', 180, 180],
    ['random', 15, 180],
    ['tpe', 9, 40],
    ['gaussian-process', 6, 39],
  ])
  expect(costOfMethods(4, [1]).map(({ trainings }) => trainings[0])).toEqual([4, 4, 4, 4])
})

test('between ends there is no grid, and a milestone before a ninth of the length stops nobody', () => {
  expect(costOfMethods(Infinity, [1, 3]).map(({ method }) => method)).toEqual(['random', 'tpe', 'gaussian-process'])
  expect(costOfMethods(50, [1, 100]).map(({ method }) => method)).not.toContain('stopped')
  // all of three are kept
  expect(costOfMethods(3, [1, 3]).map(({ method }) => method)).not.toContain('stopped')
})
