/** Relations of one letter as the intervals in which it lies. */
import type { Shape, Sign } from './shape.ts'

export type RelationShape = Extract<Shape, { kind: 'relation' }>

/** The sign when sides change places. */
export const turned: Record<Sign, Sign> = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

const isLetter = (text: string) => /^(?:[A-Za-z]|\\[a-z]+)$/.test(text)

export const tupleOf = (open: string, parts: string[], close: string): Shape => ({
  kind: 'tuple',
  open,
  close,
  parts: parts.map((text) => ({ kind: 'value', text })),
})
const interval = (open: string, low: string, high: string, close: string) => tupleOf(open, [low, high], close)

/** All real numbers but one. */
const besides = (one: string): Shape => ({
  kind: 'union',
  parts: [interval('(', '-∞', one, ')'), interval('(', one, '∞', ')')],
})

/** |x| < 3 as (−3, 3), |x − 2| ≥ 3 as two intervals; null for what is no distance of a letter from a number. */
function distanceOf(text: string, sign: Sign, end: string): Shape | null {
  const distance = /^\|\s*[A-Za-z]\s*([-+]\s*[\d./]+)?\s*\|$/.exec(text)
  if (distance === null || !/^[\d./]+$/.test(end) || !(Number.parseFloat(end) > 0) || !'<>'.includes(sign[0]!))
    return null
  const middle = `-(${distance[1] ?? '0'})`
  const [low, high] = [`${middle}-${end}`, `${middle}+${end}`]
  const open = sign.length === 1
  if (sign[0] === '<') return open ? interval('(', low, high, ')') : interval('[', low, high, ']')
  return {
    kind: 'union',
    parts: [interval('(', '-∞', low, open ? ')' : ']'), interval(open ? '(' : '[', high, '∞', ')')],
  }
}

/** x ≤ 3 as (−∞, 3], 2 ≤ x < 5 as [2, 5), x ≠ 0 as two intervals; null for what is no range of one letter. */
export function intervalOf({ parts, signs }: RelationShape): Shape | null {
  const letter = parts.findIndex(isLetter)
  if (parts.length === 3 && letter === 1) {
    const [first, second] = signs as [Sign, Sign]
    if (first[0] !== second[0] || !'<>'.includes(first[0]!)) return null
    const ends = [interval(first === '<=' ? '[' : '(', parts[0]!, parts[2]!, second === '<=' ? ']' : ')')]
    ends.push(interval(second === '>=' ? '[' : '(', parts[2]!, parts[0]!, first === '>=' ? ']' : ')'))
    return ends[first[0] === '<' ? 0 : 1]!
  }
  if (parts.length === 2 && letter < 0)
    return distanceOf(parts[0]!, signs[0]!, parts[1]!) ?? distanceOf(parts[1]!, turned[signs[0]!], parts[0]!)
  if (parts.length !== 2) return null
  const [sign, end] = letter === 0 ? [signs[0]!, parts[1]!] : [turned[signs[0]!], parts[0]!]
  if (sign === '!=') return besides(end)
  if (sign[0] === '<') return interval('(', '-∞', end, sign === '<=' ? ']' : ')')
  return sign[0] === '>' ? interval(sign === '>=' ? '[' : '(', end, '∞', ')') : null
}

/** `x ≤ −3 or x ≥ 3`, and |x| ≥ 3, as a union; ℝ without 0, too. Anything else as it is. */
export function rangesOf(shape: Shape): Shape {
  if (shape.kind === 'list' && shape.joined === 'or') {
    const ranges = shape.parts.map((part) => (part.kind === 'relation' ? intervalOf(part) : null))
    const letters = new Set(shape.parts.map((part) => (part.kind === 'relation' ? part.parts.find(isLetter) : null)))
    return ranges.every((range) => range !== null) && letters.size === 1 ? { kind: 'union', parts: ranges } : shape
  }
  if (shape.kind === 'value') {
    const without = /^ℝ\s*[∖-]\s*(?:⦃([^⦃⦄,]*)⦄|\{([^{},]*)\})$/.exec(shape.text)
    if (without !== null) return besides((without[1] ?? without[2])!.trim())
  }
  return shape
}
