import { deserialize, serialize } from 'superjson'
import { expect, test } from 'vitest'
import { transformer } from './transformer.ts'

const there = (value: unknown) => transformer.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value))))
const circle: Record<string, unknown> = {}
circle['self'] = circle

test.each([
  ['plain', { a: [1, 'two', null, true, { b: 0.1 + 0.2 }], c: {} }],
  ['nothing', undefined],
  ['not set', { a: undefined, b: [undefined] }],
  ['numbers that JSON lacks', { a: [NaN, Infinity, -Infinity, -0] }],
  ['dates, maps and sets', { a: new Date(5), b: new Map([[1, { c: 2n }]]), d: new Set(['e']) }],
])('arrives as it was: %s', (_name, value) => {
  expect(there(value)).toEqual(value)
  expect(there(value)).toEqual(deserialize(serialize(value)))
})

const ownNames = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', '\0constructor', '\0\0__proto__']
test.each([
  ['numbers', 1],
  ['what JSON lacks', NaN],
  ['nothing', undefined],
  ['objects of the same names', JSON.parse('{"__proto__":{"constructor":1}}')],
])('names that every object has arrive as names, with %s', (_name, value) => {
  const object = Object.fromEntries(ownNames.map((name) => [name, value]))
  const found = there({ a: [object] }) as { a: Record<string, unknown>[] }
  expect(Object.keys(found.a[0]!)).toEqual(ownNames)
  for (const name of ownNames) expect(Object.getOwnPropertyDescriptor(found.a[0], name)!.value, name).toEqual(value)
  expect(Object.getPrototypeOf(found.a[0])).toBe(Object.prototype)
})

test('what holds itself is left to superjson', () => {
  const found = there(circle) as typeof circle
  expect(found['self']).toBe(found)
})
