import { expect, test } from 'vitest'
import { randomStream } from './rng.ts'

test('a stream depends on its name alone', () => {
  const draw = (...name: (number | string)[]) => Array.from({ length: 5 }, randomStream(...name).uniform)
  expect(draw(1, 'order', 2)).toEqual(draw(1, 'order', 2))
  const names = [[1, 'order', 3], [2, 'order', 2], [1, 'rollout', 2], [12], [1, 2], ['1 2']]
  const first = new Set(names.map((name) => draw(...name)[0]))
  expect(first.size).toBe(names.length)
})

test('uniform, normal and whole numbers have the moments they should', () => {
  const random = randomStream('moments')
  const count = 40_000
  const mean = (draw: () => number) =>
    Array.from({ length: count }, draw).reduce((sum, value) => sum + value, 0) / count
  expect(mean(random.uniform)).toBeCloseTo(0.5, 1.9)
  expect(mean(() => random.uniform() ** 2)).toBeCloseTo(1 / 3, 1.9)
  expect(Math.abs(mean(random.normal))).toBeLessThan(0.02)
  expect(Math.abs(mean(() => random.normal() ** 2) - 1)).toBeLessThan(0.03)
  expect(Math.abs(mean(() => random.integer(1, 6)) - 3.5)).toBeLessThan(0.04)
})

test('a shuffle keeps every value, and every order comes up about as often', () => {
  const random = randomStream('shuffle')
  const counts = new Map<string, number>()
  for (let index = 0; index < 6000; index++) {
    const order = random.shuffle([1, 2, 3]).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect([...counts.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321'])
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
})

test('weighted draws follow the weights and never take a weight of 0', () => {
  const random = randomStream('weighted')
  const counts = [0, 0, 0]
  for (let index = 0; index < 8000; index++) counts[random.weighted([3, 0, 1])]! += 1
  expect(counts[1]).toBe(0)
  expect(Math.abs(counts[0]! - 6000)).toBeLessThan(200)
})
