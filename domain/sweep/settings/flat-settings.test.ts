import { expect, test } from 'vitest'
import { flatSettings, mostSettings } from './flat-settings.ts'

test('nested settings have their path as a name; lists are one value, nothing is left out but what is empty', () => {
  const config = { lr: 1e-5, optimizer: { name: 'adamw', betas: [0.9, 0.95] }, resume: null, bf16: true, note: '' }
  expect(flatSettings(config)).toEqual({
    lr: '0.00001',
    'optimizer.name': 'adamw',
    'optimizer.betas': '[0.9,0.95]',
    bf16: 'true',
    note: '',
  })
})

test('a setting called __proto__ is one like any other, and what goes beyond the most is left out', () => {
  const hostile = JSON.parse('{"__proto__": {"a": 1}, "b": 2}') as Record<string, unknown>
  expect(Object.entries(flatSettings(hostile))).toEqual([
    ['__proto__.a', '1'],
    ['b', '2'],
  ])
  const many = Object.fromEntries(Array.from({ length: mostSettings + 5 }, (_, at) => [`k${at}`, at]))
  expect(Object.keys(flatSettings(many))).toHaveLength(mostSettings)
})
