import { expect, test } from 'vitest'
import { axisMetric, isAxis, isTimeDue, placeOfStep, placesOfAttempts, stepsAround } from './step-places.ts'

const clock = { steps: [1, 10, 20], places: [100, 109, 149] }

test('a step stands in proportion between its neighbours, and beyond the last as those before it went', () => {
  expect([0, 1, 4, 10, 15, 20, 25].map((step) => placeOfStep(clock, step))).toEqual([100, 100, 103, 109, 129, 149, 169])
  expect(placeOfStep({ steps: [5], places: [7] }, 100)).toBe(7)
})

test('the steps around a range of places hold it whole', () => {
  expect(stepsAround(clock, 105, 120)).toEqual([1, 20])
  expect(stepsAround(clock, 109, 109)).toEqual([1, 20])
  expect(stepsAround(clock, 0, 1000)).toEqual([0, Number.MAX_SAFE_INTEGER])
})

test('time of training leaves out what lies between attempts; wall time does not', () => {
  const attempts = [
    { steps: [1, 2, 3], places: [1000, 1010, 1020] },
    // resumed an hour later, from step 3 on
    { steps: [4, 5], places: [4620, 4630] },
  ]
  expect(placesOfAttempts(attempts, true)).toEqual({ steps: [1, 2, 3, 4, 5], places: [0, 10, 20, 20, 30] })
  expect(placesOfAttempts(attempts, false).places).toEqual([1000, 1010, 1020, 4620, 4630])
  // a clock that was set back
  expect(placesOfAttempts([{ steps: [1, 2, 3], places: [50, 40, 60] }], true).places).toEqual([0, 0, 10])
})

test('times are kept a second apart, closer while a run is young', () => {
  let last = 0
  let kept = 0
  for (let millisecond = 1; millisecond <= 3_600_000; millisecond++) {
    if (!isTimeDue(millisecond / 1000, 0, last)) continue
    last = millisecond / 1000
    kept += 1
  }
  // an hour at 1,000 steps a second: one of a thousand
  expect(kept).toBeGreaterThan(3500)
  expect(kept).toBeLessThan(4200)
  expect(isTimeDue(5, 0, 4)).toBe(true)
  expect(isTimeDue(5, 0, 4.99)).toBe(false)
  // a clock set back is told
  expect(isTimeDue(5, 0, 9)).toBe(true)
})

test('the metric that counts is found by the end of its name, and must grow', () => {
  expect(axisMetric(['loss', 'train/epoch', 'tokens_per_second'], 'epoch')).toBe('train/epoch')
  expect(axisMetric(['tokens_per_second', 'epochs_left'], 'tokens')).toBeNull()
  expect(isAxis({ steps: [1, 2], places: [10, 10] })).toBe(false)
  expect(isAxis({ steps: [1, 2, 3], places: [10, 30, 20] })).toBe(false)
  expect(isAxis({ steps: [1, 2, 3], places: [10, 10, 20] })).toBe(true)
})
