import { expect, test } from 'vitest'
import { drawLanes, lanesOf, mostWaiting, spanKinds, spanStates, type Piece } from './slot-timeline.ts'

const attempt = (job: number, from: number, to: number, more: Partial<Piece> = {}): Piece => ({
  node: null,
  slot: '0',
  kind: 'training',
  state: 'ended',
  own: true,
  attempt: 1,
  job,
  from,
  to,
  ...more,
})
const kindsOf = (kinds: number[]) => kinds.map((kind) => spanKinds[kind])

test('slots of this machine come first and are there without anything on them; then nodes, in the order of their numbers', () => {
  const pieces = [
    attempt(1, 0, 10, { node: 'n10', slot: '0' }),
    attempt(2, 0, 10, { node: 'n2', slot: '10' }),
    attempt(2, 0, 10, { node: 'n2', slot: '9' }),
    attempt(3, 0, 10, { slot: '1' }),
  ]
  expect(lanesOf(pieces, ['0', '1']).map(({ node, slot }) => [node, slot])).toEqual([
    [null, '0'],
    [null, '1'],
    ['n2', '9'],
    ['n2', '10'],
    ['n10', '0'],
  ])
})

test('attempts of a node that says no GPUs lie beside each other only where they ran at once', () => {
  const on = (job: number, from: number, to: number) => attempt(job, from, to, { node: 'n1', slot: null })
  const lanes = lanesOf([on(1, 0, 10), on(2, 5, 15), on(3, 10, 20), on(4, 16, 20)], [])
  expect(lanes.map(({ pieces }) => pieces.map(({ job }) => job))).toEqual([
    [1, 3],
    [2, 4],
  ])
})

test('a thousand attempts a second apart are drawn as a few spans that count all of them; a long one stands alone', () => {
  const short = Array.from({ length: 1000 }, (_, at) => attempt(at + 1, at * 1000, at * 1000 + 900))
  const long = attempt(2000, 1_000_000, 2_000_000, { state: 'live' })
  const [lane] = drawLanes(lanesOf([...short, long], []), { from: 0, to: 2_000_000 }, 100)
  const { kind, count, state, job } = lane!.spans
  expect(kindsOf(kind)).toEqual(['several', 'training'])
  expect(count).toEqual([1000, 1])
  expect(job).toEqual([0, 2000])
  expect(state.map((one) => spanStates[one])).toEqual(['ended', 'live'])
  expect(lane!.busyMilliseconds).toBe(1000 * 900 + 1_000_000)
})

test('what lies partly outside of the time is cut, and an idle spell too short to be seen is left out', () => {
  const idle = (from: number, to: number): Piece => attempt(0, from, to, { kind: 'too-few', attempt: 0 })
  const pieces = [attempt(1, -500, 100), idle(100, 101), idle(200, 900), attempt(2, 900, 5000)]
  const [lane] = drawLanes(lanesOf(pieces, []), { from: 0, to: 1000 }, 100)
  expect(kindsOf(lane!.spans.kind)).toEqual(['training', 'too-few', 'training'])
  expect(lane!.spans.from).toEqual([0, 200, 900])
  expect(lane!.spans.to).toEqual([100, 900, 1000])
  expect(lane!.busyMilliseconds).toBe(200)
})

test('many lanes are drawn coarser, not at greater length', () => {
  const pieces = Array.from({ length: 100 }, (_, lane) =>
    Array.from({ length: 400 }, (_, at) => attempt(lane * 400 + at + 1, at * 10, at * 10 + 5, { slot: String(lane) })),
  ).flat()
  const drawn = drawLanes(lanesOf(pieces, []), { from: 0, to: 4000 }, 1200)
  const counted = drawn.flatMap(({ spans }) => spans.count)
  expect(counted.length).toBeLessThanOrEqual(1200)
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(40_000)
})

test('how many waited at once: the most in each part, and who leaves as another comes makes no two', () => {
  const waits = [
    { from: 0, to: 50 },
    { from: 10, to: 20 },
    { from: 20, to: 30 },
    { from: 95, to: 200 },
    { from: 60, to: 60 },
  ]
  expect(mostWaiting(waits, { from: 0, to: 100 }, 10)).toEqual([1, 2, 2, 1, 1, 0, 0, 0, 0, 1])
})
