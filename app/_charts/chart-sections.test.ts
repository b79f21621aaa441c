import { expect, test } from 'vitest'
import { chartOrder } from './chart-sections.ts'

const metrics = ['reward', 'loss', 'train/lr', 'eval/a', 'train/kl', 'eval/b', 'train/x', 'grad_norm']

test('pinned charts stand first in the order they were pinned, those that are not there any more nowhere', () => {
  expect(chartOrder(metrics, ['train/x', 'gone', 'loss', 'loss'], 2)).toEqual({
    first: ['train/x', 'loss', 'reward', 'train/lr'],
    sections: [
      { name: 'eval', metrics: ['eval/a', 'eval/b'] },
      { name: 'train', metrics: ['train/kl'] },
      { name: 'others', metrics: ['grad_norm'] },
    ],
    rest: [],
  })
})

test('names of one folder are no sections', () => {
  expect(chartOrder(['m/1', 'm/2', 'm/3'], [], 1)).toEqual({ first: ['m/1'], sections: [], rest: ['m/2', 'm/3'] })
  expect(chartOrder(['a', 'b'], [], 4)).toEqual({ first: ['a', 'b'], sections: [], rest: [] })
})
