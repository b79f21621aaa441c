import { expect, test } from 'vitest'
import { curveAxis, smoothingOn, timeTicks } from './curve-axis.ts'

const choice = {
  kind: 'relative' as const,
  missing: null,
  extent: [0, 100] as [number, number],
  runs: [{ runId: 1, steps: [0, 100], places: [0, 200] }],
}

test('a step stands where its time is, and nowhere at 0 of a logarithmic axis', () => {
  expect(curveAxis('relative', choice, false).placeOf(50)).toBe(100)
  expect(curveAxis('relative', choice, true).placeOf(0)).toBeNull()
  expect(curveAxis('step', undefined, false).placeOf(50)).toBe(50)
})

test('labels and places are written in the axis’ own unit', () => {
  const axis = (kind: Parameters<typeof curveAxis>[0]) => curveAxis(kind, undefined, false)
  expect(axis('step').labels([0, 0.5, 1000])).toEqual(['0', '', '1,000'])
  expect(axis('relative').labels([0, 30, 60, 90])).toEqual(['0 s', '30 s', '1 min', '1 min 30 s'])
  expect(axis('relative').labels([0, 3600, 7200])).toEqual(['0 s', '1 h 00 min', '2 h 00 min'])
  expect(axis('epoch').labels([0, 0.25])).toEqual(['0', '0.25'])
  expect(axis('tokens').labels([0, 50_000, 1_500_000])).toEqual(['0', '50K', '1.5M'])
  expect([axis('step').words(1234), axis('relative').words(75), axis('epoch').words(1.5)]).toEqual([
    'at step 1,234',
    'after 1 min 15 s',
    'at epoch 1.5',
  ])
  expect(timeTicks(0, 200, 6)).toEqual([0, 60, 120, 180])
})

test('smoothing says over what', () => {
  expect(smoothingOn('step', 'medium', 146)).toEqual({ window: 5, words: '5 steps' })
  expect(smoothingOn('relative', 'medium', 7200)).toEqual({ window: 300, words: '5 min' })
  expect(smoothingOn('epoch', 'strong', 6)).toEqual({ window: 1, words: '1 epoch' })
  expect(smoothingOn('tokens', 'light', 1e6).words).toBe('20,000 tokens')
  expect(smoothingOn('wall', 'none', 7200).window).toBe(0)
})
