import { expect, test } from 'vitest'
import { analyseVariance, meanInterval } from './analysis-of-variance.ts'
import { createRandom } from './rng.ts'

/** Every combination of levels, the first factor slowest. */
function factorsOf(levels: number[]) {
  const count = levels.reduce((product, size) => product * size, 1)
  let stride = count
  return levels.map((size) => {
    stride /= size
    const step = stride
    return { levels: size, positions: Uint32Array.from({ length: count }, (_, at) => Math.floor(at / step) % size) }
  })
}

// The tables below are statsmodels' (0.15.0, anova_lm, typ=2) for the same figures.

test('a two-way table with two repeats', () => {
  const found = analyseVariance({
    factors: factorsOf([3, 4, 2]),
    values: Float64Array.from([
      1.2, 0.74, 1.09, 0.99, 1.05, 1.08, 0.95, 1.13, 1.11, 1.53, 1.31, 1.25, 1.35, 1.31, 1.36, 1.43, 1.45, 1.38, 1.63,
      1.51, 1.66, 1.81, 1.84, 1.74,
    ]),
    questionVariance: null,
    repeats: 2,
    within: null,
  })
  const [a, b, ab] = found.effects
  expect(found.noise).toBe('repeats')
  expect([a, b, ab].map((effect) => effect!.degreesOfFreedom)).toEqual([2, 3, 6])
  expect(a!.sumOfSquares).toBeCloseTo(1.434058, 6)
  expect(b!.sumOfSquares).toBeCloseTo(0.110683, 6)
  expect(ab!.sumOfSquares).toBeCloseTo(0.085842, 6)
  expect(found.repeats).toMatchObject({ degreesOfFreedom: 12, sumOfSquares: expect.closeTo(0.2466, 6) })
  // Holm: the least of three chances by three, the next by two
  expect(a!.chance).toBeCloseTo(3 * 0.00001, 5)
  expect(b!.chance).toBeCloseTo(2 * 0.201608, 5)
  expect(ab!.chance).toBeCloseTo(0.657969, 5)
  const total = 1.434058 + 0.110683 + 0.085842 + 0.2466
  expect(a!.share).toBeCloseTo(1.434058 / total, 5)
  expect(a!.correctedShare).toBeCloseTo((1.434058 - (2 * 0.2466) / 12) / (total + 0.2466 / 12), 5)
  expect(a!.noiseShare).toBeCloseTo((2 * 0.2466) / 12 / total, 5)
})

test('three axes without repeats: effects, pairs and what is left', () => {
  const found = analyseVariance({
    factors: factorsOf([3, 2, 2]),
    values: Float64Array.from([0.97, 0.99, 0.98, 1.13, 1.22, 1.3, 1.17, 1.41, 1.52, 1.61, 1.51, 1.78]),
    questionVariance: 0.004,
    repeats: null,
    within: null,
  })
  const squares = found.effects.map((effect) => effect.sumOfSquares)
  const expected = [0.693817, 0.011408, 0.060208, 0.001517, 0.005017, 0.018408]
  expected.forEach((value, at) => expect(squares[at]).toBeCloseTo(value, 6))
  expect(found.rest).toMatchObject({ degreesOfFreedom: 2, sumOfSquares: expect.closeTo(0.000317, 6) })
  // against the questions' noise: 0.060208 ÷ 0.004 with one degree of freedom, four of six chances greater
  expect(found.effects[2]!.chance).toBeCloseTo(5 * 0.0001047, 5)
  expect(found.effects[0]!.noiseShare).toBeCloseTo((2 * 0.004) / found.total, 9)
})

test('milestones of one training are compared within it, its settings between trainings', () => {
  const found = analyseVariance({
    factors: factorsOf([3, 3, 2]),
    values: Float64Array.from([
      0.97, 1.01, 0.83, 0.92, 1.02, 1.06, 1.09, 1.22, 1.18, 1.27, 1.1, 1.17, 1.16, 1.22, 1.1, 1.21, 1.3, 1.31,
    ]),
    questionVariance: null,
    repeats: 1,
    within: 2,
  })
  const [rate, epoch, both] = found.effects
  // statsmodels: run means by rate, F = 10.132369 on 2 and 6; epochs with runs as blocks, F = 32 on 1 and 6, and 1.039062 on 2 and 6
  expect(rate!.chance).toBeCloseTo(2 * 0.011922, 5)
  expect(epoch!.chance).toBeCloseTo(3 * 0.001311, 5)
  expect(both!.chance).toBeCloseTo(0.409753, 5)
  expect(found.errors[0]!.variance).toBeCloseTo((2 * 0.0311) / 6, 6)
  expect(found.errors[2]!.variance).toBeCloseTo(0.004267 / 6, 6)
})

test('scores that are all alike explain nothing, and one axis explains everything', () => {
  const flat = { factors: factorsOf([2, 3]), values: new Float64Array(6).fill(1.1), repeats: null, within: null }
  for (const effect of analyseVariance({ ...flat, questionVariance: 0.01 }).effects)
    expect(effect).toMatchObject({ share: 0, chance: 1 })
  const one = analyseVariance({
    factors: factorsOf([2]),
    values: Float64Array.from([1, 1.2]),
    questionVariance: 0.01,
    repeats: null,
    within: null,
  })
  // (0.2 ÷ (0.1 × √2))² = 2 with one degree of freedom
  expect(one.effects).toMatchObject([
    { share: 1, noiseShare: expect.closeTo(0.5, 9), chance: expect.closeTo(0.1573, 4) },
  ])
  expect(one.rest).toBeNull()
})

test('of grids of noise alone, about 5 % have an effect that is told from it', () => {
  const random = createRandom(11)
  const simulated = 2000
  const shareTold = (levels: number[], repeats: number | null, within: number | null, spread: number) => {
    const factors = factorsOf(levels)
    const count = factors[0]!.positions.length
    let told = 0
    for (let at = 0; at < simulated; at++) {
      const milestones = within === null ? 1 : levels[within]!
      let ofRun = 0
      const values = Float64Array.from({ length: count }, (_, place) => {
        // milestones stand last: neighbours are of one training
        if (place % milestones === 0) ofRun = spread * random.normal()
        return 1 + ofRun + 0.1 * random.normal()
      })
      const { effects } = analyseVariance({ factors, values, questionVariance: 0.01, repeats, within })
      if (effects.some((effect) => effect.chance! <= 0.05)) told += 1
    }
    return told / simulated
  }
  for (const share of [
    shareTold([3, 3, 3], null, null, 0),
    shareTold([2, 2], null, null, 0),
    shareTold([3, 2, 4], 2, null, 0),
    shareTold([3, 4, 2], 1, 2, 0.2),
  ]) {
    expect(share).toBeGreaterThan(0.03)
    expect(share).toBeLessThan(0.065)
  }
})

test('the interval of a mean', () => {
  expect(meanInterval(1, 4, { variance: 0.04, degreesOfFreedom: Infinity })).toEqual([
    expect.closeTo(1 - 0.196, 3),
    expect.closeTo(1 + 0.196, 3),
  ])
  // Student's limit with 4 degrees of freedom: 2.776
  expect(meanInterval(1, 4, { variance: 0.04, degreesOfFreedom: 4 })[1]).toBeCloseTo(1.2776, 4)
})
