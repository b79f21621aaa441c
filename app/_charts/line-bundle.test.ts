import { expect, test } from 'vitest'
import type { SeriesView } from '../../contract/api/runs.ts'
import { bundleColumns, coloursOf, linesOf } from './line-bundle.ts'

const runs = [1, 2, 3, 4].map((id) => ({
  id,
  number: id,
  params: { rate: id <= 2 ? '1e-5' : '2e-5', seed: String(id % 2) },
}))
const series = (runId: number, steps: number[], mean: (number | null)[]): SeriesView => ({
  runId,
  metric: 'loss',
  steps,
  places: null,
  mean,
  minimum: mean,
  maximum: mean,
  points: steps.length,
  last: null,
})
const plain = { window: 0, logarithmicX: false, logarithmicY: false }

test('each run is a line in the colour of its value; seeds become one', () => {
  const values = ['1e-5', '2e-5']
  const single = linesOf(runs, { colourBy: 'rate', values, groupOf: null })
  expect(single.map(({ title }) => title)).toEqual(['run 1', 'run 2', 'run 3', 'run 4'])
  expect(single[0]!.colour).toBe(single[1]!.colour)
  expect(single[0]!.colour).not.toBe(single[2]!.colour)
  const grouped = linesOf(runs, { colourBy: 'rate', values, groupOf: ({ params }) => params.rate ?? '' })
  expect(grouped.map(({ title, runs: members }) => [title, members.length])).toEqual([
    ['2 seeds', 2],
    ['2 seeds', 2],
  ])
})

test('without an axis each line has a colour of its own, however many', () => {
  const many = Array.from({ length: 100 }, (_, id) => ({ id, number: id + 1, params: {} }))
  const lines = linesOf(many, { colourBy: null, values: [], groupOf: null })
  expect(new Set(lines.map(({ colour }) => colour)).size).toBeGreaterThan(60)
  expect(coloursOf([]).size).toBe(0)
})

test('places of all runs; a run counts between its ends, also between its own places', () => {
  const lines = linesOf(runs.slice(0, 2), { colourBy: null, values: [], groupOf: () => 'both' })
  const columns = bundleColumns(lines, [series(1, [0, 2, 4], [0, 2, 4]), series(2, [1, 3], [10, 30])], plain)
  expect(columns).toEqual([
    [0, 1, 2, 3, 4],
    [null, 1, 2, 3, null],
    [null, 10, 20, 30, null],
    [0, 5.5, 11, 16.5, 4],
  ])
})

test('what is no number leaves a gap, and a run without the metric has no line', () => {
  const lines = linesOf(runs.slice(0, 2), { colourBy: null, values: [], groupOf: null })
  const columns = bundleColumns(lines, [series(1, [0, 1, 2], [5, null, 7])], plain)
  expect(columns[3]).toEqual([5, null, 7])
  expect(columns.slice(4)).toEqual([
    [null, null, null],
    [null, null, null],
    [null, null, null],
  ])
  expect(bundleColumns(lines, [], plain)[0]).toEqual([])
})

test('a logarithmic axis leaves out what is not above 0', () => {
  const lines = linesOf(runs.slice(0, 1), { colourBy: null, values: [], groupOf: null })
  const look = { ...plain, logarithmicX: true, logarithmicY: true }
  const columns = bundleColumns(lines, [series(1, [0, 1, 10], [5, 0, 7])], look)
  expect([columns[0], columns[3]]).toEqual([
    [1, 10],
    [null, 7],
  ])
})
