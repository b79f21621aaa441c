import { expect, test } from 'vitest'
import { columnsOf, formatTicks, formatValue, leftOutByLogarithm, smooth, smoothingWindow } from './curve-data.ts'

test('smoothing is the mean of what lies within the window, however far steps are apart', () => {
  expect(smooth([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 2)).toEqual([1.5, 2, 3, 4, 4.5])
  // step 100 has no neighbour within 2 steps
  expect(smooth([1, 2, 100], [1, 3, 50], 2)).toEqual([2, 2, 50])
  expect(smooth([1, 2, 3], [1, null, 3], 2)).toEqual([1, null, 3])
  expect(smooth([], [], 5)).toEqual([])
})

test('a window is a round number of steps that grows with the range', () => {
  expect(smoothingWindow('none', 200)).toBe(0)
  expect([smoothingWindow('light', 146), smoothingWindow('medium', 146), smoothingWindow('strong', 146)]).toEqual([
    2, 5, 20,
  ])
  expect(smoothingWindow('medium', 50_000)).toBe(2_000)
  expect(smoothingWindow('light', 0)).toBe(0)
})

test('values are short and keep their leading digits', () => {
  expect([91.123, 0.0127, -0.0035, 2e-6, 12_345, 0, 1e9, null, 3].map(formatValue)).toEqual([
    '91.1',
    '0.0127',
    '-0.00350',
    '2.00e-6',
    '12,345',
    '0',
    '1.00e+9',
    '–',
    '3',
  ])
})

test('labels of one axis have the same decimals', () => {
  expect(formatTicks([75, 85, 95])).toEqual(['75', '85', '95'])
  expect(formatTicks([-0.02, 0, 0.02])).toEqual(['-0.02', '0.00', '0.02'])
  // a label is never rounded to another value
  expect(formatTicks([2.5, 5, 7.5])).toEqual(['2.5', '5.0', '7.5'])
  expect(formatTicks([0, 1e-6, 2e-6])).toEqual(['0', '1e-6', '2e-6'])
  expect(formatTicks([0, 2_500_000])).toEqual(['0', '2.5e6'])
  expect(formatTicks([0.1, null, 1])).toEqual(['0.1', '', '1.0'])
})

test('a logarithmic axis leaves out what is not above 0, and the number of these is known', () => {
  const series = {
    runId: 1,
    metric: 'a',
    steps: [1, 2, 3],
    places: null,
    mean: [1, 0, -1],
    minimum: [0, 0, -2],
    maximum: [2, 1, 0],
    points: 3,
    last: null,
  }
  expect(columnsOf(series, 0, { x: false, y: true })).toEqual([
    [1, 2, 3],
    [null, null, null],
    [2, 1, null],
    [1, null, null],
    [1, null, null],
  ])
  expect(columnsOf(series, 0, { x: false, y: false })[3]).toEqual([1, 0, -1])
  // on an axis of its own, of which 0 has no place either
  expect(columnsOf({ ...series, places: [0, 10, 30] }, 0, { x: true, y: false }).map(String)).toEqual([
    '10,30',
    '0,-2',
    '1,0',
    '0,-1',
    '0,-1',
  ])
  expect(columnsOf({ ...series, places: [0, 10, 12] }, 5, { x: false, y: false })[4]).toEqual([1, -0.5, -0.5])
  expect(leftOutByLogarithm([series])).toBe(2)
})
