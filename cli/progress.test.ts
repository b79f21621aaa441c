import { expect, test } from 'vitest'
import type { PointView } from '../contract/api/points.ts'
import type { RunRow } from '../contract/api/runs.ts'
import type { WholeSweep } from '../contract/api/sweeps.ts'
import { leaderboard } from './leaderboard.ts'
import { progressView } from './progress.ts'

function point(number: number, changes: Partial<PointView> = {}): PointView {
  return {
    id: number,
    number,
    params: { learning_rate: `${number}e-5` },
    status: 'waiting',
    error: null,
    score: null,
    interval: null,
    chanceOfBest: null,
    tiedWithBest: false,
    runNumber: number,
    results: {},
    broken: null,
    onFront: false,
    objectives: [],
    ...changes,
  } as PointView
}

function sweep(points: PointView[], changes: Partial<WholeSweep> = {}): WholeSweep {
  const count = (status: PointView['status']) => points.filter((each) => each.status === status).length
  return {
    id: 1,
    name: 'x',
    status: 'running',
    isScored: true,
    axes: [{ name: 'learning_rate', values: [], milestone: false }],
    counts: {
      points: points.length,
      scored: count('scored'),
      done: count('done'),
      failed: count('failed'),
      cancelled: 0,
      stopped: 0,
      trainings: 4,
      trainingsDone: 0,
      trainingsLive: 1,
      trainingsFailed: 0,
    },
    shares: [{ status: 'evaluating', points: count('evaluating'), progress: null }],
    points,
    runs: [] as RunRow[],
    timeLeft: null,
    startedAt: 0,
    finishedAt: 90_000,
    score: { aggregate: 'harmonic-mean', baseline: { id: null, name: null, accuracies: { A: 0.5 } } },
    race: null,
    finalists: null,
    objective: null,
    definition: {},
    ...changes,
  } as WholeSweep
}

function recorder(extra: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = []
  return { written, output: { write: (text: string) => written.push(text), ...extra } }
}

test('elsewhere than on a terminal: one line a finished point, each once, and the time left now and then', () => {
  const { written, output } = recorder()
  const view = progressView(output, 'xterm')
  const points = [
    point(1, { status: 'scored', score: 1.0758 }),
    point(2, { status: 'failed', error: 'exit 3\n\u001b[2Jboom' }),
    point(3),
  ]
  const timeLeft = { seconds: 130, trainingSeconds: 70, evaluationSeconds: 60 }
  const ended = points.slice(0, 2)
  view.show(sweep(points, { timeLeft }), ended)
  view.show(sweep(points, { timeLeft }), ended)
  expect(written).toEqual([
    'point 1 of 3 (learning_rate 1e-5): 1.076\n',
    'point 2 of 3 (learning_rate 2e-5): failed: exit 3 [2Jboom\n',
    '1 of 3 points scored, about 2 min left (1 min training, 1 min evaluation)\n',
  ])
  const all = [...ended, point(3, { status: 'scored', score: 1 })]
  view.show(sweep(all), all)
  expect(written).toHaveLength(4)
})

test('what was finished before is no news', () => {
  const { written, output } = recorder()
  const view = progressView(output, 'dumb')
  const points = [point(1, { status: 'scored', score: 1 }), point(2)]
  view.skip(points.slice(0, 1))
  view.show(sweep(points), points.slice(0, 1))
  expect(written).toEqual([])
})

test('on a terminal: a bar that is rewritten in place and never wider than it', () => {
  for (const columns of [200, 80, 30]) {
    const { written, output } = recorder({ isTTY: true, columns })
    const view = progressView(output, 'xterm')
    const points = [
      point(1, { status: 'scored', score: 1 }),
      point(2, { status: 'failed' }),
      point(3, { status: 'evaluating' }),
      point(4),
    ]
    view.show(sweep(points, { timeLeft: { seconds: 300, trainingSeconds: 240, evaluationSeconds: 60 } }), [])
    view.say('a line')
    view.end()
    const line = written[0]!.replace(/^\r|\u001b\[K$/g, '')
    expect([...line].length).toBeLessThan(columns)
    expect(line).toContain('█')
    if (columns === 200) {
      expect(line).toContain(
        '1/4 scored, 1 failed, 1 training, 1 evaluating, about 5 min left (4 min training, 1 min evaluation)',
      )
    }
    expect(written[1]).toBe('\r\u001b[K')
    expect(written[2]).toContain('a line\n')
    expect(written.at(-1)).toBe('\r\u001b[K')
  }
})

test('a terminal that does not tell its width gets whole words', () => {
  const { written, output } = recorder({ isTTY: true, columns: 0 })
  progressView(output, 'xterm').show(sweep([point(1)], { status: 'waiting' }), [])
  expect(written[0]).toContain('0/1 scored')
})

test('before anything was measured it says when the time left will be known', () => {
  const { written, output } = recorder({ isTTY: true, columns: 120 })
  progressView(output, 'xterm').show(sweep([point(1)]), [])
  expect(written[0]).toContain('time left is known after the first training')
})

test('the leaderboard: best first, columns aligned, nothing that moves a cursor', () => {
  const results = { A: { accuracy: 0.4 } } as unknown as PointView['results']
  const points = [
    point(1, { status: 'scored', score: 0.9, results, params: { learning_rate: '\u001b[31mred' } }),
    point(2, { status: 'scored', score: 1.25, results, interval: [1, 1.5], chanceOfBest: 0.9 }),
    point(3, { status: 'scored', score: 1, results, tiedWithBest: true }),
    point(4, { status: 'failed' }),
  ]
  expect(leaderboard(sweep(points))).toBe(`x: 3 of 4 points scored in 2 min

      score  95 % interval  best %  learning_rate   A %  run
1     1.250  1.00 to 1.50     90.0  2e-5           40.0    2
2  ~  1.000                         3e-5           40.0    3
3     0.900                          [31mred       40.0    1

~ may be the best: these questions cannot tell
`)
})

test('a long leaderboard says how many it leaves out, an empty one says so', () => {
  const points = Array.from({ length: 60 }, (_, index) => point(index + 1, { status: 'scored', score: index }))
  expect(leaderboard(sweep(points))).toContain('… and 10 points more; --json has them all\n')
  expect(leaderboard(sweep([point(1)]))).toBe('x: 0 of 1 point scored in 2 min\n')
})
