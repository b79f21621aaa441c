import { expect, test } from 'vitest'
import { createRandom, type Random } from './rng.ts'

function moments(count: number, draw: (random: Random) => number, stream = 0) {
  const random = createRandom(42, stream)
  let sum = 0
  let squares = 0
  for (let index = 0; index < count; index++) {
    const value = draw(random)
    sum += value
    squares += value * value
  }
  const mean = sum / count
  return { mean, variance: squares / count - mean * mean }
}

test('the same seed and stream give the same numbers, others give others', () => {
  const take = (seed: number, stream?: number) => {
    const random = createRandom(seed, stream)
    return [random.uniform(), random.normal(), random.normal(), random.gamma(0.3), random.beta(2, 3)]
  }
  expect(take(1)).toEqual(take(1))
  expect(take(1, 0)).toEqual(take(1))
  const firsts = new Set<number>()
  for (let seed = 0; seed < 100; seed++) for (let stream = 0; stream < 100; stream++) firsts.add(take(seed, stream)[0]!)
  expect(firsts.size).toBe(10_000)
})

test('the first numbers stay what they are: stored intervals are drawn from them', () => {
  const random = createRandom(1, 7)
  expect([random.uniform(), random.uniform(), random.normal(), random.beta(16.5, 24.5)]).toMatchInlineSnapshot(`
    [
      0.0013809447409585118,
      0.12108191626612097,
      0.28194933870126604,
      0.39545804534346257,
    ]
  `)
})

test('uniform numbers lie between 0 and 1 and fill it evenly', () => {
  const random = createRandom(3)
  const bins = Array.from({ length: 64 }, () => 0)
  for (let index = 0; index < 64_000; index++) bins[Math.floor(random.uniform() * 64)]! += 1
  // chi-square with 63 degrees of freedom: below 114 but once in ten thousand seeds
  expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(114)
})

test('normal numbers have mean 0 and variance 1', () => {
  const { mean, variance } = moments(200_000, (random) => random.normal())
  expect(mean).toBeCloseTo(0, 1.9)
  expect(variance).toBeCloseTo(1, 1.5)
})

test.each([0.05, 0.5, 1, 2.5, 40, 1000])('gamma of shape %d has mean and variance %d', (shape) => {
  const { mean, variance } = moments(200_000, (random) => random.gamma(shape))
  expect(mean / shape).toBeGreaterThan(0.97)
  expect(mean / shape).toBeLessThan(1.03)
  expect(variance / shape).toBeGreaterThan(0.92)
  expect(variance / shape).toBeLessThan(1.08)
})

test.each([
  [0.5, 0.5],
  [0.5, 40.5],
  [16.5, 24.5],
  [933.5, 386.5],
])('beta(%d, %d) has its mean and variance', (alpha, beta) => {
  const { mean, variance } = moments(200_000, (random) => random.beta(alpha, beta))
  const total = alpha + beta
  expect(mean / (alpha / total)).toBeGreaterThan(0.98)
  expect(mean / (alpha / total)).toBeLessThan(1.02)
  const expected = (alpha * beta) / (total * total * (total + 1))
  expect(variance / expected).toBeGreaterThan(0.96)
  expect(variance / expected).toBeLessThan(1.04)
})

test('streams of one seed are not correlated', () => {
  const [first, second] = [createRandom(1, 1), createRandom(1, 2)]
  let sum = 0
  for (let index = 0; index < 100_000; index++) sum += first.normal() * second.normal()
  expect(Math.abs(sum / 100_000)).toBeLessThan(0.015)
})
