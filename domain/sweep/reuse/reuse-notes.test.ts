import { expect, test } from 'vitest'
import { reuseNotes, type ReuseFacts } from './reuse-notes.ts'

const nothing: ReuseFacts = {
  trainings: 4,
  reused: { sweeps: [], trainings: 0, points: 0, kept: 0 },
  awaited: { sweeps: [], trainings: 0 },
  continued: [],
  continuable: [],
  refusals: [],
}
const sweep = { id: 3, name: 'rates' }
const of = (facts: Partial<ReuseFacts>) => reuseNotes({ ...nothing, ...facts }, 'epoch')

test('nothing earlier has to do with it: nothing is said', () => {
  expect(of({})).toEqual([])
})

test('one and several', () => {
  expect(of({ reused: { sweeps: [sweep], trainings: 1, points: 2, kept: 1 } })).toEqual([
    '1 of 4 trainings is not repeated: sweep 3 (rates) did the same, with the same scripts. Of its 2 points 1 is not evaluated again.',
  ])
  expect(of({ trainings: 1, awaited: { sweeps: [sweep], trainings: 1 } })).toEqual([
    'The training is under way in sweep 3 (rates): it is waited for, and not started again.',
  ])
  expect(of({ continued: [{ milestone: '3', sweep, trainings: 2, doubt: null }] })[0]).toMatch(
    /^2 of 4 trainings go on from epoch 3, where sweep 3 \(rates\) ended: the learning rate is constant/,
  )
  expect(of({ continuable: [{ milestone: '3', sweep, trainings: 2, doubt: 'a doubt' }] })).toEqual([
    '2 of 4 trainings were done to epoch 3 by sweep 3 (rates) and are trained again from the start: a doubt. Told to (--continue), they go on from there.',
  ])
})

test('of many refusals the first few are said, and how many more there are', () => {
  const refusals = Array.from({ length: 11 }, (_, index) => `Run ${index + 1} is trained again: why.`)
  expect(of({ refusals })).toEqual([...refusals.slice(0, 8), '3 more are trained again for such reasons.'])
})
