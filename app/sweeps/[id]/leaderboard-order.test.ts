import { expect, test } from 'vitest'
import type { PointView } from '../../../contract/api/points.ts'
import { bestFirst, filterPoints, rowsWithBracket, sortPoints, unknownNames } from './leaderboard-order.ts'

const axes = [
  { name: 'optimizer', values: ['sgd', 'adam', 'lion'], milestone: false },
  { name: 'learning_rate', values: ['1e-5', '2e-5'], milestone: false },
]

function point(number: number, optimizer: string, learning_rate: string, score: number | null): PointView {
  const results: PointView['results'] =
    score === null
      ? {}
      : {
          GSM8k: {
            accuracy: score / 2,
            correct: null,
            total: null,
            ratio: score,
            interval: null,
            counts: 'unknown' as const,
            error: null,
          },
        }
  return {
    id: 100 + number,
    number,
    params: { optimizer, learning_rate },
    status: score === null ? 'waiting' : 'scored',
    error: null,
    runId: number,
    runNumber: number,
    runStatus: score === null ? 'waiting' : 'done',
    attempt: 1,
    progress: null,
    checkpoint: null,
    results,
    score,
    interval: null,
    chanceOfBest: null,
    tiedWithBest: false,
    rounded: false,
    finishedAt: null,
  }
}

const points = [
  point(1, 'adam', '2e-5', 0.9),
  point(2, 'sgd', '1e-5', null),
  point(3, 'lion', '1e-5', 1.1),
  point(4, 'sgd', '2e-5', 1.0),
]
const numbers = (sorted: readonly PointView[]) => sorted.map((each) => each.number)

test('best first; what has no score stands last whichever way the scores run', () => {
  expect(numbers(sortPoints(points, axes, bestFirst))).toEqual([3, 4, 1, 2])
  expect(numbers(sortPoints(points, axes, { key: 'score', descending: false }))).toEqual([1, 4, 3, 2])
})

test('an axis sorts in the order its values have in the file, ties by score', () => {
  expect(numbers(sortPoints(points, axes, { key: 'axis:optimizer', descending: false }))).toEqual([4, 2, 1, 3])
  expect(numbers(sortPoints(points, axes, { key: 'axis:learning_rate', descending: true }))).toEqual([4, 1, 3, 2])
})

test('a benchmark sorts by its accuracy', () => {
  expect(numbers(sortPoints(points, axes, { key: 'benchmark:GSM8k', descending: true }))).toEqual([3, 4, 1, 2])
})

test('a filter names axes, scores, benchmarks and their ratios, runs and statuses', () => {
  const fields = [
    { name: 'learning_rate', kind: 'text' as const },
    { name: 'score', kind: 'number' as const },
    { name: 'GSM8k', kind: 'share' as const },
    { name: 'GSM8k.ratio', kind: 'number' as const },
    { name: 'run', kind: 'number' as const },
    { name: 'status', kind: 'text' as const },
  ]
  const passing = (text: string) => numbers(filterPoints(points, text, fields).points)
  expect(passing('learning_rate < 2e-5 and score > 1')).toEqual([3])
  expect(passing('GSM8k >= 50 %')).toEqual([3, 4])
  expect(passing('GSM8k.ratio < 1')).toEqual([1])
  expect(passing('run = 2')).toEqual([2])
  expect(passing('status = waiting')).toEqual([2])
  expect(passing('lion')).toEqual([3])
})

test('a metric sorts and filters by its last value; NaN and what is missing stand last', () => {
  const metrics = { 'train/loss': { 1: 0.5, 2: NaN, 3: -Infinity }, score: { 1: 9 } }
  const by = (descending: boolean) =>
    numbers(sortPoints(points, axes, { key: 'metric:train/loss', descending }, metrics))
  expect(by(false)).toEqual([3, 1, 4, 2])
  expect(by(true)).toEqual([1, 3, 4, 2])
  const fields = [{ name: 'score', kind: 'number' as const }]
  const text = 'train/loss < 2 and Score > 0 or kl = 1'
  expect(unknownNames(text, fields)).toEqual(['train/loss', 'kl'])
  const passing = (typed: string) => numbers(filterPoints(points, typed, fields, metrics).points)
  expect(passing('Train/Loss < 2')).toEqual([1])
  // the score of the sweep goes before a metric of that name
  expect(passing('score > 5')).toEqual([])
  expect(filterPoints(points, text, fields, metrics).error).toContain('There is no “kl” here.')
})

test('while a filter cannot be read, all points stay and the sentence says why', () => {
  const { points: shown, error } = filterPoints(points, 'score >', [{ name: 'score', kind: 'number' }])
  expect(numbers(shown)).toEqual([1, 2, 3, 4])
  expect(error).toBe('“score >” needs a value after it.')
})

test('the bracket holds the best and what cannot be told from it, and a line below says why it ends', () => {
  const [best, second, third, open] = sortPoints(points, axes, bestFirst) as [
    PointView,
    PointView,
    PointView,
    PointView,
  ]
  const scored = { interval: [0.8, 1.2] as [number, number] }
  const rows = [{ ...best, ...scored }, { ...second, ...scored, tiedWithBest: true }, { ...third, ...scored }, open]
  const braces = (shown: PointView[]) =>
    rowsWithBracket(shown, true, best.id).map((row) => (row.point ? row.brace : 'note'))
  expect(braces(rows)).toEqual(['first', 'last', 'note', null, null])
  // nothing scored stands below: nothing to say
  expect(braces([rows[0]!, rows[1]!, open])).toEqual(['first', 'last', null])
  expect(rowsWithBracket(rows, false, best.id).map((row) => row.point && row.brace)).toEqual([null, null, null, null])
})
