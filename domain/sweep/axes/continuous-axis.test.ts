import { expect, test } from 'vitest'
import { createRandom } from '../../stats/rng.ts'
import { type Continuous, continuousIssues, latticeOf } from './continuous-axis.ts'
import { parseDecimal } from './decimal.ts'

const axes: Continuous[] = [
  { kind: 'uniform', low: '0', high: '1' },
  { kind: 'uniform', low: '0.00', high: '0.10' },
  { kind: 'uniform', low: '-3', high: '1e6' },
  { kind: 'uniform', low: '1e-9', high: '3e-9' },
  { kind: 'log_uniform', low: '1e-5', high: '1e-3' },
  { kind: 'log_uniform', low: '0.5', high: '0.501' },
  { kind: 'log_uniform', low: '1', high: '1e12' },
  { kind: 'log_uniform', low: '1e-300', high: '1e300' },
  { kind: 'integer', low: '1', high: '8' },
  { kind: 'integer', low: '-1000000', high: '1000000' },
]

test.each(axes)('$kind from $low to $high: rising numbers within the ends, each where its share says', (axis) => {
  const lattice = latticeOf(axis)
  const random = createRandom(1)
  const places = new Set([
    0,
    1,
    lattice.count - 1,
    ...Array.from({ length: 200 }, () => Math.floor(random.uniform() * lattice.count)),
  ])
  let before = -Infinity
  for (const place of [...places].toSorted((a, b) => a - b)) {
    const literal = lattice.literalAt(place)
    expect(parseDecimal(literal), literal).not.toBeNull()
    const value = Number(literal)
    expect(value).toBeGreaterThan(before)
    expect(value).toBeGreaterThanOrEqual(Number(axis.low))
    expect(value).toBeLessThanOrEqual(Number(axis.high))
    before = value
    expect(lattice.literalAt(lattice.placeNear(lattice.shareOf(literal)))).toBe(literal)
  }
  // the lowest lies less than a step from the end
  const step = Number(lattice.literalAt(1)) - Number(lattice.literalAt(0))
  expect(Number(lattice.literalAt(0)) - Number(axis.low)).toBeLessThanOrEqual(step)
  expect(lattice.placeNear(2)).toBe(lattice.count - 1)
})

test('values are written with few digits, as the ends are', () => {
  const at = (axis: Continuous, share: number) => latticeOf(axis).literalAt(latticeOf(axis).placeNear(share))
  expect(at({ kind: 'uniform', low: '0.00', high: '0.10' }, 1 / 3)).toBe('0.0333')
  expect(at({ kind: 'log_uniform', low: '1e-05', high: '1e-03' }, 0.4)).toBe('6.31e-05')
  expect(at({ kind: 'log_uniform', low: '0.001', high: '0.1' }, 0.4)).toBe('0.00631')
  expect(at({ kind: 'integer', low: '16', high: '256' }, 0.5)).toBe('136')
  expect(at({ kind: 'uniform', low: '0', high: '3e6' }, 1 / 3)).toBe('1e6')
})

test('what is wrong with the ends is said', () => {
  const messages = (kind: Continuous['kind'], low: string, high: string) =>
    continuousIssues('lr', { kind, low, high }).map(({ message, path }) => `${path.join('.')}: ${message}`)
  expect(messages('uniform', 'a', '1')).toEqual([
    'axes.lr.uniform.0: The low end a of the axis lr is not a number; expected uniform: [low, high], e.g. [1e-5, 1e-3].',
  ])
  expect(messages('log_uniform', '0', '1')[0]).toContain('not above 0')
  expect(messages('integer', '1.5', '3')[0]).toContain('not a whole number')
  expect(messages('integer', '1', '99999999999999999')[0]).toContain('beyond')
  expect(messages('uniform', '2', '1')[0]).toContain('expected the first to be lower')
})
