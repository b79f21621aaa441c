import { expect, test } from 'vitest'
import { idleReasons } from './idle-reason.ts'
import { nextActions, type ScheduleSnapshot } from './schedule.ts'

const capacity = ['0', '1', '2', '3']
const job = (id: number, slotCount: number, more: object = {}) =>
  ({ id, sweepId: 7, kind: 'training', slotCount, overtakes: 0, ...more }) as const
const live = (slots: string[]) => [{ id: 99, sweepId: 7, kind: 'training' as const, slots }]
const limits = (more: object = {}) => new Map([[7, { maxSlots: null, concurrency: null, ...more }]])

/** What a look leaves idle: by slot its code, and what more is said. */
function idle(snapshot: Partial<ScheduleSnapshot>, isPaused = false, withheld = new Map<string, string>()) {
  const whole = { queue: [], live: [], limits: limits(), withheld: new Set(withheld.keys()), ...snapshot }
  const reasons = idleReasons(whole, nextActions(whole, capacity), { capacity, withheld, isPaused: () => isPaused })
  return [...reasons].map(([slot, { code, detail }]) => [slot, code, detail])
}

test('what is started on leaves nothing idle', () => expect(idle({ queue: [job(1, 4)] })).toEqual([]))

test('too few: how many the job wants that waits longest for them', () =>
  expect(idle({ queue: [job(1, 3), job(2, 4)], live: live(['0', '1']) })).toEqual([
    ['2', 'too-few', '3'],
    ['3', 'too-few', '3'],
  ]))

test('its sweep may take no more, or spend no more', () => {
  const queue = [job(1, 1)]
  expect(idle({ queue, live: live(['0', '1', '2']), limits: limits({ concurrency: 1 }) })).toEqual([
    ['3', 'limit', null],
  ])
  const budget = { hoursLeft: 0, reserved: 0, each: { training: 1, evaluation: 0 }, evaluationsEachTraining: 0 }
  expect(idle({ queue, live: live(['0', '1', '2']), limits: limits({ budget }) })).toEqual([['3', 'budget', null]])
})

test('what waits for a cluster keeps no slot here: nothing else was left', () =>
  expect(idle({ queue: [job(1, 4, { away: true })], live: live(['0', '1', '2']) })).toEqual([['3', 'running', null]]))

test('nobody wants it: as all is paused, or as there is nothing', () => {
  expect(idle({}, true).map(([, code]) => code)).toEqual(['paused', 'paused', 'paused', 'paused'])
  expect(idle({}).map(([, code]) => code)).toEqual(['nothing', 'nothing', 'nothing', 'nothing'])
})

test('somebody else uses it: who', () =>
  expect(idle({ live: live(['1', '2', '3']) }, false, new Map([['0', 'python (4711) of anna']]))).toEqual([
    ['0', 'used', 'python (4711) of anna'],
  ]))
