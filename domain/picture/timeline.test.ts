import { expect, test } from 'vitest'
import {
  isWidened,
  placeLabels,
  scaleOf,
  scoreMarksOf,
  segmentsOf,
  shortNames,
  tickLabels,
  type TimelineRun,
  ticksBetween,
  trailingMean,
} from './timeline.ts'

const checkpoint = (id: number, step: number, score: number | null = null) => ({
  id,
  step,
  epoch: null,
  score,
  picked: false,
})
const run = (id: number, parts: Partial<TimelineRun>) =>
  ({
    id,
    home: { name: `s${id}` },
    checkpoints: [],
    chosen: null,
    startCheckpointId: null,
    lastStep: null,
    ...parts,
  }) satisfies TimelineRun

const letters = { plain: 6.2, bold: 6.6, value: { wide: 7, tall: 13 } }

test('each run counts up to where the next one started, the last in full', () => {
  const chain = [
    run(1, { checkpoints: [checkpoint(10, 100), checkpoint(11, 200)], lastStep: 200 }),
    run(2, { startCheckpointId: 10, checkpoints: [checkpoint(20, 30)], lastStep: 40 }),
    run(3, { startCheckpointId: 20, lastStep: 7 }),
    run(4, { startCheckpointId: 99 }),
  ]
  // where the start is not known, the run before counts in full; one without steps still has its place
  expect(segmentsOf(chain).map(({ offset, length }) => [offset, length])).toEqual([
    [0, 100],
    [100, 30],
    [130, 7],
    [137, 1],
  ])
})

test('rounds stay to be seen beside a long pretraining, each even in itself', () => {
  const long = segmentsOf([run(1, { lastStep: 3600 }), run(2, { lastStep: 30 }), run(3, { lastStep: 30 })])
  expect(isWidened(long)).toBe(true)
  const x = scaleOf(long, 100, 1100)
  // 3,600 steps beside two runs as wide as 0.75 * 3660 / 3 = 915 steps
  expect([0, 1800, 3600, 3615, 3630, 3660].map(x)).toEqual([100, 431.5, 763, 847.2, 931.5, 1100])
  const alike = segmentsOf([run(1, { lastStep: 60 }), run(2, { lastStep: 40 })])
  expect(isWidened(alike)).toBe(false)
  expect([0, 30, 60, 100].map(scaleOf(alike, 0, 200))).toEqual([0, 60, 120, 200])
})

test('scores beyond the point where the line leaves a run are not on it', () => {
  const chosen = { ...checkpoint(11, 200, 1.2), interval: [1, 1.4] } as unknown as TimelineRun['chosen']
  const chain = [
    run(1, { checkpoints: [checkpoint(10, 100, 0.9), checkpoint(11, 200, 1.2), checkpoint(12, 250)], chosen }),
    run(2, { startCheckpointId: 11, checkpoints: [checkpoint(20, 30, 1.3)], lastStep: 40 }),
  ]
  expect(
    scoreMarksOf(segmentsOf(chain)).map(({ at, score, chosen, interval }) => [at, score, chosen, interval]),
  ).toEqual([
    [100, 0.9, false, null],
    [200, 1.2, true, [1, 1.4]],
    [230, 1.3, false, null],
  ])
})

test('a trailing mean looks back only, and starts afresh after a gap', () => {
  expect(trailingMean([1, 3, 5, null, 7], 2)).toEqual([1, 2, 4, null, 7])
})

test('ticks are round, within the range, and written alike', () => {
  expect(ticksBetween(0.87, 1.21, 5)).toEqual([0.9, 1, 1.1, 1.2])
  expect(ticksBetween(-7.9, -7.5, 4)).toEqual([-7.9, -7.8, -7.7, -7.6, -7.5])
  expect(ticksBetween(1, 1, 4)).toEqual([1])
  expect(tickLabels([0.9, 1, 1.05])).toEqual(['0.90', '1.00', '1.05'])
  expect(tickLabels([0, 1], 1)).toEqual(['0.0', '1.0'])
})

test('names of a line lose what all begin with, unless one has nothing else', () => {
  expect(shortNames(['curriculum-pretrain', 'curriculum-basic-1', 'curriculum-basic-2'])).toEqual([
    'pretrain',
    'basic-1',
    'basic-2',
  ])
  // not within a word
  expect(shortNames(['grpo_test1', 'grpo_test2'])).toEqual(['test1', 'test2'])
  expect(shortNames(['a-', 'a-b'])).toEqual(['a-', 'a-b'])
  expect(shortNames(['alone-1'])).toEqual(['alone-1'])
})

test('labels of marks that stand close go where no other label and no mark is', () => {
  const mark = (x: number, y: number) => ({ x, y, text: '8.035' })
  const [first, second] = placeLabels([mark(100, 50), mark(120, 48)], 1000, letters)
  expect([first, second]).toEqual([
    { x: 108, y: 66, anchor: 'start' },
    { x: 128, y: 42, anchor: 'start' },
  ])
  // at the right edge it goes to the left
  expect(placeLabels([mark(995, 50)], 1000, letters)).toEqual([{ x: 987, y: 44, anchor: 'end' }])
})
