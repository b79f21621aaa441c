import { expect, test } from 'vitest'
import { affords, afterStart, exhaustedSentence, isSpent, type Budget } from './budget.ts'
import { nextActions } from './schedule.ts'
import { aboutHours, estimateSlotHours, hoursText, slotHours } from './slot-hours.ts'

const budget: Budget = {
  hoursLeft: 10,
  reserved: 0,
  each: { training: 4, evaluation: 0.5 },
  evaluationsEachTraining: 2,
}
const training = { kind: 'training' as const, slotCount: 4 }
const evaluation = { kind: 'evaluation' as const, slotCount: 1 }

test('a training starts only where its evaluations can be paid, too', () => {
  expect(affords({ ...budget, hoursLeft: 5 }, training)).toBe(true)
  expect(affords({ ...budget, hoursLeft: 4.9 }, training)).toBe(false)
  expect(affords({ ...budget, reserved: 5.1 }, training)).toBe(false)
  const after = afterStart(afterStart(budget, training), evaluation)
  expect(after).toMatchObject({ hoursLeft: 5.5, reserved: 0.5 })
  expect(affords(after, training)).toBe(true)
  expect(affords(afterStart(after, training), training)).toBe(false)
  expect(affords({ ...budget, hoursLeft: 0.5, reserved: 3 }, evaluation)).toBe(true)
})

test('what holds no slot costs nothing, and what nobody measured may start while anything is left', () => {
  const unknown = { ...budget, each: { training: 0, evaluation: 0 } }
  expect(affords({ ...unknown, hoursLeft: 0.001 }, training)).toBe(true)
  expect(affords({ ...unknown, hoursLeft: 0 }, training)).toBe(false)
  expect(affords({ ...unknown, hoursLeft: -1 }, { kind: 'evaluation', slotCount: 0 })).toBe(true)
})

test('the scheduler starts as many as the budget allows, in order, on this machine and away', () => {
  for (const away of [false, true]) {
    const queue = [1, 2, 3].map((id) => ({ id, sweepId: 1, overtakes: 0, away, ...training, slotCount: 1 }))
    const limits = new Map([[1, { maxSlots: null, concurrency: null, budget }]])
    const { start, unaffordable } = nextActions({ queue, live: [], limits, mostAway: 9 }, ['0', '1', '2', '3'])
    expect([start.map(({ jobId }) => jobId), unaffordable]).toEqual([[1, 2], [3]])
  }
})

test('what runs is asked to leave while it has its time to save, of a small budget with a tenth kept for that', () => {
  const at = (spentHours: number, gpuHours: number) => isSpent(gpuHours, { spentHours, liveSlots: 9, saveSeconds: 20 })
  expect([at(99.949, 100), at(99.951, 100)]).toEqual([false, true])
  expect([at(0.0089, 0.01), at(0.0091, 0.01)]).toEqual([false, true])
})

test('hours are written as they are known', () => {
  expect([0, 0.0001, 0.25, 1.5, 12.34, 200, 1234.5].map(hoursText)).toEqual([
    '0', 'under 0.001', '0.25', '1.5', '12.3', '200', '1235',
  ]) // prettier-ignore
  expect([0.0001, 0.25].map(aboutHours)).toEqual(['under 0.001', 'about 0.25'])
  expect(exhaustedSentence(10, 9.5, { kind: 'training', hours: 2 })).toBe(
    '9.5 of the 10 GPU hours of its budget are spent, and a training with its evaluations takes about 2. Raise the budget to let it go on.',
  )
})

test('the hours of work are the same however many run at a time; unmeasured evaluations are not known', () => {
  expect(slotHours(1_800_000, 4)).toBe(2)
  const work = {
    trainingSeconds: [3600],
    evaluationSeconds: [],
    live: [{ kind: 'training' as const, elapsedSeconds: 1800, progress: 0.5 }],
    trainingsWaiting: 2,
    evaluationsWaiting: 3,
    slotsEachTraining: 4,
    slotsEachEvaluation: 1,
  }
  expect(estimateSlotHours(work)).toEqual({ training: 10, evaluation: null })
  expect(estimateSlotHours({ ...work, slotsEachEvaluation: 0 })!.evaluation).toBe(0)
  expect(estimateSlotHours({ ...work, evaluationSeconds: [600] })!.evaluation).toBe(0.5)
  expect(estimateSlotHours({ ...work, trainingSeconds: [], live: [] })).toBe(null)
})
