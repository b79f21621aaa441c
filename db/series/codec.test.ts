import { expect, test } from 'vitest'
import { beginBlock, BlockReader, endBlock, writeColumn } from './codec.ts'
import { createRandom } from '../../domain/stats/rng.ts'

function roundTrip(columns: Float64Array[]): number {
  beginBlock()
  for (const column of columns) writeColumn(column)
  const block = endBlock()
  const reader = new BlockReader(block)
  for (const [index, column] of columns.entries()) {
    const read = reader.column(column.length)
    for (let at = 0; at < column.length; at++) {
      if (!Object.is(read[at], column[at]))
        throw new Error(`column ${index}, value ${at}: wrote ${column[at]}, read ${read[at]}`)
    }
  }
  expect(reader.position).toBe(block.length)
  return block.length
}

test('every kind of column comes back bit for bit', () => {
  const random = createRandom(7).uniform
  const largest = Number.MAX_SAFE_INTEGER
  const kinds: ((index: number) => number)[] = [
    () => 3,
    () => NaN,
    () => -0,
    (index) => index,
    (index) => index * 32768 + 5,
    (index) => largest - 5000 + index,
    (index) => (index % 2 ? largest : 0),
    (index) => (index % 2 ? largest : -largest),
    (index) => index ** 3 * 1000003,
    () => Math.floor(random() * 100),
    () => Math.floor(random() * 2 ** 31) * 2,
    () => Math.floor(random() * 2 ** 32),
    () => Math.floor(random() * 2 ** 49) - 2 ** 48,
    () => Math.round(random() * 1e4) / 1e4,
    () => Math.round(random() * 1e9) / 1e9 - 0.5,
    () => random(),
    () => Math.fround(random()),
    () => random() * 10 ** (random() * 600 - 300),
    (index) => (index === 7 ? NaN : index),
    (index) => (index === 9 ? -0 : index / 10),
    (index) => (index % 50 === 0 ? Infinity : random()),
    (index) => (index % 3 === 0 ? -Infinity : index % 3 === 1 ? NaN : 0.1),
    (index) => 1763880000.123456 + index * 0.25 + Math.floor(random() * 1000) / 1e6,
    (index) => 1763880000000 + index * 100 + Math.floor(random() * 20),
    (index) => (index > 500 ? index + 1e9 : index),
    (index) => 5e-324 * (index % 5),
  ]
  for (const count of [1, 2, 3, 63, 64, 65, 66, 255, 1000, 1536]) {
    for (const kind of kinds) roundTrip([Float64Array.from({ length: count }, (_, index) => kind(index))])
    roundTrip(kinds.map((kind) => Float64Array.from({ length: count }, (_, index) => kind(index))))
  }
})

test('columns of random make come back bit for bit', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed).uniform
    const scale = 10 ** Math.floor(random() * 20 - 6)
    const digits = 10 ** Math.floor(random() * 12)
    const odd = random() < 0.3 ? random() * 0.1 : 0
    const drift = random() < 0.5
    let sum = 0
    const column = Float64Array.from({ length: 1 + Math.floor(random() * 700) }, () => {
      sum = (drift ? sum : 0) + (random() - 0.5) * scale
      if (random() < odd) return [NaN, Infinity, -Infinity, -0, 1e300][Math.floor(random() * 5)]!
      return Math.round(sum * digits) / digits
    })
    roundTrip([column])
  }
})

test('regular steps and constants take next to nothing', () => {
  const count = 1024
  expect(roundTrip([Float64Array.from({ length: count }, (_, index) => 1000 + index * 10)])).toBeLessThan(60)
  expect(roundTrip([new Float64Array(count).fill(0.123)])).toBeLessThan(20)
  expect(roundTrip([Float64Array.from({ length: count }, (_, index) => (index % 41) / 40)])).toBeLessThan(count * 2)
})

test('many short columns of every kind in one block outgrow no buffer', () => {
  const random = createRandom(3).uniform
  const columns = Array.from({ length: 3000 }, (_, index) =>
    Float64Array.from({ length: index % 70 }, () => random() * 10 ** (index % 9)),
  )
  expect(roundTrip(columns)).toBeGreaterThan(1 << 17)
})

test('a damaged block is refused', () => {
  beginBlock()
  writeColumn(Float64Array.from([1, 2, 3.5]))
  const block = endBlock()
  block[block.length - 1]! ^= 1
  expect(() => new BlockReader(block)).toThrow(/checksum/)
  expect(() => new BlockReader(Buffer.from([1, 2]))).toThrow(/damaged/)
})
