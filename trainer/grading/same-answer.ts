/**
 * Whether two answers are mathematically the same: numbers in any of their forms, expressions in letters, equations and
 * inequalities, tuples, intervals, sets and matrices part by part, choices, and text without regard to case and formatting.
 *
 * Numbers are compared exactly: 0.33 is not 1/3, and 10^{400} is not 10^{401}. A percentage equals both the number before
 * the sign and its hundredth, and a unit may be left out, as published graders have it. What cannot be told is not the same:
 * a reward that accepts it would teach the wrong thing. An answer is a model's, so whatever it is, it takes a moment at most.
 */
import { cleanAnswer } from './clean-answer.ts'
import { type Expression, parseExpression } from './expression.ts'
import { proportion, sameExpression } from './same-value.ts'
import { shapeOf, type Shape, type Sign } from './shape.ts'
import { readNumeral, readQuantity } from './units.ts'

/** Longer answers are compared as text. */
const mostCharacters = 1000

/** One comparison: what was parsed, and how much may still be computed. */
class Comparison {
  private readonly parsed = new Map<string, Expression | null>()
  /** Characters of expressions that are still compared. */
  private left = 6000

  expression(text: string): Expression | null {
    const known = this.parsed.get(text)
    if (known !== undefined) return known
    // an angle is a number of degrees, but the sine of 30° is not that of 30
    const plain = /sin|cos|tan|cot|sec|csc/.test(text) ? text : text.replaceAll('°', '')
    const expression = parseExpression(plain.replace(/(?<=\d)\s+x\s+(?=10\s*\^)/, '*'))
    this.parsed.set(text, expression)
    return expression
  }

  /** Whether that much may still be computed. */
  affords(...texts: string[]): boolean {
    this.left -= texts.reduce((sum, text) => sum + text.length + 1, 0)
    return this.left >= 0
  }
}

/** Whether the answer given is the expected one. Symmetric but for a choice's label and a decimal comma in what is given. */
export function sameAnswer(given: string, expected: string): boolean {
  if (given.length > mostCharacters || expected.length > mostCharacters) return given.trim() === expected.trim()
  const [a, b] = [cleanAnswer(given), cleanAnswer(expected)]
  if (a === '' || b === '') return a === b
  if (withoutSpaces(a) === withoutSpaces(b)) return true
  const choice = sameChoice(a, b)
  if (choice !== null) return choice
  if (isText(a) || isText(b)) return plainText(a) === plainText(b)
  const comparison = new Comparison()
  const [left, right] = [shapeOf(a), shapeOf(b)]
  if (right.kind === 'value' && /^\d+,\d+$/.test(a)) return sameValue(a.replace(',', '.'), b, comparison)
  return same(left, right, comparison)
}

/** Spaces between letters or digits count: 4 2 is not 42. */
const withoutSpaces = (text: string) => text.replace(/(?<![\p{L}\d]) | (?![\p{L}\d])/gu, '')

const plainText = (text: string) => text.toLowerCase().replace(/[\s.,]+/g, '')

const shortWords = new Set('on no is if in it or of as at be by do go he me my so to up us we'.split(' '))

/** Words, not letters multiplied with each other. */
function isText(text: string): boolean {
  if (!/^[\p{L}\s.,'-]+$/u.test(text)) return false
  if (/\p{Script=Han}/u.test(text)) return true
  const words = text.match(/[A-Za-z]+/g) ?? []
  return words.some(
    (word) =>
      shortWords.has(word.toLowerCase()) ||
      (word.length > 2 &&
        !/^(?:sin|cos|tan|cot|sec|csc|exp|log|ln|lg|arc\w+|sqrt|sinh|cosh|tanh|gcd|lcm)$/.test(word) &&
        !/^[a-z]*[xyz][a-z]*$/.test(word)),
  )
}

/** Choices by their letters; null where the expected answer is none. */
function sameChoice(given: string, expected: string): boolean | null {
  const one = /^\(?([A-Ja-j])\)?$/.exec(expected)
  if (one !== null) {
    const chosen = /^(?:(?:option|choice|answer)\s*:?\s*)?\(?([A-Ja-j])\)?(?:\s*[.:)].*)?$/i.exec(given)
    return chosen === null ? null : chosen[1]!.toLowerCase() === one[1]!.toLowerCase()
  }
  const several = /^\(?[A-J]\)?(?:\s*,\s*\(?[A-J]\)?)+$/.test(expected) ? expected.match(/[A-J]/g)! : null
  if (several === null || !/^[A-J]{2,}$/.test(given)) return null
  return [...given].sort().join() === several.sort().join()
}

function same(a: Shape, b: Shape, comparison: Comparison): boolean {
  if (a.kind === 'relation' || b.kind === 'relation') return sameRelation(a, b, comparison)
  const bothMatrices = a.kind === 'matrix' && b.kind === 'matrix'
  const [x, y] = bothMatrices ? [a, b] : [vectorOf(a), vectorOf(b)]
  if (x.kind === 'value' && y.kind === 'value') return sameValue(x.text, y.text, comparison)
  if (x.kind === 'matrix' && y.kind === 'matrix') {
    return (
      x.fence === y.fence &&
      x.rows.length === y.rows.length &&
      x.rows.every((row, at) => inOrder(row, y.rows[at]!, comparison))
    )
  }
  if (x.kind === 'tuple' && y.kind === 'tuple') {
    return x.open === y.open && x.close === y.close && inOrder(x.parts, y.parts, comparison)
  }
  if (x.kind === 'union' && y.kind === 'union') return inAnyOrder(x.parts, y.parts, comparison)
  const listed = (shape: Shape) => (shape.kind === 'list' || shape.kind === 'set' ? shape.parts : null)
  const [p, q] = [listed(x), listed(y)]
  if (p !== null && q !== null) return sameLists(p, q, comparison)
  // x = 1, y = 2 for (1, 2)
  const [named, tuple] = p === null ? [q, x] : [p, y]
  if (named === null || tuple.kind !== 'tuple') return false
  const equations = named.map(assigned)
  if (!equations.every((one) => one !== null) || new Set(equations.map((one) => one!.name)).size < named.length)
    return false
  return inOrder(
    equations.map((one) => one!.value),
    tuple.parts,
    comparison,
  )
}

/** A matrix of one row or one column beside a tuple is a vector. */
function vectorOf(shape: Shape): Shape {
  if (shape.kind !== 'matrix' || shape.fence !== 'matrix') return shape
  const line =
    shape.rows.length === 1 ? shape.rows[0]! : shape.rows.every((row) => row.length === 1) ? shape.rows.flat() : null
  return line === null || line.length < 2 ? shape : { kind: 'tuple', open: '(', close: ')', parts: line }
}

function inOrder(a: readonly Shape[], b: readonly Shape[], comparison: Comparison): boolean {
  return a.length === b.length && a.every((part, at) => same(part, b[at]!, comparison))
}

/** As sets: what is listed twice counts once. */
function inAnyOrder(a: readonly Shape[], b: readonly Shape[], comparison: Comparison): boolean {
  const within = (part: Shape, others: readonly Shape[]) => others.some((other) => same(part, other, comparison))
  return a.every((part) => within(part, b)) && b.every((part) => within(part, a))
}

function sameLists(a: readonly Shape[], b: readonly Shape[], comparison: Comparison): boolean {
  // x = 1, x = 2 for 1, 2
  const bare = (parts: readonly Shape[], others: readonly Shape[]): readonly Shape[] => {
    const equations = parts.map(assigned)
    const one = equations.every((equation) => equation !== null && equation.name === equations[0]!.name)
    return one && others.every(({ kind }) => kind !== 'relation') ? equations.map((equation) => equation!.value) : parts
  }
  return inAnyOrder(bare(a, b), bare(b, a), comparison)
}

/** `x = 5`, `f(2) = 3`, `m + n = 7`, `AB = 5`: what is named and its value, the last of a chain; null for other relations. */
function assigned(shape: Shape): { name: string; value: Shape } | null {
  if (shape.kind !== 'relation' || shape.signs.some((sign) => sign !== '=')) return null
  const [name, last] = [shape.parts[0]!, shape.parts.at(-1)!]
  const named = /^(?:\\?[A-Za-z]+'*(?:_\s*(?:\{[^{}]*\}|\w))?\s*(?:\([^()]*\))?\s*[+,]?\s*)+$/
  const tuple = /^\(\s*[A-Za-z](?:\s*,\s*[A-Za-z])+\s*\)$/
  if (name.length > 80 || !(tuple.test(name) || (named.test(name) && !/\\(?:frac|sqrt)/.test(name)))) return null
  return { name: name.replaceAll(' ', ''), value: shapeOf(last) }
}

const turned: Record<Sign, Sign> = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

function sameRelation(a: Shape, b: Shape, comparison: Comparison): boolean {
  if (a.kind === 'relation' && b.kind === 'relation') {
    const turn = ({ parts, signs }: typeof a) => ({
      parts: parts.toReversed(),
      signs: signs.toReversed().map((sign) => turned[sign]),
    })
    const equal = (x: Pick<typeof a, 'parts' | 'signs'>) =>
      x.parts.length === b.parts.length &&
      x.signs.join() === b.signs.join() &&
      x.parts.every((part, at) => same(shapeOf(part), shapeOf(b.parts[at]!), comparison))
    if (equal(a) || equal(turn(a))) return true
    if (a.signs.length !== 1 || b.signs.length !== 1) return false
    return sameBySides(a, b, comparison) || sameBySides({ kind: 'relation', ...turn(a) }, b, comparison)
  }
  const [relation, other] = a.kind === 'relation' ? [a, b] : [b as Extract<Shape, { kind: 'relation' }>, a]
  const named = assigned(relation)
  if (named !== null) return same(named.value, other, comparison)
  const interval = intervalOf(relation)
  return interval !== null && same(interval, other, comparison)
}

/** y = 2x + 1 and y − 2x − 1 = 0: their sides differ by the same, but for a factor. */
function sameBySides(
  a: Extract<Shape, { kind: 'relation' }>,
  b: Extract<Shape, { kind: 'relation' }>,
  comparison: Comparison,
): boolean {
  if (a.signs[0] !== b.signs[0] || !comparison.affords(...a.parts, ...b.parts)) return false
  const [p, q, r, s] = [...a.parts, ...b.parts].map((part) => comparison.expression(part))
  if (!p || !q || !r || !s) return false
  const factor = proportion(p, q, r, s)
  return factor !== null && (a.signs[0] === '=' || a.signs[0] === '!=' || factor > 0)
}

/** x ≤ 3 as (−∞, 3], 2 ≤ x < 5 as [2, 5), x ≠ 0 as two intervals; null for what is no range of one letter. */
function intervalOf({ parts, signs }: Extract<Shape, { kind: 'relation' }>): Shape | null {
  const letter = parts.findIndex((part) => /^(?:[A-Za-z]|\\[a-z]+)$/.test(part))
  const value = (text: string): Shape => ({ kind: 'value', text })
  const interval = (open: string, low: string, high: string, close: string): Shape => ({
    kind: 'tuple',
    open,
    close,
    parts: [value(low), value(high)],
  })
  if (parts.length === 3 && letter === 1) {
    const [first, second] = signs as [Sign, Sign]
    if (first[0] !== second[0] || !'<>'.includes(first[0]!)) return null
    const ends = [interval(first === '<=' ? '[' : '(', parts[0]!, parts[2]!, second === '<=' ? ']' : ')')]
    ends.push(interval(second === '>=' ? '[' : '(', parts[2]!, parts[0]!, first === '>=' ? ']' : ')'))
    return ends[first[0] === '<' ? 0 : 1]!
  }
  if (parts.length !== 2 || letter < 0) return null
  const [sign, end] = letter === 0 ? [signs[0]!, parts[1]!] : [turned[signs[0]!], parts[0]!]
  if (sign === '!=') {
    return { kind: 'union', parts: [interval('(', '-∞', end, ')'), interval('(', end, '∞', ')')] }
  }
  if (sign[0] === '<') return interval('(', '-∞', end, sign === '<=' ? ']' : ')')
  return sign[0] === '>' ? interval(sign === '>=' ? '[' : '(', end, '∞', ')') : null
}

function sameValue(given: string, expected: string, comparison: Comparison): boolean {
  const [p, q] = [given.trim(), expected.trim()]
  if (withoutSpaces(p) === withoutSpaces(q) && p !== '') return true
  if (isText(p) || isText(q)) return plainText(p) === plainText(q)
  const infinite = [p, q].map((text) => /^([-+]?)∞$/.exec(text))
  if (infinite.some((one) => one !== null))
    return (infinite[0]?.[1] === '-') === (infinite[1]?.[1] === '-') && infinite.every(Boolean)
  const [x, y] = [readQuantity(p), readQuantity(q)]
  if (x.unit !== '' && y.unit !== '' && x.unit !== y.unit) return false
  const [m, n] = [readNumeral(x.value), readNumeral(y.value)]
  if (m !== null && n !== null && (m.base !== null || n.base !== null)) {
    return m.digits === n.digits && (m.base === null || n.base === null || m.base === n.base)
  }
  const [c, d] = [x.value, y.value].map((text) => (/^[\d.:\s]+$/.test(text) ? text.split(':') : []))
  if (c!.length > 2 && c!.length === d!.length) return sameRatios(c!, d!)
  const [a, b] = [x.value, y.value].map((text) => comparison.expression(text.replace(/^([^:]+):([^:]+)$/, '($1)/($2)')))
  if (!a || !b || !comparison.affords(x.value, y.value)) return false
  if (sameExpression(a, b)) return true
  if (x.percent === y.percent) return false
  const hundredth = (expression: Expression): Expression => ({
    ...expression,
    node: { kind: 'quotient', a: expression.node, b: { kind: 'number', over: 100n, under: 1n } },
  })
  return x.percent ? sameExpression(hundredth(a), b) : sameExpression(a, hundredth(b))
}

/** 1:2:3 and 2:4:6. */
function sameRatios(a: readonly string[], b: readonly string[]): boolean {
  return a.every((part, at) => Number(part) * Number(b[0]) === Number(b[at]) * Number(a[0]))
}
