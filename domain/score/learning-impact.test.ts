import { expect, test } from 'vitest'
import {
  inRange,
  isCloseTo,
  learningImpact,
  passesMade,
  rewardCurves,
  rewardRange,
  type RewardCurve,
  type Visit,
} from './learning-impact.ts'
import { createRandom } from '../stats/rng.ts'

/** Right answers of four, by problem and epoch of two steps; null: not asked. */
const right: Record<string, (number | null)[]> = {
  a: [0, 0, 0, 0],
  b: [0, 2, 1, 4],
  c: [0, 2, 4, 4],
  d: [4, 4, 4, 4],
  e: [0, 1, 1, 2],
  f: [1, null, 0, 1],
  g: [0, null, null, 1],
  h: [0, 1, 2, 4],
}
const visits = Object.values(right).map((epochs, problem) =>
  epochs.flatMap((count, epoch): Visit[] =>
    count === null ? [] : [{ step: 2 * epoch + 1 + (problem % 2), samples: 4, sum: count }],
  ),
)

/** What lim/lim_selection.py of the authors (github.com/GAIR-NLP/LIMR, 98ebf1b) gives for these answers; it leaves g out. */
const authors = {
  mean: [0.17857142857142858, 0.35714285714285715, 0.42857142857142855, 0.6785714285714286],
  scores: [0.47058823529411753, 0.8764705882352941, 0.6823529411764706, 0, 0.9294117647058824, 0.6705882352941176, 0.9],
}

test('scores are those of the authors’ program, gaps of one epoch filled and longer ones left out', () => {
  const curves = rewardCurves(visits, { steps: 2 })
  expect(curves.map((curve) => curve !== null)).toEqual([true, true, true, true, true, true, false, true])
  const impact = learningImpact(curves.filter((curve) => curve !== null))!
  for (const [epoch, value] of authors.mean.entries()) expect(impact.mean[epoch]).toBeCloseTo(value, 12)
  for (const [at, value] of authors.scores.entries()) expect(impact.scores[at]!.score).toBeCloseTo(value, 12)
})

test('by passes, the k-th time that a problem is asked is its epoch k, and few that were asked less often cost no pass', () => {
  const asked = (count: number): Visit[] =>
    Array.from({ length: count }, (_, at) => ({ step: at, samples: 8, sum: at }))
  const problems = [...Array.from({ length: 18 }, () => asked(5)), asked(2), asked(10)]
  expect(passesMade(problems)).toBe(5)
  const curves = rewardCurves(problems, { passes: 5 })
  expect(curves[0]).toEqual({ rewards: [0, 1 / 8, 2 / 8, 3 / 8, 4 / 8], samples: [8, 8, 8, 8, 8] })
  expect(curves[18]).toBeNull()
  // it stands twice among the data
  expect(curves[19]).toEqual({ rewards: [1, 5, 9, 13, 17].map((sum) => sum / 16), samples: [16, 16, 16, 16, 16] })
  expect(passesMade([])).toBe(0)
})

test('nothing is told apart where every problem is right in every epoch, or there is none', () => {
  const perfect: RewardCurve = { rewards: [1, 1], samples: [8, 8] }
  expect(learningImpact([perfect, perfect])).toBeNull()
  expect(learningImpact([])).toBeNull()
})

test('the deviation of a score is how far another sampling moves it, and luck what it takes off', () => {
  const random = createRandom(7)
  const chances = Array.from({ length: 400 }, (_, at) => [0.2, 0.4, 0.6, 0.7].map((p) => p + (at % 5) / 20))
  const sampled = (): RewardCurve[] =>
    chances.map((epochs) => ({
      rewards: epochs.map(
        (p) => Array.from({ length: 8 }, () => (random.uniform() < p ? 1 : 0) as number).reduce((a, b) => a + b) / 8,
      ),
      samples: [8, 8, 8, 8],
    }))
  const exact = learningImpact(chances.map((rewards) => ({ rewards, samples: [1e9, 1e9, 1e9, 1e9] })))!
  const one = learningImpact(sampled())!
  const other = learningImpact(sampled())!
  const moved = Math.sqrt(
    one.scores.reduce((sum, { score }, at) => sum + (score - other.scores[at]!.score) ** 2, 0) / (2 * chances.length),
  )
  const told = Math.sqrt(one.scores.reduce((sum, { deviation }) => sum + deviation ** 2, 0) / chances.length)
  expect(told / moved).toBeGreaterThan(0.9)
  expect(told / moved).toBeLessThan(1.4)
  const meanOf = ({ scores }: typeof one) => scores.reduce((sum, { score }) => sum + score, 0) / scores.length
  expect(meanOf(exact) - meanOf(one)).toBeCloseTo(one.luck, 1)
  expect(exact.luck).toBeLessThan(1e-6)
})

test('a score within its deviation of the threshold is as easily on the other side', () => {
  expect(isCloseTo(0.6, { score: 0.55, deviation: 0.1 })).toBe(true)
  expect(isCloseTo(0.6, { score: 0.55, deviation: 0.01 })).toBe(false)
})

test('rewards become 0 to 1: the highest is 1, what is below 0 is 0', () => {
  const study = rewardRange([100, 0, -1, 0])
  expect([100, 0, -1].map((reward) => inRange(reward, study))).toEqual([1, 0, 0])
  const paper = rewardRange([1, -0.5, -1])
  expect([1, -0.5, -1].map((reward) => inRange(reward, paper))).toEqual([1, 0, 0])
  const punished = rewardRange([-3, -1])
  expect([-3, -2, -1].map((reward) => inRange(reward, punished))).toEqual([0, 0.5, 1])
})
