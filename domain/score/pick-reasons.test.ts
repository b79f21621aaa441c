import { expect, test } from 'vitest'
import { pickReasons } from './pick-reasons.ts'
import { createRandom } from '../stats/rng.ts'

const steps = Array.from({ length: 120 }, (_, at) => at + 1)
const random = createRandom(5)
const noise = steps.map(() => random.normal())
const curve = (of: (step: number) => number, scale = 1) => ({
  steps,
  values: steps.map((step, at) => of(step) + scale * noise[at]!),
})

test('a reward that rises and then stays is rising at step 40 and flat at step 120', () => {
  const reward = curve((step) => Math.min(60, step))
  const early = pickReasons({ reward }, 40).reward!
  expect(early.state).toBe('rising')
  expect(early.trend.slope).toBeCloseTo(1, 1)
  expect([early.trend.from, early.trend.to]).toEqual([21, 40])
  const late = pickReasons({ reward }, 120).reward!
  expect(late.state).toBe('flat')
  expect([late.trend.from, late.trend.to]).toEqual([81, 120])
  expect(late.value).toBeGreaterThan(58)
  expect(pickReasons({ reward: curve((step) => -step) }, 100).reward?.state).toBe('falling')
})

test('noise around a level is flat, and what comes after the checkpoint changes nothing', () => {
  const reward = curve((step) => (step > 60 ? 1000 : 0))
  expect(pickReasons({ reward }, 60).reward?.state).toBe('flat')
})

test('a length is long from half as long again as at the start, and its growth is told', () => {
  const length = curve((step) => 200 + 2 * step)
  const [early, late] = [pickReasons({ length }, 30).length!, pickReasons({ length }, 120).length!]
  expect(early.isLong).toBe(false)
  expect(late).toMatchObject({ isLong: true })
  expect(late.ratio).toBeCloseTo(436 / 206, 1)
  expect(late.growth?.slope).toBeCloseTo(2, 1)
})

test('an entropy is low at a quarter of its start; a negative one is never called so', () => {
  const entropy = curve((step) => 2 * Math.exp(-step / 40), 0.001)
  expect(pickReasons({ entropy }, 40).entropy?.isLow).toBe(false)
  expect(pickReasons({ entropy }, 100).entropy?.isLow).toBe(true)
  expect(pickReasons({ entropy: curve((step) => -step) }, 100).entropy).toMatchObject({ isLow: false, ratio: null })
})

test('KL, clip fraction and what was cut off are told as they are', () => {
  const reasons = pickReasons(
    {
      kl: curve(() => 0.02, 0),
      clip: curve((step) => (step > 50 ? 0.2 : 0), 0),
      truncated: curve((step) => step / 1000, 0),
    },
    110,
  )
  expect(reasons.kl).toEqual({ value: 0.02, start: 0.02, ratio: 1 })
  expect(reasons.clip).toEqual({ value: 0.2, start: 0, ratio: null })
  expect(reasons.truncated).toMatchObject({ value: 0.108, isMany: true })
})

test('a metric that is not there, or has too few values by then, gives no reason', () => {
  const nothing = { reward: null, length: null, entropy: null, kl: null, clip: null, truncated: null }
  expect(pickReasons({}, 100)).toEqual(nothing)
  expect(pickReasons({ reward: curve((step) => step), length: curve(() => 5), entropy: curve(() => NaN) }, 9)).toEqual(
    nothing,
  )
})
