import { expect, test } from 'vitest'
import { logExpectedImprovement } from './expected-improvement.ts'
import { fitGaussianProcess, type NoisySample } from './gaussian-process.ts'
import { choleskyFactor, inverseOf, solveLower, solveUpper } from './positive-definite.ts'
import { createRandom } from './rng.ts'

test('a factor, its solutions and the inverse belong to the matrix', () => {
  const random = createRandom(3)
  const size = 12
  const root = Float64Array.from({ length: size * size }, () => random.normal())
  const matrix = new Float64Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      for (let at = 0; at < size; at++)
        matrix[row * size + column]! += root[row * size + at]! * root[column * size + at]!
      if (row === column) matrix[row * size + column]! += 1
    }
  const factor = choleskyFactor(matrix, size)!
  const right = Float64Array.from({ length: size }, () => random.normal())
  const solved = solveUpper(factor, size, solveLower(factor, size, right.slice()))
  const inverse = inverseOf(factor, size)
  for (let row = 0; row < size; row++) {
    const [product, byInverse] = [0, 0].map((_, which) =>
      Array.from({ length: size }, (__, at) =>
        which === 0 ? matrix[row * size + at]! * solved[at]! : inverse[row * size + at]! * right[at]!,
      ).reduce((a, b) => a + b, 0),
    )
    expect(product).toBeCloseTo(right[row]!, 9)
    expect(byInverse).toBeCloseTo(solved[row]!, 9)
  }
  expect(choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toBeNull()
})

const shape = { dimensions: 2, isName: [false, false] }
const smooth = ([x, y]: ArrayLike<number> & Iterable<number>) => Math.sin(5 * x!) + 0.1 * y!
function samplesOf(count: number, noise: number, seed = 1): NoisySample[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => {
    const point = Float64Array.of(random.uniform(), random.uniform())
    return { point, value: 3 + smooth(point) + noise * random.normal(), variance: noise * noise }
  })
}

test('it goes through what was measured without noise, and is unsure elsewhere', () => {
  const samples = samplesOf(30, 0)
  const process = fitGaussianProcess(shape, samples)
  for (const { point, value } of samples) expect(process.predict(point).mean).toBeCloseTo(value, 1)
  const known = process.predict(samples[0]!.point).deviation
  expect(process.predict(Float64Array.of(3, 3)).deviation).toBeGreaterThan(5 * known)
  // the axis that hardly matters reaches far
  expect(process.lengths[1]!).toBeGreaterThan(2 * process.lengths[0]!)
})

test('what it is unsure of is as far off as it says: 95 % intervals of what is there hold about that often', () => {
  let inside = 0
  let all = 0
  for (let seed = 1; seed <= 20; seed++) {
    const process = fitGaussianProcess(shape, samplesOf(25, 0.1, seed))
    for (const { point } of samplesOf(40, 0, 100 + seed)) {
      const { mean, deviation } = process.predict(point)
      inside += Number(Math.abs(mean - 3 - smooth(point)) < 1.96 * deviation)
      all++
    }
  }
  expect(inside / all).toBeGreaterThan(0.88)
})

test('a value whose own noise is large moves it less than one that is sure', () => {
  const samples = samplesOf(12, 0)
  const point = Float64Array.of(0.5, 0.5)
  const told = (variance: number) =>
    fitGaussianProcess(shape, [...samples, { point, value: 9, variance }]).predict(point).mean
  expect(told(25)).toBeLessThan(told(0) - 1)
})

test('believing a point leaves what is expected and makes it surer there', () => {
  const process = fitGaussianProcess(shape, samplesOf(8, 0))
  const point = Float64Array.of(0.9, 0.2)
  const [before, after] = [process.predict(point), process.believing(point).predict(point)]
  expect(after.mean).toBeCloseTo(before.mean, 6)
  expect(after.deviation).toBeLessThan(before.deviation / 2)
  const elsewhere = Float64Array.of(0.1, 0.9)
  expect(process.believing(point).predict(elsewhere).mean).toBeCloseTo(process.predict(elsewhere).mean, 6)
})

test('the improvement that is expected is the mean over draws, and keeps its order where it vanishes', () => {
  const random = createRandom(7)
  for (const [mean, deviation, incumbent] of [
    [1, 1, 0.5],
    [0, 0.5, 1],
    [-1, 2, 1],
  ] as const) {
    let sum = 0
    for (let draw = 0; draw < 200_000; draw++) sum += Math.max(0, mean + deviation * random.normal() - incumbent)
    expect(Math.exp(logExpectedImprovement(mean, deviation, incumbent))).toBeCloseTo(sum / 200_000, 2)
  }
  let before = Infinity
  for (let away = 1; away < 200; away += 0.25) {
    const log = logExpectedImprovement(0, 1, away)
    expect(log).toBeLessThan(before)
    before = log
  }
})
