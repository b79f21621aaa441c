import { expect, test } from 'vitest'
import { axesOf } from './axes-of.ts'

test('a setting that tells groups of runs apart stands before one that each run has for itself; numbers go by their size', () => {
  const runs = ['1e-4', '2e-5', '1e-4', '2e-5'].map((lr, at) => ({ params: { output: `out/${at}`, lr } }))
  expect(axesOf(runs)).toEqual([
    { name: 'lr', values: ['2e-5', '1e-4'] },
    { name: 'output', values: ['out/0', 'out/1', 'out/2', 'out/3'] },
  ])
})
