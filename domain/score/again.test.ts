import { describe, expect, test } from 'vitest'
import { clusteredStandardError, type Measurement, poolMeasurements } from './again.ts'
import { repeatedAnswers } from './repeated-answers.ts'
import { createRandom } from '../stats/rng.ts'
import { scoreResults } from './score.ts'
import { accuracyInterval, uncertaintyOf } from './uncertainty.ts'

const ids = Array.from({ length: 1319 }, (_, index) => `q${index}`)
const measured = (samples: number, correct: number[]): Measurement => ({
  accuracy: correct.reduce((sum, right) => sum + right, 0) / (samples * correct.length),
  questions: correct.length,
  outcomes: { samples, correct: countsBy(correct) },
  samples,
})

function countsBy(correct: number[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let index = 0; index < correct.length; index++) counts[ids[index]!] = correct[index]!
  return counts
}

describe('known answers', () => {
  test('the standard error is the deviation of the questions’ shares over the root of their number', () => {
    // shares 0, 1/2, 1/2, 1: mean 1/2, variance (1/4 + 0 + 0 + 1/4) / 3 = 1/6
    expect(clusteredStandardError([0, 0.5, 0.5, 1])).toBeCloseTo(Math.sqrt(1 / 6 / 4), 12)
  })

  test('one sample a question is the binomial: the interval is Wilson’s', () => {
    const one = poolMeasurements([measured(1, [1, 0, 1, 1, 0, 0, 1, 0, 0, 0])])!
    expect(one.accuracy).toBe(0.4)
    expect(one.interval).toEqual(accuracyInterval({ correct: 4, total: 10 }))
  })

  test('samples that always agree tell no more than one sample; samples that never do tell as much as questions would', () => {
    const agree = poolMeasurements([measured(16, [16, 0, 16, 16, 0, 0, 16, 0, 0, 0])])!
    expect(agree.interval).toEqual(accuracyInterval({ correct: 4, total: 10 }))
    const even = poolMeasurements([
      measured(
        16,
        Array.from({ length: 10 }, () => 8),
      ),
    ])!
    expect(even).toMatchObject({ accuracy: 0.5, standardError: 0, effective: { total: 160 } })
    expect(even.interval).toEqual(accuracyInterval({ correct: 80, total: 160 }))
  })

  test('all right: as sure as the questions make it, however many samples', () => {
    const all = poolMeasurements([measured(16, [16, 16, 16, 16, 16])])!
    expect(all).toMatchObject({ accuracy: 1, standardError: 0 })
    expect(all.interval).toEqual(accuracyInterval({ correct: 5, total: 5 }))
  })

  test('several measurements of the same questions are one with all their samples', () => {
    const [first, second] = [measured(4, [4, 1, 0, 2]), measured(12, [10, 3, 0, 7])]
    expect(poolMeasurements([first, second])).toEqual(poolMeasurements([measured(16, [14, 4, 0, 9])]))
  })

  test('a command that does not say which questions it got right gains nothing by being run again', () => {
    const plain = { accuracy: 0.4, questions: 40, outcomes: null, samples: 16 }
    const once = poolMeasurements([plain])!
    expect(once.interval).toEqual(accuracyInterval({ correct: 16, total: 40 }))
    const thrice = poolMeasurements([plain, plain, plain])!
    expect(thrice.accuracy).toBeCloseTo(0.4, 12)
    expect(thrice.interval![0]).toBeCloseTo(once.interval![0], 12)
    expect(thrice.interval![1]).toBeCloseTo(once.interval![1], 12)
    expect(poolMeasurements([{ ...plain, questions: null }])).toMatchObject({ accuracy: 0.4, interval: null })
    expect(poolMeasurements([])).toBeNull()
  })
})

/** The report's questions; each has a chance of its own to be answered, drawn from a Beta with the accuracy as its mean. */
const benchmarks = {
  AMC23: { questions: 40, accuracy: 0.4 },
  GSM8k: { questions: 1319, accuracy: 0.74 },
  MATH500: { questions: 500, accuracy: 0.46 },
  OlympiadBench: { questions: 675, accuracy: 0.1 },
}
const baseline = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }
const names = Object.keys(benchmarks) as (keyof typeof benchmarks)[]

test.each([
  { samples: 16, alike: 1 },
  { samples: 8, alike: 10 },
])(
  'intervals of $samples samples a question hold the truth in 93 to 97 of 100 points (alike: $alike)',
  ({ samples, alike }) => {
    const draws = names.map((name) => repeatedAnswers(benchmarks[name].accuracy, samples, alike))
    const simulate = (point: number) => {
      const random = createRandom(point, samples)
      return names.map((name, index) => measured(samples, draws[index]!(random, benchmarks[name].questions)))
    }
    const points = 2000
    const truth = scoreResults({
      aggregate: 'harmonic-mean',
      baseline,
      results: Object.fromEntries(names.map((name) => [name, { accuracy: benchmarks[name].accuracy }])),
    }).score!
    let held = 0
    const heldBy: Record<string, number> = {}
    let widths = 0
    let widthsOnce = 0
    for (let point = 1; point <= points; point++) {
      const results = simulate(point)
      const pooled = Object.fromEntries(names.map((name, index) => [name, poolMeasurements([results[index]!])!]))
      for (const name of names) {
        const [low, high] = pooled[name]!.interval!
        const holds = low <= benchmarks[name].accuracy && benchmarks[name].accuracy <= high
        heldBy[name] = (heldBy[name] ?? 0) + Number(holds)
      }
      const { score } = scoreResults({ aggregate: 'harmonic-mean', baseline, results: pooled })
      const intervalOf = (counts: Record<string, { correct: number; total: number }>) =>
        uncertaintyOf({
          aggregate: 'harmonic-mean',
          baseline,
          points: [{ score, counts }],
        })[0]!.interval!
      const [low, high] = intervalOf(Object.fromEntries(names.map((name) => [name, pooled[name]!.effective!])))
      held += Number(low <= truth && truth <= high)
      widths += high - low
      if (point <= 50) {
        const once = intervalOf(
          Object.fromEntries(
            names.map((name) => {
              const { questions } = benchmarks[name]
              return [name, { correct: pooled[name]!.accuracy * questions, total: questions }]
            }),
          ),
        )
        widthsOnce += once[1] - once[0]
      }
    }
    for (const name of names) {
      expect(heldBy[name]! / points, name).toBeGreaterThan(0.93)
      expect(heldBy[name]! / points, name).toBeLessThan(0.97)
    }
    expect(held / points).toBeGreaterThan(0.93)
    expect(held / points).toBeLessThan(0.97)
    // and they are narrower than one sample's
    expect(widths / points).toBeLessThan(widthsOnce / 50)
  },
  60_000,
)

test.each([
  [0.004, 64, 3],
  [0.01, 16, 1],
  [0.02, 16, 1],
  [0.02, 16, 10],
  [0.02, 64, 3],
  [0.98, 16, 1],
])(
  'of 40 questions at %d, %i samples each (alike: %d), an interval does not leave the truth out too often',
  (accuracy, samples, alike) => {
    const draw = repeatedAnswers(accuracy, samples, alike)
    const points = 2000
    let held = 0
    for (let point = 1; point <= points; point++) {
      const [low, high] = poolMeasurements([measured(samples, draw(createRandom(point, samples), 40))])!.interval!
      held += Number(low <= accuracy && accuracy <= high)
    }
    expect(held / points).toBeGreaterThan(0.93)
  },
)
