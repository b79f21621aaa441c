/**
 * Whether two answers are mathematically the same: numbers in any of their forms, expressions in variables (compared at
 * several points), tuples, intervals, sets and matrices part by part, and text without regard to case and formatting.
 *
 * Numbers must agree to nine digits: 0.33 is not 1/3. A percentage equals both the number before the sign and its
 * hundredth, as published graders have it.
 */
import { parseExpression } from './expression.ts'

const unitWords =
  'cm|mm|km|meters?|metres?|feet|foot|ft|inch(?:es)?|miles?|mph|kg|grams?|g|lbs?|pounds?|ounces?|hours?|hrs?|minutes?|mins?|seconds?|secs?|days?|weeks?|months?|years?|dollars?|cents?|degrees?|units?|square|cubic|sq|liters?|litres?|people|students|ways|points?'
const unit = new RegExp(`(?<=[\\d)}.])\\s*(?:(?:${unitWords})\\b\\.?\\s*(?:\\^\\{?[23]\\}?)?\\s*)+$`, 'i')

/** Takes formatting away that does not change what is meant. */
export function cleanAnswer(answer: string): string {
  let text = answer
    .trim()
    .replace(/^\$+|\$+$/g, '')
    .trim()
  text = text
    .replaceAll('\\dfrac', '\\frac')
    .replaceAll('\\tfrac', '\\frac')
    .replaceAll('\\cfrac', '\\frac')
    .replace(/\\(?:left|right|bigl|bigr|big|Big|displaystyle|,|;|:|!|quad|qquad)(?![A-Za-z])/g, '')
    .replace(/(?<!\\)\\ |~|\u00a0/g, ' ')
    .replace(/\^\{?\\circ\}?|°/g, '')
    .replace(/\\\$|\$|£|€/g, '')
    .replace(/\\%/g, '%')
    .replace(/\\(?:text|textbf|textit|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}/g, ' $1 ')
    .replace(/\\(?:leq|le)(?![A-Za-z])/g, '<=')
    .replace(/\\(?:geq|ge)(?![A-Za-z])/g, '>=')
    .replaceAll('≤', '<=')
    .replaceAll('≥', '>=')
    .replace(/\\lbrace|\\\{/g, '\\{')
    .replace(/\\rbrace|\\\}/g, '\\}')
    .trim()
  text = text.replace(/\.$/, '').trim()
  // thousands: 1,234,567 and 1{,}234; a pair such as (1,234) keeps its comma
  text = text.replaceAll('{,}', ',')
  if (/^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?:\s*[A-Za-z%].*)?$/.test(text)) text = text.replaceAll(',', '')
  text = text.replace(unit, '').trim()
  // "x = 5", "f(x) = 5", "x \in [0, 1]"
  text = text.replace(/^(?:[A-Za-z](?:_\{?\w+\}?)?(?:\([A-Za-z]\))?)\s*(?:=|\\in(?![A-Za-z]))\s*(?!=)/, '')
  return text.replace(/\s+/g, ' ').trim()
}

/** Splits at separators that stand in no brackets. */
function splitTopLevel(text: string, separator: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i]!)) depth++
    else if (')]}'.includes(text[i]!)) depth--
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(start, i))
      start = i + separator.length
      i = start - 1
    }
  }
  return [...parts, text.slice(start)]
}

type Collection = { open: string; close: string; parts: string[]; ordered: boolean }

/** A tuple, an interval, a set, a matrix or a bare list; null where the answer is a single thing. */
function collection(text: string): Collection | null {
  const matrix = /^\\begin\{([pbv]?)(?:matrix|array)\}(?:\{[clr|]*\})?(.*)\\end\{[pbv]?(?:matrix|array)\}$/s.exec(text)
  if (matrix !== null) {
    const rows = matrix[2]!.trim().replace(/\\\\$/, '').split('\\\\')
    return { open: 'matrix', close: String(rows.length), parts: rows.flatMap((row) => row.split('&')), ordered: true }
  }
  const union = splitTopLevel(text, '\\cup')
  if (union.length > 1) return { open: 'union', close: '', parts: union, ordered: false }
  if (text.startsWith('\\{') && text.endsWith('\\}')) {
    return { open: '{', close: '}', parts: splitTopLevel(text.slice(2, -2), ','), ordered: false }
  }
  if (/^[([]/.test(text) && /[)\]]$/.test(text)) {
    const parts = splitTopLevel(text.slice(1, -1), ',')
    if (parts.length > 1) return { open: text[0]!, close: text.at(-1)!, parts, ordered: true }
  }
  const plusMinus = /^(.*?)(?:\\pm|±)(.+)$/.exec(text)
  if (plusMinus !== null && !/[,([]/.test(text)) {
    return {
      open: 'list',
      close: '',
      parts: [`${plusMinus[1]}+${plusMinus[2]}`, `${plusMinus[1]}-${plusMinus[2]}`],
      ordered: false,
    }
  }
  const list = splitTopLevel(text.replace(/,?\s+(?:and|or)\s+/g, ','), ',')
  return list.length > 1 ? { open: 'list', close: '', parts: list, ordered: false } : null
}

function sameCollection(a: Collection, b: Collection): boolean {
  if (a.open !== b.open || a.close !== b.close || a.parts.length !== b.parts.length) return false
  if (a.ordered) return a.parts.every((part, index) => sameAnswer(part, b.parts[index]!))
  const left = [...b.parts]
  return a.parts.every((part) => {
    const found = left.findIndex((other) => sameAnswer(part, other))
    if (found >= 0) left.splice(found, 1)
    return found >= 0
  })
}

function sameNumber(a: number, b: number): boolean {
  if (a === b) return true
  return Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}

/** Points at which expressions are compared: irrational, so that unlike ones hardly ever agree. */
const points = [0.7310585786, 1.6180339887, 2.2360679775]

function sameValue(a: string, b: string): boolean {
  const percent = [a, b].map((text) => text.endsWith('%'))
  const [x, y] = [a, b].map((text) => parseExpression(text.replace(/%$/, '').trim()))
  if (!x || !y || x.variables.join() !== y.variables.join()) return false
  const agree = (factor: number) =>
    points.every((point) => {
      const values = Object.fromEntries(x.variables.map((name, index) => [name, point + index * 0.577215665]))
      return sameNumber(x.evaluate(values) * factor, y.evaluate(values))
    })
  if (agree(1)) return true
  if (percent[0] === percent[1]) return false
  return agree(percent[0] ? 0.01 : 100)
}

/** How text answers are compared: lower case, no spaces, no brackets around a single letter. */
function plainText(text: string): string {
  const plain = text.toLowerCase().replace(/\s+/g, '')
  return /^\([a-z]\)$/.test(plain) ? plain[1]! : plain
}

/** Whether the answer given is the expected one. */
export function sameAnswer(given: string, expected: string): boolean {
  const [a, b] = [cleanAnswer(given), cleanAnswer(expected)]
  if (a === '' || b === '') return a === b
  if (plainText(a) === plainText(b)) return true
  const [left, right] = [collection(a), collection(b)]
  if (left !== null || right !== null) return left !== null && right !== null && sameCollection(left, right)
  for (const relation of ['<=', '>=', '=', '<', '>']) {
    const [p, q] = [splitTopLevel(a, relation), splitTopLevel(b, relation)]
    if (p.length === 1 && q.length === 1) continue
    return p.length === q.length && p.every((part, index) => sameAnswer(part, q[index]!))
  }
  return sameValue(a, b)
}
