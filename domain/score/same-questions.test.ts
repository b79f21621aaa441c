import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { agreementOf, correlationOf, emptyAnswers, pairAt, setAnswers, sharedBySeeds } from './same-questions.ts'

const random = createRandom(4)

/** Models with these accuracies that go by the questions' hardness in √ρ of their answers. */
function simulate(questions: number, accuracies: number[], correlation: number) {
  const hardness = Array.from({ length: questions }, () => random.uniform())
  const answers = emptyAnswers(questions, accuracies.length)
  const right = accuracies.map((accuracy) =>
    hardness.map((hard) => (random.uniform() < Math.sqrt(correlation) ? hard : random.uniform()) < accuracy),
  )
  for (const [row, answered] of right.entries()) setAnswers(answers, row, (question) => answered[question]!)
  return { answers, right }
}

test('a pair is counted question by question, whatever their number', () => {
  for (const questions of [1, 31, 32, 33, 675]) {
    const { answers, right } = simulate(questions, [0.3, 0.7, 0.5], 0.4)
    const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 }
    for (let question = 0; question < questions; question++) {
      const [first, second] = [right[0]![question], right[2]![question]]
      counts[first ? (second ? 'both' : 'onlyFirst') : second ? 'onlySecond' : 'neither'] += 1
    }
    expect(pairAt(answers, 0, 2)).toEqual(counts)
  }
})

test.each([0, 0.3, 0.5, 0.8])('models that agree with correlation %d are found to', (correlation) => {
  const { answers } = simulate(
    2000,
    Array.from({ length: 12 }, (_, at) => 0.4 + 0.01 * at),
    correlation,
  )
  expect(agreementOf(answers)!.correlation).toBeCloseTo(correlation, 1)
  expect(correlationOf(pairAt(answers, 5, 6))).toBeGreaterThan(correlation - 0.1)
})

test('rows that nobody knows take no part; one alone agrees with none, nor do those that are always right', () => {
  const { answers } = simulate(500, [0.4, 0.4, 0.4], 0.5)
  answers.known[1] = 0
  expect(agreementOf(answers)!.models).toBe(2)
  answers.known[0] = 0
  expect(agreementOf(answers)).toBeNull()
  expect(agreementOf(simulate(50, [1, 1, 1], 0.5).answers)).toBeNull()
})

test('two that answered all alike are still two', () => {
  const answers = emptyAnswers(40, 2)
  for (const row of [0, 1]) setAnswers(answers, row, (question) => question < 16)
  expect(correlationOf(pairAt(answers, 0, 1))).toBeLessThan(0.99)
  expect(correlationOf(pairAt(answers, 0, 1))).toBeGreaterThan(0.9)
})

test('where few answers tell, seeds are taken to share what they may share', () => {
  const shared = (answers: ReturnType<typeof simulate>['answers']) => {
    const agreement = agreementOf(answers)
    return sharedBySeeds(agreement && { benchmarks: { B: agreement }, own: 1 }, 'B')
  }
  // one question each, of 40, and none the same
  const apart = emptyAnswers(40, 5)
  for (let row = 0; row < 5; row++) setAnswers(apart, row, (question) => question === row)
  expect(agreementOf(apart)!.correlation).toBe(0)
  expect(shared(apart)).toBeGreaterThan(0.15)
  // of many answers the quarter says nothing
  const accuracies = [0.4, 0.4, 0.4, 0.4, 0.4]
  const { answers } = simulate(1319, accuracies, 0.5)
  expect(shared(answers)).toBeCloseTo(agreementOf(answers)!.correlation, 2)
  // nobody ever right, as far as is known: all may share all of it; nobody's answers known: as the page says, apart
  expect(sharedBySeeds({ benchmarks: {}, own: 1 }, 'B')).toBeGreaterThan(0.9)
  expect(sharedBySeeds({ benchmarks: {}, own: 1 }, 'constructor')).toBeGreaterThan(0.9)
  expect(sharedBySeeds(null, 'B')).toBe(0)
})
