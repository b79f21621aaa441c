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

test('what holds itself is left to superjson', () => {
  const found = there(circle) as typeof circle
  expect(found['self']).toBe(found)
})
