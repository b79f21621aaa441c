import { expect, test } from 'vitest'
import { drawTimeline, type DrawnShape, type Sheet } from './draw-timeline.ts'
import { rewardLinesOf, scoreMarksOf, segmentsOf, type TimelineRun } from './timeline.ts'

const sheet: Sheet = {
  width: 500,
  left: 50,
  right: 490,
  rewardHeight: 100,
  scoreHeight: 100,
  letters: { plain: 6, bold: 7, value: { wide: 7, tall: 13 } },
}
const run = (id: number, given: Partial<TimelineRun> = {}): TimelineRun => ({
  id,
  home: { name: `round-${id}` },
  startCheckpointId: id === 1 ? null : 10 * (id - 1),
  lastStep: 40,
  checkpoints: [{ id: 10 * id, step: 40, score: id }],
  chosen: { id: 10 * id, step: 40, interval: [id - 0.2, id + 0.2] },
  ...given,
})
const texts = (shapes: DrawnShape[], role: string) =>
  shapes.flatMap((shape) => (shape.kind === 'text' && shape.role === role ? [shape.text] : []))
const segments = segmentsOf([run(1), run(2)])
const marks = scoreMarksOf(segments)
const rewards = rewardLinesOf(segments, [{ runId: 2, steps: [1, 20, 40], mean: [0, 1, 2] }])
const nothing = { rewards: [], marks: [], baselineName: null }

test('both panels, the marks, the runs and what changed are in the picture, and stay on the sheet', () => {
  const changed = segments.map((segment, at) => ({ ...segment, change: at === 1 ? 'lr 1e-5 → 2e-5' : null }))
  const { height, shapes } = drawTimeline({ segments: changed, rewards, marks, baselineName: 'terse' }, sheet)
  expect(texts(shapes, 'heading')).toEqual(['Mean reward', 'Score'])
  expect(texts(shapes, 'value')).toEqual(['1.000', '2.000'])
  expect(texts(shapes, 'ink')).toEqual(['1.0', 'round-1', 'round-2'])
  expect(texts(shapes, 'change')).toEqual(['lr 1e-5 → 2e-5'])
  expect(texts(shapes, 'quiet')).toContain('baseline terse')
  expect(shapes.filter((shape) => shape.kind === 'circle').map(({ role }) => role)).toEqual(['ink', 'accent'])
  for (const shape of shapes) {
    if (shape.kind === 'path') continue
    expect(shape.x).toBeGreaterThanOrEqual(0)
    expect(shape.x).toBeLessThanOrEqual(sheet.width)
    expect(shape.y).toBeGreaterThan(0)
    expect(shape.y).toBeLessThan(height)
  }
})

test('a panel that has nothing to show takes no room', () => {
  const both = drawTimeline({ ...nothing, segments, rewards, marks }, sheet).height
  const scores = drawTimeline({ ...nothing, segments, marks }, sheet)
  expect(both - scores.height).toBeGreaterThan(sheet.rewardHeight)
  expect(texts(scores.shapes, 'heading')).toEqual(['Score'])
  expect(texts(drawTimeline({ ...nothing, segments, rewards }, sheet).shapes, 'heading')).toEqual(['Mean reward'])
})

test('what changed is left out where the change before it reaches that far', () => {
  const narrow = segmentsOf([run(1), run(2), run(3)]).map((segment) => ({ ...segment, change: 'x'.repeat(40) }))
  expect(texts(drawTimeline({ ...nothing, segments: narrow, marks }, sheet).shapes, 'change').length).toBeLessThan(3)
})
