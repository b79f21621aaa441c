import { expect, test } from 'vitest'
import { createRandom } from '../../stats/rng.ts'
import { meanOverSeeds, pooledSpread, seedGroupKeys } from './seed-groups.ts'
import { sweepSchema, type SweepInput } from '../sweep.ts'

const random = createRandom(11)

test.each([2, 3, 5, 12, 40])('the interval of the mean over %d seeds covers the true mean 95 times of 100', (count) => {
  const rounds = 4000
  let covered = 0
  for (let round = 0; round < rounds; round++) {
    const [low, high] = meanOverSeeds(Array.from({ length: count }, () => 1 + 0.05 * random.normal())).interval!
    covered += Number(low <= 1 && high >= 1)
  }
  expect(covered / rounds).toBeGreaterThan(0.94)
  expect(covered / rounds).toBeLessThan(0.96)
})

test('three seeds by hand: 1, 1.1 and 1.2', () => {
  const { mean, interval, spread, count } = meanOverSeeds([1, 1.1, 1.2])
  expect([mean, spread, count]).toEqual([expect.closeTo(1.1, 12), expect.closeTo(0.1, 12), 3])
  // 4.3027 · 0.1 ÷ √3
  expect(interval!.map((end) => end - 1.1)).toEqual([expect.closeTo(-0.24842, 4), expect.closeTo(0.24842, 4)])
})

test('a group of one has a mean and nothing else', () => {
  expect(meanOverSeeds([0.9])).toEqual({ mean: 0.9, interval: null, spread: null, count: 1 })
  expect(pooledSpread([meanOverSeeds([0.9]), meanOverSeeds([1])])).toBeNull()
})

test('the spread of a seed is pooled over the groups, those of many seeds counting more', () => {
  const groups = [meanOverSeeds([1, 1.1, 1.2]), meanOverSeeds([2, 2.2]), meanOverSeeds([5])]
  // (2 · 0.01 + 1 · 0.02) ÷ 3
  expect(pooledSpread(groups)!.deviation).toBeCloseTo(Math.sqrt(0.04 / 3), 12)
  expect(pooledSpread(groups)!.freedom).toBe(3)
})

const sweepOf = (parts: Partial<SweepInput>) =>
  sweepSchema.parse({
    name: 'any',
    axes: { learning_rate: ['2e-5', '4e-5'], seed: ['1', '2'], epoch: { milestones: ['1', '2'] } },
    train: { command: ['bash', 'train.sh'] },
    score: { baseline: { A: 0.5 } },
    ...parts,
  })
const keyOf = (parts: Partial<SweepInput>, params: Record<string, string>) => seedGroupKeys(sweepOf(parts))(params)

test('runs that differ in their seed alone are one group, whichever sweep and however a number is written', () => {
  const one = keyOf({}, { learning_rate: '2e-5', seed: '1', epoch: '2' })
  expect(keyOf({ name: 'again' }, { learning_rate: '2e-5', seed: '2', epoch: '2' })).toBe(one)
  expect(keyOf({ axes: { learning_rate: ['0.00002'] } }, { learning_rate: '0.00002' })).toBe(one)
  expect(keyOf({}, { learning_rate: '4e-5', seed: '1', epoch: '2' })).not.toBe(one)
  expect(keyOf({ train: { command: ['bash', 'other.sh'] } }, { learning_rate: '2e-5', seed: '1' })).not.toBe(one)
  const fromEnvironment = (seed: string) =>
    keyOf({ train: { command: ['bash', 'train.sh'], env: { SEED: seed } } }, { learning_rate: '2e-5', seed: '1' })
  expect(fromEnvironment('7')).toBe(fromEnvironment('8'))
})

test('a setting counts alike as an axis and in config; where a run starts counts, too', () => {
  const built = (parts: Partial<SweepInput>) => ({ trainer: 'sft' as const, train: undefined, ...parts })
  const axis = keyOf(built({ axes: { learning_rate: ['2e-5'], batch_size: ['32'] } }), {
    learning_rate: '2e-5',
    batch_size: '32',
  })
  expect(
    keyOf(built({ axes: { learning_rate: ['2e-5'] }, config: { batch_size: 32, seed: 3 } }), { learning_rate: '2e-5' }),
  ).toBe(axis)
  const start = keyOf(built({ init: '/models/a' }), { learning_rate: '2e-5' })
  expect(keyOf(built({ init: '/models/b' }), { learning_rate: '2e-5' })).not.toBe(start)
  expect(
    keyOf(built({ init: '${from}', axes: { from: ['/models/a'], learning_rate: ['2e-5'] } }), {
      from: '/models/a',
      learning_rate: '2e-5',
    }),
  ).toBe(start)
})
