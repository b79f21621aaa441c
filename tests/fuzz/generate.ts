/** Hostile input: what programs, people and clients could write, as a function of random numbers. */
import type { Random } from '../../domain/stats/rng.ts'

/** A whole number from 0 up to before `count`. */
export const below = (random: Random, count: number): number => Math.floor(random.uniform() * count)
export const oneOf = <Value>(random: Random, values: readonly Value[]): Value => values[below(random, values.length)]!
const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index))

const texts = [
  '',
  ' ',
  'a',
  'loss',
  '__proto__',
  'constructor',
  'toString',
  'prototype',
  'hasOwnProperty',
  '\u0000',
  '\uD800',
  '\u202Eabc',
  'é̂'.repeat(50),
  '𝕏',
  '../../etc/passwd',
  '..',
  '/',
  '-1+cmd|x',
  '=SUM(A1)',
  '<script>alert(1)</script>',
  '${a}',
  '$${a}',
  '%s%n',
  '1e400',
  'NaN',
  'true',
  '0x10',
  '٣',
  'x'.repeat(10_000),
  '[',
  '{"a":1}',
  '\\',
  '"',
  "'; drop table jobs; --",
  '\r\n',
  '﻿',
]
const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  1e308,
  5e-324,
  NaN,
  Infinity,
  -Infinity,
]

export const anyText = (random: Random): string =>
  random.uniform() < 0.8
    ? oneOf(random, texts)
    : times(below(random, 40), () => String.fromCodePoint(below(random, 0xd800))).join('')
export const anyNumber = (random: Random): number =>
  random.uniform() < 0.7 ? oneOf(random, numbers) : random.normal() * 10 ** below(random, 12)

/** Any JSON value, with keys of which some are `names`: what a reader looks for stands where it is not expected. */
export function anyValue(random: Random, names: readonly string[], depth = 0): unknown {
  const kind = below(random, depth > 4 ? 5 : 9)
  if (kind === 0) return null
  if (kind === 1) return random.uniform() < 0.5
  if (kind === 2) return anyText(random)
  if (kind <= 4) return anyNumber(random)
  if (kind === 5) return times(below(random, 5), () => anyValue(random, names, depth + 1))
  return anyObject(random, names, depth)
}

export function anyObject(random: Random, names: readonly string[], depth = 0): Record<string, unknown> {
  const name = () => (random.uniform() < 0.7 ? oneOf(random, names) : anyText(random))
  return Object.fromEntries(times(below(random, 7), () => [name(), anyValue(random, names, depth + 1)]))
}

/** JSON as Python writes it: NaN and Infinity stand in it. */
export function jsonOf(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : String(value)
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${jsonOf(item)}`)
    .join(', ')}}`
}

/** The text as a careless or a dying writer leaves it. */
export function damaged(random: Random, text: string): Buffer {
  const bytes = Buffer.from(text)
  const at = below(random, bytes.length + 1)
  switch (below(random, 8)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([below(random, 256), below(random, 256)]),
        bytes.subarray(at),
      ])
    case 2:
      return Buffer.concat([bytes, bytes.subarray(at)])
    case 3: {
      const deep = oneOf(random, ['[', '{"a":', '(', '"', '- ', '&a ', '*a ', '!'])
      return Buffer.from(text.slice(0, at) + deep.repeat(below(random, 20_000)) + text.slice(at))
    }
    default:
      return bytes
  }
}
