/** Values to 70 digits, against those that mpmath gives (reference/record-precise.py). */
import { expect, test } from 'vitest'
import recorded from '../reference/precise-numbers.json' with { type: 'json' }
import { cleanAnswer } from './clean-answer.ts'
import { parseExpression } from './expression.ts'
import { agree, Precise } from './precise.ts'

const valueOf = (text: string) => new Precise().at(parseExpression(cleanAnswer(text))!.node, new Map())

test.each(Object.entries(recorded))('%s is %s, to 67 digits', (text, digits) => {
  expect(agree(valueOf(text), valueOf(digits), 224)).toBe(true)
  // what is another number in the 60th digit is none
  const other = digits.replace(
    /^(-?\d\.\d{58})(\d)/,
    (_, before: string, digit: string) => `${before}${(Number(digit) + 5) % 10}`,
  )
  expect(agree(valueOf(text), valueOf(other.padEnd(60, '1')), 224)).toBe(other === digits)
})

test('what is not defined, not real or too large has no value', () => {
  for (const text of [
    '1/(1-1)',
    '\\ln 0',
    '\\ln(-1)',
    '\\sqrt{-2}',
    '\\arcsin 2',
    '0.5!',
    'i',
    '2^{2^{2^{2^{2^2}}}}',
    'e^{10^9}',
    '\\sin 10^{30}',
  ])
    expect(valueOf(text), text).toBeNull()
})

test('a comparison computes so many functions, and then no more', () => {
  const many = new Precise()
  const { node } = parseExpression(cleanAnswer('\\sin 1'))!
  const times = Array.from({ length: 500 }, () => many.at(node, new Map())).filter((value) => value !== null).length
  expect(times).toBe(240)
})
