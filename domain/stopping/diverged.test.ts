import { expect, test } from 'vitest'
import { isLoss, isSuspicious, whyDiverged } from './diverged.ts'

test('a loss that is no number three times in a row has diverged; once is a step left out', () => {
  expect(whyDiverged('loss', [2, 2, 2, 2, 2], [1, 1, NaN, NaN, NaN])).toBe(
    'its loss is no finite number any more: NaN, NaN, NaN.',
  )
  expect(whyDiverged('loss', [2, 2, 2, 2, 2], [1, 1, NaN, 1, NaN])).toBeNull()
  expect(whyDiverged('loss', [Infinity, NaN, NaN], [Infinity, NaN, NaN])).toContain('Infinity, NaN, NaN')
})

test('five values above four times the start have diverged', () => {
  const first = [2.1, 2, 1.9, 2, 2]
  expect(whyDiverged('train/loss', first, [9, 9.5, 10, 11, 12])).toBe(
    'its last 5 values of train/loss are all more than 4 times the 2 that it began with, the newest 12.',
  )
  expect(whyDiverged('train/loss', first, [9, 9.5, 7, 11, 12])).toBeNull()
  expect(whyDiverged('train/loss', first, [9, 9, 9])).toBeNull()
})

test('a loss that begins near zero, as of a policy gradient, says nothing by its size', () => {
  expect(whyDiverged('loss', [0.001, 0, 0.002, -0.01, 0], [0.5, 0.5, 0.6, 0.7, 0.8])).toBeNull()
  expect(['loss', 'eval/loss', 'train_loss'].map(isLoss)).toEqual([true, true, true])
  expect(['actor/pg_loss', 'loss_scale', 'kl_loss'].map(isLoss)).toEqual([false, false, false])
})

test('the curve is read only where the newest value gives reason to', () => {
  expect(isSuspicious({ value: 2, minimum: 1 })).toBe(false)
  expect(isSuspicious({ value: 4.1, minimum: 1 })).toBe(true)
  expect(isSuspicious({ value: NaN, minimum: 1 })).toBe(true)
  expect(isSuspicious({ value: 0.3, minimum: 0.001 })).toBe(false)
})
