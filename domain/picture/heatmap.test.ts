import { expect, test } from 'vitest'
import { colourDomain, defaultAxes, positionOnScale } from './heatmap.ts'
import { type MapQuery, scoreMatrix } from './score-matrix.ts'
import type { ExpandedAxis } from '../sweep/axes/axes.ts'
import { planSweep } from '../sweep/plan.ts'
import { type SweepInput, sweepSchema } from '../sweep/sweep.ts'

const planOf = (axes: SweepInput['axes']) =>
  planSweep(sweepSchema.parse({ name: 'x', axes, score: { baseline: { A: 0.5 } } }))
const report = planOf({
  batch_size: [128, 256, 512],
  learning_rate: ['1e-5', '2e-5', '4e-5'],
  epoch: { milestones: [3, 6] },
})

type Point = { params: Record<string, string>; score: number | null }
/** The matrices of points that are given as rows. */
const matrixOf = (axes: readonly ExpandedAxis[], points: readonly Point[], query: Partial<MapQuery>) =>
  scoreMatrix(
    {
      axes,
      positions: axes.map(({ name, values }) =>
        Uint32Array.from(points, ({ params }) => values.indexOf(params[name]!)),
      ),
      score: Float64Array.from(points, ({ score }) => score ?? NaN),
    },
    { down: null, across: null, panel: null, fixed: {}, ...query },
  )

test("the report's figure: batch size down, learning rate across, a panel an epoch", () => {
  expect(defaultAxes(report.axes)).toEqual({ down: 'batch_size', across: 'learning_rate', panel: 'epoch' })
  const points = report.points.map((point) => ({ ...point, score: point.number / 10 }))
  const matrix = matrixOf(report.axes, points, defaultAxes(report.axes))
  expect(matrix).toMatchObject({ panels: 2, rows: 3, columns: 3, bestOver: [], domain: { low: 0.1, high: 1.8 } })
  expect([...matrix.best].slice(9).map((point) => point + 1)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18])
})

test.each<[SweepInput['axes'], ReturnType<typeof defaultAxes>]>([
  [{ a: [1, 2] }, { down: null, across: 'a', panel: null }],
  [{ epoch: { milestones: [1, 2] } }, { down: null, across: 'epoch', panel: null }],
  [
    { epoch: { milestones: [1, 2] }, a: [1, 2] },
    { down: 'a', across: 'epoch', panel: null },
  ],
  [
    { epoch: { milestones: [1, 2] }, a: [1, 2], b: [1, 2] },
    { down: 'a', across: 'b', panel: 'epoch' },
  ],
  [
    { a: [1, 2], b: [1, 2], c: [1, 2] },
    { down: 'a', across: 'b', panel: 'c' },
  ],
  [
    { a: [1], b: [1, 2], c: [1, 2] },
    { down: 'b', across: 'c', panel: null },
  ],
  [
    { a: [1], b: [1, 2] },
    { down: 'b', across: 'a', panel: null },
  ],
  [
    { a: [1, 2], b: [1, 2], c: [1, 2], d: [1, 2] },
    { down: 'a', across: 'b', panel: 'c' },
  ],
  [
    { a: [1, 2], epoch: { milestones: [1, 2] }, c: [1, 2], d: [1, 2] },
    { down: 'a', across: 'c', panel: 'epoch' },
  ],
  [
    { a: [1, 2], b: [1, 2], epoch: { milestones: [1] } },
    { down: 'a', across: 'b', panel: null },
  ],
])('default axes of %j', (axes, expected) => {
  expect(defaultAxes(planOf(axes).axes)).toEqual(expected)
})

test('over axes that are not shown a cell takes the best, a fixed one chooses', () => {
  const { axes, points } = planOf({ a: [1, 2], b: [1, 2], c: [1, 2], d: [1, 2, 3], e: [7] })
  const scored = points.map((point) => ({ ...point, score: point.params.d === '2' ? null : point.number }))
  const shown = { down: 'a', across: 'b', panel: null }
  const best = matrixOf(axes, scored, shown)
  expect(best.bestOver).toEqual(['c', 'd'])
  expect([best.best[0], best.points[0], best.scored[0]]).toEqual([5, 6, 4])
  const fixed = matrixOf(axes, scored, { ...shown, fixed: { c: '1', d: '2', a: '1' } })
  expect(fixed.bestOver).toEqual([])
  expect([fixed.best[3], fixed.points[3], fixed.scored[3]]).toEqual([19, 1, 0])
  expect(fixed.domain).toBeNull()
})

test('a point that is missing leaves an empty cell', () => {
  const { axes } = planOf({ a: [1, 2] })
  const matrix = matrixOf(axes, [{ params: { a: '1' }, score: 0 }], { across: 'a' })
  expect([[...matrix.best], [...matrix.points], [...matrix.scored]]).toEqual([
    [0, -1],
    [1, 0],
    [1, 0],
  ])
  expect(matrix.domain).toEqual({ low: 0, high: 0 })
})

test('an axis that is not there or shown twice is refused', () => {
  const { axes } = planOf({ a: [1, 2], b: [1, 2] })
  expect(() => matrixOf(axes, [], { down: 'x', across: 'a' })).toThrow('no axis x; it has a, b')
  expect(() => matrixOf(axes, [], { down: 'a', across: 'a' })).toThrow('twice')
  expect(() => matrixOf(axes, [], { down: 'a', fixed: { b: '7' } })).toThrow('The axis b has no value 7.')
})

test('any grid and any choice: every point falls into one cell, and each cell shows its best', () => {
  let seed = 5
  const random = (count: number) => (seed = (seed * 48271) % 2147483647) % count
  for (let round = 0; round < 200; round++) {
    const names = ['a', 'b', 'c', 'd'].slice(0, 2 + random(3))
    const { axes, points } = planOf(
      Object.fromEntries(names.map((name) => [name, Array.from({ length: 1 + random(3) }, (_, index) => index)])),
    )
    const scored = points.map((point) => ({ ...point, score: random(4) === 0 ? null : random(1000) / 1000 }))
    const [down, across, third] = names.toSorted(() => random(3) - 1)
    const panel = random(2) ? (third ?? null) : null
    const matrix = matrixOf(axes, scored, { down: down!, across: across!, panel })
    expect(matrix.points.reduce((sum, count) => sum + count, 0)).toBe(points.length)
    const highest = Math.max(...scored.flatMap((point) => point.score ?? []))
    if (Number.isFinite(highest)) {
      expect(Math.max(...Array.from(matrix.best, (point) => scored[point]?.score ?? -Infinity))).toBe(highest)
      expect(matrix.domain!.high).toBe(highest)
    }
  }
})

test('the scale spans the scores there are', () => {
  expect(colourDomain([])).toBeNull()
  expect(colourDomain([null, Number.NaN])).toBeNull()
  const domain = colourDomain([null, 0.5, 1.5])!
  expect([0.5, 1, 1.5, 9, -9].map((score) => positionOnScale(score, domain))).toEqual([0, 0.5, 1, 1, 0])
  expect(positionOnScale(1, { low: 1, high: 1 })).toBe(1)
})
