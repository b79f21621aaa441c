import { expect, test } from 'vitest'
import { type Cost, costLines } from './cost-words.ts'

const nothing: Cost = {
  trainings: 9,
  points: 18,
  work: null,
  questionsEach: null,
  slotUnit: 'GPU',
  slotHours: null,
  slotHoursWithin: null,
  seconds: null,
  secondsWithin: null,
  fromRuns: 0,
  isAway: false,
}
const clock = (seconds: number) => `${Math.round(seconds / 3600)}:00`
const text = (cost: Partial<Cost>) =>
  costLines({ ...nothing, ...cost }, clock).map((line) => `${line.name}: ${line.text} [${line.sure}]`)

test('what nobody measured is said to be not known, never guessed', () => {
  expect(text({})).toEqual([
    'Trainings: 9 [by the plan]',
    'Evaluations: 18 [one for each point]',
    'Questions: not known [not every benchmark’s number of questions is given]',
    'GPU hours: not known [known after the first training with this trainer]',
    'Ends: not known [known after the first training with this trainer]',
  ])
})

test('each estimate says what it rests on and how sure it is; what is there already is not counted', () => {
  const measured = { slotHours: { training: 10, evaluation: 2 }, seconds: 7200, fromRuns: 12 }
  const within = { slotHoursWithin: { low: 11, high: 13.5 }, secondsWithin: { low: 3600, high: 10_800 } }
  expect(text({ ...measured, ...within, work: { trainings: 3, evaluations: 6 }, questionsEach: 2534 })).toEqual([
    'Trainings: 3 of 9 [the others are there, or under way]',
    'Evaluations: 6 of 18 [one for each point]',
    'Questions: 6 × 2,534 = 15,204 [by the benchmarks’ numbers of questions]',
    'GPU hours: about 12 (11 to 13.5) [from 12 earlier runs with this trainer, within this in 95 of 100 as far as those differ]',
    'Ends: in about 2 h 00 min, at 2:00 (1:00 to 3:00) [if it starts now and has the machine; from 12 earlier runs with this trainer, within this in 95 of 100 as far as those differ]',
  ])
  expect(text({ ...measured, fromRuns: 1 })[3]).toBe(
    'GPU hours: about 12 [from 1 earlier run with this trainer, too few to say how sure]',
  )
  // where all of it is there, hours and an end would be of nothing
  expect(text({ ...measured, work: { trainings: 0, evaluations: 0 }, questionsEach: 2534 })).toEqual([
    'Trainings: 0 of 9 [the others are there, or under way]',
    'Evaluations: 0 of 18 [one for each point]',
  ])
})
