import { expect, test } from 'vitest'
import {
  chanceWords,
  cutMiddle,
  formatAgo,
  formatBytes,
  formatChance,
  formatCount,
  formatDuration,
  formatInterval,
  formatPercent,
  formatRatio,
  formatScore,
  listWords,
  mostOfValue,
  plural,
  pointName,
  progressWords,
  trainingWords,
  slotWords,
  timeLeftWords,
} from './format.ts'

test('scores have three decimals, intervals and ratios two, accuracies one', () => {
  expect(formatScore(1.0758890919394155)).toBe('1.076')
  expect(formatScore(0)).toBe('0.000')
  expect(formatScore(null)).toBe('–')
  expect(formatInterval([0.9512, 1.1749])).toBe('0.95 to 1.17')
  expect(formatRatio(0.9409)).toBe('0.94')
  expect(formatRatio(null)).toBe('–')
  expect(formatPercent(0.375)).toBe('37.5')
  expect(formatPercent(null)).toBe('–')
})

test('a chance that would round to nothing or to certainty says so', () => {
  expect(formatChance(0.2924)).toBe('29.2')
  expect(formatChance(0.0004)).toBe('<0.1')
  expect(formatChance(0)).toBe('<0.1')
  expect(formatChance(0.99996)).toBe('>99.9')
  expect(formatChance(1)).toBe('>99.9')
  expect(formatChance(null)).toBe('–')
  expect(chanceWords(0.22)).toBe('22\u00a0%')
  expect(chanceWords(0.0229)).toBe('2.3\u00a0%')
  expect(chanceWords(0.995)).toBe('99.5\u00a0%')
  expect(chanceWords(0)).toBe('below 0.1\u00a0%')
  expect(chanceWords(1)).toBe('above 99.9\u00a0%')
})

test.each([
  [0, '0 s'],
  [45.4, '45 s'],
  [59.6, '1 min'],
  [60, '1 min'],
  [420, '7 min'],
  [3_599, '1 h 00 min'],
  [4_320, '1 h 12 min'],
  [50_700, '14 h 05 min'],
  [273_600, '3 d 4 h'],
])('%d seconds are %s', (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words)
})

test('time left says its parts where there are two, and never guesses', () => {
  expect(timeLeftWords({ seconds: 900, trainingSeconds: 420, evaluationSeconds: 480 })).toEqual({
    head: 'About 15 min left',
    parts: '7 min training, 8 min evaluation',
  })
  expect(timeLeftWords({ seconds: 30, trainingSeconds: 0, evaluationSeconds: 30 }).parts).toBe('')
  expect(timeLeftWords({ seconds: 6, trainingSeconds: 6, evaluationSeconds: 0.02 }).parts).toBe('')
  expect(timeLeftWords(null)).toEqual({ head: '', parts: 'Time left is known after the first training' })
})

test('counts and their nouns', () => {
  expect(formatCount(1319)).toBe('1,319')
  expect(plural(1, 'point')).toBe('1 point')
  expect(plural(0, 'point')).toBe('0 points')
  expect(plural(2, 'axis', 'axes')).toBe('2 axes')
  expect(slotWords(8, 'gpu')).toBe('8 GPUs')
  expect(slotWords(1, 'cpu')).toBe('1 CPU slot')
  expect(listWords(['a'])).toBe('a')
  expect(listWords(['a', 'b', 'c'])).toBe('a, b and c')
})

test('how long ago', () => {
  const now = new Date(2026, 10, 23, 12, 0).getTime()
  expect(formatAgo(now - 5_000, now)).toBe('just now')
  expect(formatAgo(now - 2 * 3_600_000, now)).toBe('2 h ago')
  expect(formatAgo(new Date(2026, 10, 9).getTime(), now)).toBe('9 Nov')
  expect(formatAgo(new Date(2025, 10, 9).getTime(), now)).toBe('9 Nov 2025')
})

test('a job that still runs is never at 100 %, and one that reported nothing has no share', () => {
  expect(progressWords({ done: 300, total: 300 })).toBe('99\u00a0%')
  expect(progressWords({ done: 146, total: 200 })).toBe('73\u00a0%')
  expect(progressWords({ done: 5, total: 0 })).toBe('')
  expect(progressWords(null)).toBe('')
})

test('a point is named by its literals, a milestone by its axis too', () => {
  const axes = [
    { name: 'batch_size', values: ['512'], milestone: false },
    { name: 'learning_rate', values: ['2e-5'], milestone: false },
    { name: 'epoch', values: ['3', '6'], milestone: true },
  ]
  expect(pointName({ batch_size: '512', learning_rate: '2e-5', epoch: '6' }, axes)).toBe('512 · 2e-5 · epoch 6')
})

test('a size has two or three digits and the unit that keeps it short', () => {
  expect([0, 412, 999, 1000, 1_340_000, 99_940_000, 412_000_000, 3_090_000_000].map(formatBytes)).toEqual([
    '0\u00a0B',
    '412\u00a0B',
    '999\u00a0B',
    '1.0\u00a0kB',
    '1.3\u00a0MB',
    '99.9\u00a0MB',
    '412\u00a0MB',
    '3.1\u00a0GB',
  ])
})

test('a training says where on its milestone axis it is, and never that it is at the end while it runs', () => {
  const epochs = [
    { name: 'batch_size', values: ['128'], milestone: false },
    { name: 'epoch', values: ['3', '6'], milestone: true },
  ]
  expect(trainingWords({ done: 240, total: 300 }, epochs)).toBe('epoch 4.8 of 6')
  expect(trainingWords({ done: 300, total: 300 }, epochs)).toBe('epoch 5.9 of 6')
  expect(trainingWords({ done: 0, total: 300 }, epochs)).toBe('epoch 0.0 of 6')
  expect(trainingWords({ done: 19, total: 30 }, [{ name: 'step', values: ['20', '60'], milestone: true }])).toBe(
    'step 38 of 60',
  )
  expect(trainingWords({ done: 1, total: 4 }, [epochs[0]!])).toBe('25\u00a0%')
  expect(trainingWords(null, epochs)).toBe('')
})

test('a long value keeps both its ends, and letters of several code units whole', () => {
  expect(cutMiddle('abcdefghij', 10)).toBe('abcdefghij')
  expect(cutMiddle('abcdefghijk', 10)).toBe('abcde…hijk')
  expect(cutMiddle('abc', 2)).toBe('a…')
  expect(cutMiddle('😀😀😀😀😀', 5)).toBe('😀😀😀😀😀')
  expect(cutMiddle('😀😀😀😀😀😀', 5)).toBe('😀😀…😀😀')
  const axes = [{ name: 'prompt', values: [], milestone: false }]
  expect(pointName({ prompt: 'x'.repeat(900) }, axes)).toHaveLength(mostOfValue)
})
