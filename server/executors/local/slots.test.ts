import { expect, test } from 'vitest'
import { readSlots } from './slots.ts'

test.each([
  ['4', ['0', '1', '2', '3']],
  ['0,1,3', ['0', '1', '3']],
  [' 5 , 7 ', ['5', '7']],
  ['3,', ['3']],
  ['GPU-1a,GPU-2b', ['GPU-1a', 'GPU-2b']],
])('SWEEPBOARD_GPUS=%s', (text, ids) => {
  expect(readSlots({ SWEEPBOARD_GPUS: text })).toEqual({ kind: 'gpu', ids })
})

test('without GPUs there are CPU slots', () => {
  expect(readSlots({ SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' })).toEqual({ kind: 'cpu', ids: ['0', '1'] })
})

test.each([
  ['SWEEPBOARD_GPUS', '0,0'],
  ['SWEEPBOARD_GPUS', 'two gpus'],
  ['SWEEPBOARD_GPUS', '-1,a b'],
  ['SWEEPBOARD_SLOTS', '0'],
  ['SWEEPBOARD_SLOTS', '1.5'],
])('%s=%s is refused with the value quoted', (name, value) => {
  expect(() => readSlots({ SWEEPBOARD_GPUS: '0', [name]: value })).toThrow(`${name}=${value}`)
})
