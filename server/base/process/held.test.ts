import { expect, test } from 'vitest'
import { heldBy } from './held.ts'

test('what is unused for longest is let go beyond the size, never the one just used', () => {
  const gone: [object, string][] = []
  const of = heldBy<object, string, { size: number }>(10, {
    sizeOf: ({ size }) => size,
    onLetGo: (owner, key) => gone.push([owner, key]),
  })
  const owner = {}
  const held = of(owner)
  held.put('a', { size: 4 })
  held.put('b', { size: 4 })
  held.take('a', () => ({ size: 0 }))
  held.put('c', { size: 4 })
  expect(gone).toEqual([[owner, 'b']])
  expect([...held.values()].map(({ size }) => size)).toEqual([4, 4])
  held.put('d', { size: 40 })
  expect(held.peek('d')).toEqual({ size: 40 })
  expect([...held.values()]).toHaveLength(1)
})

test('values that grew count as they are now', () => {
  const held = heldBy<object, string, number[]>(4, { sizeOf: (value) => value.length })({})
  const first = held.put('a', [1])
  held.put('b', [1, 2])
  first.push(2, 3)
  held.put('c', [1])
  expect(held.peek('a')).toBeUndefined()
  expect(held.peek('b')).toEqual([1, 2])
})

test('a value is made once, and again where it is not current', () => {
  const held = heldBy<object, string, { version: number }>(3)({})
  let made = 0
  const at = (version: number) =>
    held.take(
      'a',
      () => ({ version: (made++, version) }),
      (value) => value.version === version,
    )
  expect(at(1)).toBe(at(1))
  expect(made).toBe(1)
  expect(at(2).version).toBe(2)
  expect([...held.values()]).toHaveLength(1)
})

test('owners do not see each other, and asking is no use', () => {
  const of = heldBy<object, string, number>(2)
  const [left, right] = [{}, {}]
  of(left).put('a', 1)
  expect(of(right).peek('a')).toBeUndefined()
  of(left).put('b', 2)
  of(left).peek('a')
  of(left).put('c', 3)
  expect(of(left).peek('a')).toBeUndefined()
  of(left).drop('b')
  expect([...of(left).values()]).toEqual([3])
})

test('a maker that throws leaves what was held', () => {
  const held = heldBy<object, string, number>(2)({})
  held.put('a', 1)
  const fails = () => {
    throw new Error('no')
  }
  expect(() => held.take('a', fails, () => false)).toThrow('no')
  expect(held.peek('a')).toBe(1)
})
