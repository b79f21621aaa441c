import { expect, test } from 'vitest'
import { nextCurriculumStep, type StageState } from './curriculum-step.ts'

const stage = (given: Partial<StageState> = {}): StageState => ({
  status: 'running',
  points: 4,
  withoutScore: 4,
  settled: true,
  deleted: false,
  picked: false,
  ...given,
})
const ended = stage({ status: 'done', withoutScore: 0 })
const picked = stage({ status: 'done', withoutScore: 0, picked: true })

test('stages start one at a time, each when the one before has its pick', () => {
  expect(nextCurriculumStep([], 2)).toEqual({ kind: 'start', place: 0 })
  expect(nextCurriculumStep([stage({ status: 'waiting' })], 2)).toEqual({ kind: 'wait' })
  expect(nextCurriculumStep([stage()], 2)).toEqual({ kind: 'wait' })
  expect(nextCurriculumStep([stage({ status: 'paused' })], 2)).toEqual({ kind: 'wait' })
  expect(nextCurriculumStep([ended], 2)).toEqual({ kind: 'pick', place: 0 })
  expect(nextCurriculumStep([picked], 2)).toEqual({ kind: 'start', place: 1 })
  expect(nextCurriculumStep([picked, ended], 2)).toEqual({ kind: 'pick', place: 1 })
  expect(nextCurriculumStep([picked, picked], 2)).toEqual({ kind: 'done' })
})

test('the rule waits for the last interval, and for scores against a changed baseline', () => {
  expect(nextCurriculumStep([{ ...ended, settled: false }], 1)).toEqual({ kind: 'wait' })
})

test('nothing is picked among what is left: a stage with a point without score ends it, and says how many', () => {
  expect(nextCurriculumStep([{ ...ended, status: 'failed', withoutScore: 1 }], 2)).toEqual({
    kind: 'fail',
    place: 0,
    why: '1 of its 4 points has no score',
  })
  // trainings that ended well and points that nothing was measured of
  expect(nextCurriculumStep([{ ...ended, withoutScore: 3 }], 2)).toMatchObject({
    why: '3 of its 4 points have no score',
  })
})

test('a stage that somebody cancelled or deleted ends it', () => {
  expect(nextCurriculumStep([picked, stage({ status: 'cancelled' })], 2)).toMatchObject({ kind: 'fail', place: 1 })
  expect(nextCurriculumStep([stage({ deleted: true })], 2)).toMatchObject({ why: 'its sweep was deleted' })
})

test('what becomes of a stage after its pick changes nothing', () => {
  expect(nextCurriculumStep([{ ...picked, deleted: true, status: 'cancelled' }], 1)).toEqual({ kind: 'done' })
})
