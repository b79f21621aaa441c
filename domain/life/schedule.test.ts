import { expect, test } from 'vitest'
import { nextActions, type LiveJob, type QueuedJob, type SweepLimits } from './schedule.ts'

const gpus = ['0', '1', '2', '3']
const noLimits = new Map<number, SweepLimits>()
const job = (id: number, slotCount: number, more: Partial<QueuedJob> = {}): QueuedJob => ({
  id,
  sweepId: 1,
  kind: 'training',
  slotCount,
  overtakes: 0,
  ...more,
})

test('starts as many as fit, on the free slots of lowest number', () => {
  const live: LiveJob[] = [{ id: 9, sweepId: 1, kind: 'training', slots: ['1'] }]
  const { start } = nextActions({ queue: [job(1, 1), job(2, 2), job(3, 1)], live, limits: noLimits }, gpus)
  expect(start).toEqual([
    { jobId: 1, slots: ['0'] },
    { jobId: 2, slots: ['2', '3'] },
  ])
})

test('evaluations go before trainings', () => {
  const queue = [job(1, 4), job(2, 1, { kind: 'evaluation' })]
  const { start, overtaken } = nextActions({ queue, live: [], limits: noLimits }, gpus)
  expect(start).toEqual([{ jobId: 2, slots: ['0'] }])
  expect(overtaken).toEqual([{ jobId: 1, by: 1 }])
})

test('a job that was passed too often gets the free slots kept for it', () => {
  const live: LiveJob[] = [{ id: 9, sweepId: 2, kind: 'evaluation', slots: ['0'] }]
  const queue = [job(1, 4, { overtakes: 4 }), job(2, 1, { kind: 'evaluation', sweepId: 2 })]
  expect(nextActions({ queue, live, limits: noLimits }, gpus).start).toEqual([])
  expect(nextActions({ queue, live: [], limits: noLimits }, gpus).start).toEqual([{ jobId: 1, slots: gpus }])
})

test('a job larger than the machine is named and holds nothing up', () => {
  const actions = nextActions({ queue: [job(1, 5, { overtakes: 99 }), job(2, 1)], live: [], limits: noLimits }, gpus)
  expect(actions.impossible).toEqual([1])
  expect(actions.start).toEqual([{ jobId: 2, slots: ['0'] }])
})

test("a sweep's own limits hold for what is live and for what starts now", () => {
  const limits = new Map([[1, { maxSlots: 3, concurrency: 2 }]])
  const live: LiveJob[] = [{ id: 9, sweepId: 1, kind: 'training', slots: ['0'] }]
  const queue = [job(1, 1), job(2, 1), job(3, 1, { kind: 'evaluation' }), job(4, 1, { kind: 'evaluation' })]
  expect(nextActions({ queue, live, limits }, gpus).start.map((entry) => entry.jobId)).toEqual([3, 4])
  expect(nextActions({ queue, live: [], limits }, gpus).start.map((entry) => entry.jobId)).toEqual([3, 4, 1])
})

test('an endless stream of small jobs delays a large one by a bounded number of starts, and nobody is given a held slot', () => {
  // Small jobs of one tick each arrive as fast as slots free up; the large one needs all four slots.
  let small = 100
  let live: (LiveJob & { endsAt: number })[] = []
  let overtakes = 0
  let passed = 0
  for (let tick = 0; tick < 200; tick++) {
    live = live.filter((entry) => entry.endsAt > tick)
    const queue = [
      job(1, 4, { overtakes }),
      ...Array.from({ length: 3 }, () => job(small++, 1, { kind: 'evaluation', sweepId: 2 })),
    ]
    const actions = nextActions({ queue, live, limits: noLimits }, gpus)
    const slots = [...live.flatMap((entry) => entry.slots), ...actions.start.flatMap((entry) => entry.slots)]
    expect(new Set(slots).size).toBe(slots.length)
    if (actions.start.some((entry) => entry.jobId === 1)) {
      expect(passed).toBeLessThanOrEqual(8)
      return
    }
    overtakes += actions.overtaken.find((entry) => entry.jobId === 1)?.by ?? 0
    passed += actions.start.length
    // staggered ends, so that four slots are never free at once by chance
    live.push(
      ...actions.start.map((entry, index) => ({
        id: entry.jobId,
        sweepId: 2,
        kind: 'evaluation' as const,
        slots: entry.slots,
        endsAt: tick + 2 + ((tick + index) % 3),
      })),
    )
  }
  expect.unreachable('the large job never started')
})

test('slots that somebody else uses are kept back, and what needs them waits for them', () => {
  const queue = [job(1, 4), job(2, 2)]
  const withheld = new Set(['0', '2'])
  const actions = nextActions({ queue, live: [], limits: noLimits, withheld }, gpus)
  expect(actions).toEqual({
    start: [{ jobId: 2, slots: ['1', '3'] }],
    short: [1],
    overtaken: [{ jobId: 1, by: 1 }],
    impossible: [],
    unaffordable: [],
  })
})

test('an evaluation without slots starts where all are held, overtakes nobody, and there are not too many of them', () => {
  const judges = Array.from({ length: 12 }, (_, at) => job(10 + at, 0, { kind: 'evaluation' }))
  const live: LiveJob[] = [
    { id: 1, sweepId: 1, kind: 'training', slots: gpus },
    { id: 2, sweepId: 1, kind: 'evaluation', slots: [] },
  ]
  const { start, overtaken } = nextActions({ queue: [job(3, 4), ...judges], live, limits: noLimits }, gpus)
  expect(start).toEqual(judges.slice(0, 7).map(({ id }) => ({ jobId: id, slots: [] })))
  expect(overtaken).toEqual([])
})

test('what a cluster runs takes no slot, waits for none, and is bounded by its own limits', () => {
  const away = { away: true }
  const queue = [job(1, 8, away), job(2, 8, away), job(3, 4), job(4, 1, { ...away, sweepId: 2 })]
  const full: LiveJob[] = [{ id: 9, sweepId: 3, kind: 'training', slots: gpus }]
  const startsOf = (more: Partial<Parameters<typeof nextActions>[0]>) =>
    nextActions({ queue, live: full, limits: noLimits, mostAway: 9, ...more }, gpus).start.map(({ jobId }) => jobId)
  expect(startsOf({})).toEqual([1, 2, 4])
  expect(startsOf({ mostAway: 1 })).toEqual([1])
  expect(startsOf({ limits: new Map([[1, { maxSlots: 8, concurrency: null }]]) })).toEqual([1, 4])
  const running: LiveJob = { id: 8, sweepId: 1, kind: 'training', slots: [], slotCount: 8, ...away }
  expect(startsOf({ live: [running], limits: new Map([[1, { maxSlots: 8, concurrency: null }]]) })).toEqual([4])
  expect(startsOf({ live: [running] })).toEqual([1, 2, 3, 4])
})
