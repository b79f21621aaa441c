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
import { intervalOf, rangesOf, type RelationShape, tupleOf, turned } from './ranges.ts'
import { Precise } from './precise.ts'
import { proportion, sameExpression } from './same-value.ts'
import { shapeOf, type Shape } from './shape.ts'
import { readNumeral, readQuantity } from './units.ts'

/** Longer answers are compared as text. */
const mostCharacters = 1000

/** One comparison: what was parsed, and how much may still be computed. */
class Comparison {
  private readonly parsed = new Map<string, Expression | null>()
  /** Characters of expressions that are still compared. */
  private left = 6000
  readonly precise = new Precise()

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
  // the letters of points, in an order that may matter
  if (/^[A-Z]{2,}$/.test(a) && /^[A-Z]{2,}$/.test(b)) return a === b
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

function same(given: Shape, expected: Shape, comparison: Comparison): boolean {
  const [a, b] = [rangesOf(given), rangesOf(expected)]
  if (a.kind === 'relation' || b.kind === 'relation') return sameRelation(a, b, comparison)
  const bothMatrices = a.kind === 'matrix' && b.kind === 'matrix'
  const bothValues = a.kind === 'value' && b.kind === 'value'
  const [x, y] = bothMatrices || bothValues ? [a, b] : [vectorOf(a), vectorOf(b)]
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
  if (x.kind === 'list' && y.kind === 'list' && x.joined !== y.joined && x.joined !== null && y.joined !== null) {
    // x > 1 and x < 3 is not x > 1 or x < 3; of values, both words list
    if ([...x.parts, ...y.parts].some((part) => part.kind === 'relation' && part.signs.some((sign) => sign !== '=')))
      return false
  }
  const listed = (shape: Shape) => (shape.kind === 'list' || shape.kind === 'set' ? shape.parts : null)
  const [p, q] = [listed(x), listed(y)]
  if (p !== null && q !== null) return sameLists(p, q, comparison)
  // x = 1, y = 2 for (1, 2)
  const [named, tuple] = p === null ? [q, x] : [p, y]
  // a set of one solution
  if (named?.length === 1 && tuple.kind === 'value') return same(named[0]!, tuple, comparison)
  if (named === null || tuple.kind !== 'tuple') return false
  const equations = named.map(assigned)
  if (!equations.every((one) => one !== null) || new Set(equations.map((one) => one.name)).size < named.length)
    return false
  const ordered = inOrderOfNames(equations)
  return (
    ordered !== null &&
    inOrder(
      ordered.map(({ value }) => value),
      tuple.parts,
      comparison,
    )
  )
}

/** As the names stand in the alphabet; coordinates of points in any order. Null where nobody says which comes first. */
function inOrderOfNames<Named extends { name: string }>(equations: readonly Named[]): Named[] | null {
  const sorted = equations.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const areCoordinates = equations.every(({ name }) => /^[xyz]$/.test(name))
  return areCoordinates || sorted.every((one, at) => one === equations[at]) ? sorted : null
}

/** A matrix of one row or one column beside a tuple is a vector, as is a column written as a binomial; P(3, 4) is a point. */
function vectorOf(shape: Shape): Shape {
  if (shape.kind === 'value') {
    const point = /^[A-Z]'?\s*(\(.*\))$/.exec(shape.text)
    const column = /^\\binom\s*\{([^{}]*)\}\s*\{([^{}]*)\}$/.exec(shape.text)
    if (column !== null) return tupleOf('(', [column[1]!, column[2]!], ')')
    const named = point === null ? shape : shapeOf(point[1]!)
    return named.kind === 'tuple' ? named : shape
  }
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
  if (/^\|\s*[A-Z]{2}\s*\|$/.test(name)) return { name, value: shapeOf(last) }
  if (name.length > 80 || !(tuple.test(name) || (named.test(name) && !/\\(?:frac|sqrt)/.test(name)))) return null
  return { name: name.replaceAll(' ', ''), value: shapeOf(last) }
}

/** `2 · 6 + 1 = 13`: the last of a chain of numbers, where all of them are the same; null for anything else. */
function computed({ parts, signs }: RelationShape, comparison: Comparison): { value: Shape } | null {
  if (signs.some((sign) => sign !== '=') || !comparison.affords(...parts)) return null
  const numbers = parts.map((part) => comparison.expression(part))
  const last = numbers.at(-1)
  const hold = numbers.every(
    (one) => one && last && one.letters.length === 0 && sameExpression(one, last, comparison.precise),
  )
  return hold ? { value: shapeOf(parts.at(-1)!) } : null
}

/** y = 2x + 3 and f(x) = 2x + 3. */
function sameFunction(a: RelationShape, b: RelationShape, comparison: Comparison): boolean {
  const [x, y] = [assigned(a), assigned(b)]
  const isFunction = (name: string) => /^[fgh]\(x\)$/.test(name)
  const one =
    x !== null && y !== null && ((x.name === 'y' && isFunction(y.name)) || (y.name === 'y' && isFunction(x.name)))
  return one && same(x.value, y.value, comparison)
}

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
    if (equal(a) || equal(turn(a)) || sameFunction(a, b, comparison)) return true
    if (a.signs.length !== 1 || b.signs.length !== 1) return false
    return sameBySides(a, b, comparison) || sameBySides({ kind: 'relation', ...turn(a) }, b, comparison)
  }
  const [relation, other] = a.kind === 'relation' ? [a, b] : [b as RelationShape, a]
  const named = assigned(relation) ?? computed(relation, comparison)
  if (named !== null) return same(named.value, other, comparison)
  const interval = intervalOf(relation)
  return interval !== null && same(interval, other, comparison)
}

/** y = 2x + 1 and y − 2x − 1 = 0: their sides differ by the same, but for a factor. */
function sameBySides(a: RelationShape, b: RelationShape, comparison: Comparison): boolean {
  if (a.signs[0] !== b.signs[0] || !comparison.affords(...a.parts, ...b.parts)) return false
  const [p, q, r, s] = [...a.parts, ...b.parts].map((part) => comparison.expression(part))
  if (!p || !q || !r || !s) return false
  const factor = proportion(p, q, r, s, comparison.precise)
  return factor !== null && (a.signs[0] === '=' || a.signs[0] === '!=' || factor > 0)
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
  if (sameExpression(a, b, comparison.precise)) return true
  // 45° and π/4
  const angles = [p, q].map((text) => /^[^°]*°$/.test(text))
  if (angles[0] !== angles[1]) {
    const [angle, other] = angles[0] ? [a, b] : [b, a]
    if (
      /\\pi|π/.test(angles[0] ? q : p) &&
      sameExpression({ ...angle, node: { kind: 'degrees', a: angle.node } }, other, comparison.precise)
    )
      return true
  }
  if (x.percent === y.percent) return false
  const hundredth = (expression: Expression): Expression => ({
    ...expression,
    node: { kind: 'quotient', a: expression.node, b: { kind: 'number', over: 100n, under: 1n } },
  })
  return x.percent
    ? sameExpression(hundredth(a), b, comparison.precise)
    : sameExpression(a, hundredth(b), comparison.precise)
}

/** 1:2:3 and 2:4:6. */
function sameRatios(a: readonly string[], b: readonly string[]): boolean {
  return a.every((part, at) => Number(part) * Number(b[0]) === Number(b[at]) * Number(a[0]))
}
