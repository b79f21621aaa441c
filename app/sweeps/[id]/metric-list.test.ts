import { expect, test } from 'vitest'
import { listRows } from './metric-list.ts'

const names = ['eval/loss', 'loss', 'train/kl', 'train/loss', 'train/reward/mean']
const lines = (shown: string[], search: string) =>
  listRows(names, shown, search).map((row) => (row.name === null ? `${row.group}:` : row.label))

test('metrics stand in groups by what is before the first slash, those shown already first', () => {
  expect(lines([], '')).toEqual(['loss', 'eval:', 'loss', 'train:', 'kl', 'loss', 'reward/mean'])
  expect(lines(['train/kl', 'gone'], '')).toEqual([
    'train/kl',
    'loss',
    'eval:',
    'loss',
    'train:',
    'loss',
    'reward/mean',
  ])
})

test('a search finds names that hold all of its words', () => {
  expect(lines([], ' LOSS tr')).toEqual(['train:', 'loss'])
  expect(lines([], 'nothing')).toEqual([])
})
