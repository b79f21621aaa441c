import { expect, test } from 'vitest'
import { bundleOf, coloursOf, linesOf } from './line-bundle.ts'

const runs = [1, 2, 3, 4].map((id) => ({
  id,
  number: id,
  params: { rate: id <= 2 ? '1e-5' : '2e-5', seed: String(id % 2) },
}))
const line = (runId: number, places: number[], values: number[]) => ({
  runId,
  places: Float64Array.from(places),
  values: Float64Array.from(values),
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
  const {
    places,
    lines: columns,
    least,
    greatest,
  } = bundleOf(lines, [line(1, [0, 2, 4], [0, 2, 4]), line(2, [1, 3], [10, 30])], plain)
  expect([...places]).toEqual([0, 1, 2, 3, 4])
  expect(columns.map(({ mean, lowest, highest }) => [mean, lowest!, highest!].map((column) => [...column]))).toEqual([
    [
      [0, 5.5, 11, 16.5, 4],
      [NaN, 1, 2, 3, NaN],
      [NaN, 10, 20, 30, NaN],
    ],
  ])
  expect([least, greatest]).toEqual([
    [0, 1, 2, 3, 4],
    [0, 10, 20, 30, 4],
  ])
})

test('what is no number leaves a gap, and a run without the metric has no line', () => {
  const lines = linesOf(runs.slice(0, 2), { colourBy: null, values: [], groupOf: null })
  const { lines: columns, least } = bundleOf(lines, [line(1, [0, 1, 2], [5, NaN, 7])], plain)
  expect(columns.map(({ mean }) => [...mean])).toEqual([
    [5, NaN, 7],
    [NaN, NaN, NaN],
  ])
  expect(least).toEqual([5, null, 7])
  expect(bundleOf(lines, [], plain).places).toHaveLength(0)
})

test('a logarithmic axis leaves out what is not above 0', () => {
  const lines = linesOf(runs.slice(0, 1), { colourBy: null, values: [], groupOf: null })
  const look = { ...plain, logarithmicX: true, logarithmicY: true }
  const { places, lines: columns } = bundleOf(lines, [line(1, [0, 1, 10], [5, 0, 7])], look)
  expect([[...places], [...columns[0]!.mean]]).toEqual([
    [1, 10],
    [NaN, 7],
  ])
})

test('a line whose run did not change is neither copied nor smoothed anew', () => {
  const lines = linesOf(runs.slice(0, 2), { colourBy: null, values: [], groupOf: null })
  const read = [line(1, [0, 1, 2], [1, 2, 3]), line(2, [0, 1, 2], [4, 5, 6])]
  expect(bundleOf(lines, read, plain).lines.map(({ mean }) => mean)).toEqual(read.map(({ values }) => values))
  expect(bundleOf(lines, read, plain).lines[0]!.mean).toBe(read[0]!.values)
  const smooth = { ...plain, window: 2 }
  const before = bundleOf(lines, read, smooth)
  const after = bundleOf(lines, [read[0]!, line(2, [0, 1, 2], [7, 8, 9])], smooth)
  expect([...before.lines[0]!.mean]).toEqual([1.5, 2, 2.5])
  expect(after.lines[0]!.mean).toBe(before.lines[0]!.mean)
  expect(after.lines[1]!.mean).not.toBe(before.lines[1]!.mean)
})
