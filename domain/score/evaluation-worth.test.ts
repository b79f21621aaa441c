import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { betterNumbers, intervalWith, type MeasuredEvaluation, worthOfEvaluation } from './evaluation-worth.ts'

/** The report's best point. */
const study: MeasuredEvaluation = {
  aggregate: 'harmonic-mean',
  baseline: { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 },
  counts: {
    AMC23: { correct: 16, total: 40 },
    GSM8k: { correct: 933, total: 1319 },
    MATH500: { correct: 206, total: 500 },
    OlympiadBench: { correct: 73, total: 675 },
  },
}
const widthOf = ([low, high]: [number, number]) => high - low

test('of the report’s best point 40 questions make most of the luck, and 1,319 next to none', () => {
  const { benchmarks, questions } = worthOfEvaluation(study)!
  const [amc, gsm] = benchmarks
  expect(questions).toBe(2534)
  expect(amc!.questionShare).toBeCloseTo(0.016, 3)
  expect(amc!.varianceShare).toBeGreaterThan(0.6)
  expect(amc!.varianceShare).toBeLessThan(0.64)
  expect(gsm!.questionShare).toBeCloseTo(0.521, 3)
  expect(gsm!.varianceShare).toBeCloseTo(0.009, 2)
  expect(benchmarks.reduce((sum, one) => sum + one.varianceShare, 0)).toBeCloseTo(1, 12)
})

test('shares of the variance are those of simulated scores', () => {
  const random = createRandom(14)
  const names = Object.keys(study.baseline)
  const rates = names.map((name) => study.counts[name]!.correct / study.counts[name]!.total)
  /** Variance of the score where only some benchmarks' answers are luck. */
  const varianceOf = (isLuck: (at: number) => boolean) => {
    const scores = Array.from({ length: 4000 }, () => {
      const inverse = names.reduce((sum, name, at) => {
        const { total } = study.counts[name]!
        const deviation = Math.sqrt((rates[at]! * (1 - rates[at]!)) / total)
        const rate = Math.max(1e-3, rates[at]! + (isLuck(at) ? deviation * random.normal() : 0))
        return sum + study.baseline[name]! / rate
      }, 0)
      return names.length / inverse
    })
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    return scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length
  }
  const whole = varianceOf(() => true)
  for (const [at, one] of worthOfEvaluation(study)!.benchmarks.entries())
    expect(Math.abs(varianceOf((other) => other === at) / whole - one.varianceShare)).toBeLessThan(0.06)
})

test('the fewest questions give the same interval, and as many a narrower one', () => {
  const { benchmarks, questions, interval } = worthOfEvaluation(study)!
  const least = Object.fromEntries(benchmarks.map((one) => [one.benchmark, one.leastQuestions]))
  const best = Object.fromEntries(benchmarks.map((one) => [one.benchmark, one.bestQuestions]))
  const sum = (numbers: Record<string, number>) => Object.values(numbers).reduce((all, one) => all + one, 0)
  expect(sum(least)).toBeLessThan(0.4 * questions)
  expect(widthOf(intervalWith(study, least)!) / widthOf(interval)).toBeCloseTo(1, 1)
  expect(Math.abs(sum(best) - questions)).toBeLessThan(4)
  // no other split of as many is narrower
  const narrowest = widthOf(intervalWith(study, best)!)
  for (const name of Object.keys(best))
    for (const other of Object.keys(best))
      if (name !== other)
        expect(
          widthOf(intervalWith(study, { ...best, [name]: best[name]! - 60, [other]: best[other]! + 60 })!),
        ).toBeGreaterThan(narrowest)
})

test('numbers that are easily said, with what they give', () => {
  const numbers = betterNumbers(worthOfEvaluation(study)!)!
  expect(numbers).toEqual({ AMC23: 160, GSM8k: 200, MATH500: 500, OlympiadBench: 675 })
  const asked = Object.values(numbers).reduce((sum, one) => sum + one, 0)
  expect(asked / 2534).toBeCloseTo(0.61, 2)
  expect(widthOf(intervalWith(study, numbers)!)).toBeLessThan(widthOf(worthOfEvaluation(study)!.interval))
})

test('nothing is said where nothing is known, or nothing is to be gained', () => {
  expect(worthOfEvaluation({ ...study, counts: { ...study.counts, AMC23: null } })).toBeNull()
  expect(worthOfEvaluation({ ...study, baseline: {} })).toBeNull()
  expect(intervalWith(study, { AMC23: 0, GSM8k: 1, MATH500: 1, OlympiadBench: 1 })).toBeNull()
  const alike = { correct: 50, total: 100 }
  const even: MeasuredEvaluation = {
    aggregate: 'arithmetic-mean',
    baseline: { a: 0.5, b: 0.5 },
    counts: { a: alike, b: alike },
  }
  expect(betterNumbers(worthOfEvaluation(even)!)).toBeNull()
  expect(betterNumbers(worthOfEvaluation({ ...even, baseline: { a: 0.5 } })!)).toBeNull()
})
