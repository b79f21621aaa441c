import { expect, test } from 'vitest'
import { colourDomain, defaultAxes, heatmapPanels, positionOnScale } from './heatmap.ts'
import { planSweep } from '../sweep/plan.ts'
import { type SweepInput, sweepSchema } from '../sweep/sweep.ts'

const planOf = (axes: SweepInput['axes']) =>
  planSweep(sweepSchema.parse({ name: 'x', axes, score: { baseline: { A: 0.5 } } }))
const report = planOf({
  batch_size: [128, 256, 512],
  learning_rate: ['1e-5', '2e-5', '4e-5'],
  epoch: { milestones: [3, 6] },
})

test("the report's figure: batch size down, learning rate across, a panel an epoch", () => {
  expect(defaultAxes(report.axes)).toEqual({ down: 'batch_size', across: 'learning_rate', panel: 'epoch' })
  const points = report.points.map((point) => ({ ...point, score: point.number / 10 }))
  const heatmap = heatmapPanels({ axes: report.axes, points, ...defaultAxes(report.axes) })
  expect(heatmap.panels.map((panel) => panel.value)).toEqual(['3', '6'])
  expect(heatmap.panels[1]!.cells.map((row) => row.map((cell) => cell.point!.number))).toEqual([
    [2, 4, 6],
    [8, 10, 12],
    [14, 16, 18],
  ])
  expect(heatmap.bestOver).toEqual([])
  expect(heatmap.domain).toEqual({ low: 0.1, high: 1.8 })
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
  const best = heatmapPanels({ axes, points: scored, ...shown })
  expect(best.bestOver).toEqual(['c', 'd'])
  expect(best.panels[0]!.cells[0]![0]).toEqual({ point: scored[5], points: 6, scored: 4 })
  const fixed = heatmapPanels({ axes, points: scored, ...shown, fixed: { c: '1', d: '2', a: '1' } })
  expect(fixed.bestOver).toEqual([])
  expect(fixed.panels[0]!.cells[1]![1]).toEqual({ point: scored[19], points: 1, scored: 0 })
  expect(fixed.domain).toBeNull()
})

test('a point that is missing leaves an empty cell, a point of other values is left out', () => {
  const points = [
    { params: { a: '1' }, score: 0 },
    { params: { a: '9' }, score: 100 },
  ]
  const heatmap = heatmapPanels({ axes: planOf({ a: [1, 2] }).axes, points, down: null, across: 'a', panel: null })
  expect(heatmap.panels).toEqual([
    {
      value: null,
      cells: [
        [
          { point: points[0], points: 1, scored: 1 },
          { point: null, points: 0, scored: 0 },
        ],
      ],
    },
  ])
  expect(heatmap.domain).toEqual({ low: 0, high: 0 })
})

test('an axis that is not there or shown twice is refused', () => {
  const { axes } = planOf({ a: [1, 2], b: [1, 2] })
  expect(() => heatmapPanels({ axes, points: [], down: 'x', across: 'a', panel: null })).toThrow(
    'no axis x; it has a, b',
  )
  expect(() => heatmapPanels({ axes, points: [], down: 'a', across: 'a', panel: null })).toThrow('twice')
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
    const heatmap = heatmapPanels({ axes, points: scored, down: down!, across: across!, panel })
    const cells = heatmap.panels.flatMap((each) => each.cells.flat())
    expect(cells.reduce((sum, cell) => sum + cell.points, 0)).toBe(points.length)
    const highest = Math.max(...scored.flatMap((point) => point.score ?? []))
    if (Number.isFinite(highest)) {
      expect(Math.max(...cells.flatMap((cell) => cell.point?.score ?? []))).toBe(highest)
      expect(heatmap.domain!.high).toBe(highest)
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
