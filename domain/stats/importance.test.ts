import { expect, test } from 'vitest'
import { judgeImportance, permutationImportance } from './importance.ts'
import type { Feature } from './regression-forest.ts'
import { createRandom } from './rng.ts'

/** A grid of which a share of the points is kept, with values of a known function. */
function gridOf(
  levels: number[],
  keep: number,
  valueAt: (place: number[]) => number,
  options: { seed: number; ordered?: boolean },
) {
  const random = createRandom(options.seed)
  const rows: number[][] = []
  const count = levels.reduce((product, size) => product * size, 1)
  for (let number = 0; number < count; number++) {
    let rest = number
    const place = levels.map((size) => {
      const at = rest % size
      rest = Math.floor(rest / size)
      return at
    })
    if (random.uniform() < keep) rows.push(place)
  }
  const features = levels.map((size, at): Feature => ({
    levels: size,
    ordered: options.ordered ?? true,
    positions: Uint32Array.from(rows, (place) => place[at]!),
  }))
  return { features, values: Float64Array.from(rows, valueAt) }
}

test('shares are those of a sum whose parts are known', () => {
  // variances of 0..7 by 1 and by 0.5: 5.25 and 1.3125, so 80 % and 20 %
  const { features, values } = gridOf([8, 8, 5], 0.9, ([a, b]) => a! + 0.5 * b!, { seed: 1 })
  const { shares, pairs, predicted } = permutationImportance(features, values, { trees: 100 })
  expect(shares[0]).toBeCloseTo(0.8, 1)
  expect(shares[1]).toBeCloseTo(0.2, 1)
  expect(Math.abs(shares[2]!)).toBeLessThan(0.02)
  for (const { share } of pairs) expect(Math.abs(share)).toBeLessThan(0.05)
  expect(predicted).toBeGreaterThan(0.95)
})

test('what two settings do only together is the pair’s, names in any order', () => {
  // products of ±1: neither alone explains anything
  const sign = (at: number) => (at % 2 === 0 ? 1 : -1)
  const { features, values } = gridOf([6, 6, 4], 0.9, ([a, b]) => sign(a!) * sign(b!), { seed: 2, ordered: false })
  const { pairs } = permutationImportance(features, values, { trees: 100 })
  const [strongest, ...others] = pairs.toSorted((a, b) => b.share - a.share)
  expect(strongest).toMatchObject({ features: [0, 1] })
  expect(strongest!.share).toBeGreaterThan(0.5)
  for (const { share } of others) expect(share).toBeLessThan(0.1)
})

test('a weak setting is told beside a strong one, and none that does nothing', () => {
  const random = createRandom(5)
  const { features, values } = gridOf([5, 5, 4], 0.85, ([a, b]) => a! + 0.4 * b! + 0.2 * random.normal(), { seed: 3 })
  const found = judgeImportance(features, values, { trees: 10 })
  expect(found.chances[0]).toBeLessThanOrEqual(0.05)
  expect(found.chances[1]).toBeLessThanOrEqual(0.05)
  expect(found.chances[2]).toBeGreaterThan(0.05)
  for (const chance of found.pairChances) expect(chance).toBeGreaterThan(0.05)
  expect(judgeImportance(features, values, { trees: 10 })).toEqual(found)
})

test('in noise alone hardly anything is told from luck', () => {
  let told = 0
  const simulated = 80
  for (let seed = 0; seed < simulated; seed++) {
    const random = createRandom(100 + seed)
    const { features, values } = gridOf([3, 3, 2], 0.8, () => random.normal(), { seed })
    const { chances, pairChances } = judgeImportance(features, values, { trees: 5 })
    if ([...chances, ...pairChances].some((chance) => chance <= 0.05)) told += 1
  }
  // 5 % of 80 are 4; more than 10 would come up in one of 300 such tests
  expect(told).toBeLessThanOrEqual(10)
})

test('two points, and values that are all alike', () => {
  const two = { levels: 2, ordered: true, positions: [0, 1] }
  for (const values of [
    [1, 2],
    [1, 1],
  ]) {
    const found = judgeImportance([two], Float64Array.from(values))
    expect(found.shares.every(Number.isFinite)).toBe(true)
    expect(found.chances[0]).toBeGreaterThan(0.05)
  }
})
