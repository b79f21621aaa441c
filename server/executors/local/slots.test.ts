import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

describe('CUDA_VISIBLE_DEVICES of the shell', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'smi-'))
    // a machine of 8 GPUs, as nvidia-smi lists them whatever the variable says
    writeFileSync(path.join(folder, 'nvidia-smi'), '#!/bin/sh\nseq 0 7\n', { mode: 0o755 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const read = (environment: Record<string, string>) =>
    readSlots({ PATH: `${folder}:${process.env.PATH}`, SWEEPBOARD_SLOTS: '2', ...environment })

  test.each([
    ['6,7', ['6', '7']],
    ['7, 0', ['7', '0']],
    ['3,9,1', ['3']],
    ['2,-1,4', ['2']],
    ['1,1', ['1']],
    ['GPU-8932f937-d72c', ['GPU-8932f937-d72c']],
    ['MIG-GPU-1a/7/0', ['MIG-GPU-1a/7/0']],
  ])('%s limits the slots', (text, ids) => {
    expect(read({ CUDA_VISIBLE_DEVICES: text })).toEqual({ kind: 'gpu', ids })
  })

  test.each(['', '-1', 'none', '9'])('%j leaves none: CPU slots', (text) => {
    expect(read({ CUDA_VISIBLE_DEVICES: text })).toEqual({ kind: 'cpu', ids: ['0', '1'] })
  })

  test('a count takes of the visible ones, no more than there are; ids that are named are taken as they are', () => {
    expect(read({ CUDA_VISIBLE_DEVICES: '6,7', SWEEPBOARD_GPUS: '1' })).toEqual({ kind: 'gpu', ids: ['6'] })
    expect(() => read({ CUDA_VISIBLE_DEVICES: '6,7', SWEEPBOARD_GPUS: '4' })).toThrow('(CUDA_VISIBLE_DEVICES=6,7)')
    expect(read({ CUDA_VISIBLE_DEVICES: '6,7', SWEEPBOARD_GPUS: '0,1' })).toEqual({ kind: 'gpu', ids: ['0', '1'] })
    expect(read({})).toMatchObject({ ids: ['0', '1', '2', '3', '4', '5', '6', '7'] })
  })
})
