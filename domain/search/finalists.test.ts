import { expect, test } from 'vitest'
import { chooseFinalists, type Contender, type FinalistsSnapshot } from './finalists.ts'
import { choiceOfFinalists, expectedOfFinalists } from './finalists-words.ts'

const contender = (number: number, mean: number, mayBeBest: boolean | null, training = String(number)): Contender => ({
  points: [number],
  training,
  mean,
  mayBeBest,
})

const close = [contender(1, 1.1, true), contender(2, 1.08, true), contender(3, 1.2, true), contender(4, 0.7, false)]

const snapshot = (more: Partial<FinalistsSnapshot> = {}): FinalistsSnapshot => ({
  contenders: close,
  top: 3,
  seeds: 3,
  had: 1,
  seedVariance: 0.0009,
  questionVariance: 0.0004,
  hours: { training: 1, evaluation: 0.01 },
  whyNoSamples: null,
  ...more,
})

test('those that may be the best, at most so many, best first; the others never', () => {
  const numbers = (more: Partial<FinalistsSnapshot>) =>
    chooseFinalists(snapshot(more))!.contenders.map(({ points }) => points[0])
  expect(numbers({})).toEqual([3, 1, 2])
  expect(numbers({ top: 2 })).toEqual([3, 1])
  expect(numbers({ top: 20 })).toEqual([3, 1, 2])
  // nobody can say: the rank alone decides
  expect(numbers({ contenders: close.map((one) => ({ ...one, mayBeBest: null })), top: 4 })).toEqual([3, 1, 2, 4])
})

test('where the best can be told from all others nothing is done; of one point nothing can be said', () => {
  const told = close.map((one) => ({ ...one, mayBeBest: one.points[0] === 3 }))
  expect(chooseFinalists(snapshot({ contenders: told }))!.way).toBe('none')
  expect(chooseFinalists(snapshot({ contenders: [close[0]!] }))).toBeNull()
})

test('two milestones of one training are trained once a seed and evaluated twice', () => {
  const contenders = [contender(1, 1.2, true, 'a'), contender(2, 1.1, true, 'a'), contender(3, 1.15, true, 'b')]
  const { way, seeds } = chooseFinalists(snapshot({ contenders }))!
  expect([way, seeds.jobs, seeds.evaluations]).toEqual(['seeds', 4, 6])
  expect(seeds.hours).toBeCloseTo(4.06, 9)
})

test('samples are asked for only where they come to what the seeds would for less', () => {
  // all that moves is the questions: three samples are as good as three seeds, and cost no training
  const questions = { seedVariance: 0.0009, questionVariance: 0.0009 }
  const found = chooseFinalists(snapshot(questions))!
  expect(found.way).toBe('samples')
  expect(found.samples).toMatchObject({ each: 3, jobs: 3 })
  expect((found.samples as { hours: number }).hours).toBeCloseTo(0.09, 9)
  expect((found.samples as { difference: number }).difference).toBeCloseTo(found.seeds.difference!, 9)
  // a training that costs less than its evaluations
  expect(chooseFinalists(snapshot({ ...questions, hours: { training: 0.001, evaluation: 0.01 } }))!.way).toBe('seeds')
  // what training adds is more than a third of it all: no number of samples tells of that
  const training = chooseFinalists(snapshot())!
  expect(training.way).toBe('seeds')
  expect(training.samples).toEqual({
    why: 'what another seed moves is not in the questions, and samples do not tell of it',
  })
  // a little of it is the training's: more samples make up for it
  expect(chooseFinalists(snapshot({ ...questions, questionVariance: 0.0007 }))!.samples).toMatchObject({ each: 7 })
  expect(chooseFinalists(snapshot({ ...questions, seedVariance: null }))!.way).toBe('seeds')
  expect(chooseFinalists(snapshot({ ...questions, hours: { training: null, evaluation: null } }))!.way).toBe('seeds')
  expect(chooseFinalists(snapshot({ ...questions, whyNoSamples: 'there is none' }))!.samples).toEqual({
    why: 'there is none',
  })
})

test('what can be told shrinks with the root of the seeds', () => {
  const { differenceNow, seeds } = chooseFinalists(snapshot({ seeds: 4 }))!
  expect(differenceNow! / seeds.difference!).toBeCloseTo(2, 9)
  // Dunnett's one-sided limit of two comparisons with one, 1.92, times the error of a difference
  expect(differenceNow).toBeCloseTo(1.916 * Math.sqrt(2 * 0.0009), 3)
  expect(chooseFinalists(snapshot({ seedVariance: null, questionVariance: null }))!.differenceNow).toBeNull()
})

test('what it would cost and tell is said in words, before and when it is chosen', () => {
  const unit = 'GPU hours'
  const finalists = { top: 3, seeds: 3 }
  expect(expectedOfFinalists({ finalists, had: 1, hours: 6.06, seedDeviation: 0.03, unit })).toBe(
    'Finalists: at most 6 trainings and 6 evaluations more, about 6.06 GPU hours, where up to 3 points cannot be told apart: 2 further seeds each, or several samples a question where these tell as much for less. Another seed moves a score by 0.030, a mean of 3 by 0.017.',
  )
  expect(expectedOfFinalists({ finalists, had: 1, hours: null, seedDeviation: null, unit })).toContain(
    'A mean of 3 seeds is 1.7 times as sure as one training; how far another seed moves a score is not known yet.',
  )
  const words = (more: Partial<FinalistsSnapshot>) => {
    const { contenders, ...choice } = chooseFinalists(snapshot(more))!
    const decided = { decidedAt: 0, runs: 4, points: 4, jobIds: [] }
    return choiceOfFinalists({ ...choice, ...decided, finalists: contenders.map(({ points }) => [...points]) }, unit)
  }
  expect(words({})).toBe(
    'Finalists: 3 points cannot be told apart. They are trained with other seeds: 6 trainings, 6 points, about 6.06 GPU hours. A difference of 0.047 between two of them can be told then; now one of 0.081. Several samples a question were not chosen: what another seed moves is not in the questions, and samples do not tell of it.',
  )
  expect(words({ seedVariance: null })).toContain(
    'By their questions alone a difference of 0.031 between two of them can be told then; now one of 0.054. What another seed moves comes on top',
  )
  expect(words({ questionVariance: 0.0009 })).toBe(
    'Finalists: 3 points cannot be told apart. Each is asked 3 samples a question, about 0.09 GPU hours; other seeds would take 6 trainings, about 6.06 GPU hours. At best a difference of 0.047 between two of them can be told then; now one of 0.081.',
  )
})
