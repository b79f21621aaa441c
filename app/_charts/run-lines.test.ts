import { expect, test } from 'vitest'
import type { BundleView } from '../../contract/api/runs.ts'
import { withNews } from './run-lines.ts'

const packed = (...values: number[]) => Buffer.from(Float64Array.from(values).buffer).toString('base64')
const view = (version: string, runs: Record<number, number[]>, told = Object.keys(runs).map(Number)): BundleView => ({
  version,
  runIds: told,
  places: [packed(0, 1)],
  lines: Object.entries(runs).map(([runId, values]) => ({
    runId: Number(runId),
    places: 0,
    values: packed(...values),
  })),
})

test('what is told of takes the place of what was; the other lines stay the very same', () => {
  const first = withNews(undefined, view('1', { 1: [1, 2], 2: [3, NaN] }))
  expect(first.lines.map(({ runId, values }) => [runId, ...values])).toEqual([
    [1, 1, 2],
    [2, 3, NaN],
  ])
  const next = withNews(first, view('2', { 2: [3, 4] }))
  expect(next.version).toBe('2')
  expect(next.lines[0]).toBe(first.lines[0])
  expect(next.lines.map(({ runId, values }) => [runId, ...values])).toEqual([
    [1, 1, 2],
    [2, 3, 4],
  ])
  // nothing new: nothing is drawn
  expect(withNews(next, view('3', {})).lines).toBe(next.lines)
  // a run that has no line any more
  expect(withNews(next, view('4', {}, [1])).lines.map(({ runId }) => runId)).toEqual([2])
})
