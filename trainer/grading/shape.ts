/** The outer form of an answer: one value, a list, a set, a tuple or interval, a union, a matrix, a relation. */

export type Sign = '=' | '!=' | '<' | '<=' | '>' | '>='

export type Shape =
  | { kind: 'value'; text: string }
  | { kind: 'set' | 'union'; parts: Shape[] }
  /** `joined` by a word, or by commas alone. */
  | { kind: 'list'; parts: Shape[]; joined: 'and' | 'or' | null }
  | { kind: 'tuple'; open: string; close: string; parts: Shape[] }
  /** Rows of cells; `fence` tells a determinant from a matrix. */
  | { kind: 'matrix'; fence: 'matrix' | 'determinant'; rows: Shape[][] }
  /** `parts[i] signs[i] parts[i + 1]` for each sign. */
  | { kind: 'relation'; parts: string[]; signs: Sign[] }

const most = { parts: 60, depth: 12 }

/** Splits where one of the separators stands in no brackets. The separators found are given too. */
export function splitTopLevel(text: string, separators: readonly string[]): { parts: string[]; found: string[] } {
  const parts: string[] = []
  const found: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if ('([{⦃'.includes(text[at]!)) depth++
    else if (')]}⦄'.includes(text[at]!)) depth--
    if (depth !== 0) continue
    const separator = separators.find((one) => text.startsWith(one, at))
    if (separator === undefined) continue
    parts.push(text.slice(start, at))
    found.push(separator)
    start = at + separator.length
    at = start - 1
  }
  return { parts: [...parts, text.slice(start)], found }
}

/** The text between its first and last character, where these are a pair of brackets that belong to each other. */
function inside(text: string, open: string, close: string): string | null {
  if (text.length < 2 || !open.includes(text[0]!) || !close.includes(text.at(-1)!)) return null
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if ('([{⦃'.includes(text[at]!)) depth++
    else if (')]}⦄'.includes(text[at]!) && --depth === 0 && at < text.length - 1) return null
  }
  return depth === 0 ? text.slice(1, -1) : null
}

function matrixOf(text: string, depth: number): Shape | null {
  const bare = inside(text, '([', ')]')?.trim() ?? text
  const body = /^\\begin\{([pbvBV]?(?:small)?matrix|array)\}/.exec(bare)
  if (body === null || !bare.endsWith(`\\end{${body[1]}}`)) return null
  const cells = bare
    .slice(body[0].length, bare.length - `\\end{${body[1]}}`.length)
    .replace(/^\s*\{[clr| ]*\}/, '')
    .trim()
  const rows = cells.split(/\\\\(?:\s*\[[^\][]*\])?/).map((row) => row.trim())
  if (rows.at(-1) === '') rows.pop()
  if (rows.length > most.parts) return null
  return {
    kind: 'matrix',
    fence: /^[vV]/.test(body[1]!) ? 'determinant' : 'matrix',
    rows: rows.map((row) =>
      row
        .split('&')
        .slice(0, most.parts)
        .map((cell) => shapeOf(cell, depth + 1)),
    ),
  }
}

/** All real numbers, as an interval. */
const everything: Shape = {
  kind: 'tuple',
  open: '(',
  close: ')',
  parts: [
    { kind: 'value', text: '-∞' },
    { kind: 'value', text: '∞' },
  ],
}

/** A list of values with ± stands for both. */
function partsOf(texts: string[], depth: number): Shape[] {
  return texts.slice(0, most.parts).flatMap((part): Shape[] => {
    const shape = shapeOf(part, depth + 1)
    return shape.kind === 'list' ? shape.parts : [shape]
  })
}

/** The form of a cleaned answer. What is too deep or has too many parts is one value. */
export function shapeOf(whole: string, depth = 0): Shape {
  let text = whole.trim()
  if (depth > most.depth) return { kind: 'value', text }
  for (let group = inside(text, '{', '}'); group !== null; group = inside(text, '{', '}')) text = group.trim()
  const matrix = matrixOf(text, depth)
  if (matrix !== null) return matrix
  text = text.replace(/^[A-Za-z]\s*∈\s*/, '')
  if (text === 'ℝ') return everything
  const list = splitTopLevel(text.replace(/,?\s+(?:and|or)\s+/g, ','), [',', ';'])
  if (list.parts.length > most.parts) return { kind: 'value', text }
  if (list.parts.length > 1) {
    const [and, or] = [/\sand\s/.test(text), /\sor\s/.test(text)]
    return { kind: 'list', parts: partsOf(list.parts, depth), joined: and === or ? null : and ? 'and' : 'or' }
  }
  const signs = splitTopLevel(text, ['<=', '>=', '!=', '=', '<', '>'])
  if (signs.found.length > 0 && signs.parts.every((part) => part.trim() !== '')) {
    const both = signs.parts.findIndex((part) => part.includes('±'))
    if (both === signs.parts.length - 1 && signs.found.every((sign) => sign === '=')) {
      return { kind: 'list', parts: plusAndMinus(text).map((part) => shapeOf(part, depth + 1)), joined: null }
    }
    return { kind: 'relation', parts: signs.parts.map((part) => part.trim()), signs: signs.found as Sign[] }
  }
  const union = splitTopLevel(text.replace(/(?<=[)\]⦄])\s*U\s*(?=[([⦃])/g, '∪'), ['∪'])
  if (union.parts.length > 1) return { kind: 'union', parts: partsOf(union.parts, depth) }
  if (text === '∅') return { kind: 'set', parts: [] }
  const set = inside(text, '⦃', '⦄')
  // those of which something is so: { x | x ≤ 2 }
  const condition = set === null ? null : /^\s*([A-Za-z])(?:\s*∈\s*ℝ)?\s*[:|](.+)$/.exec(set)
  if (condition !== null && new RegExp(`(?<![A-Za-z])${condition[1]}(?![A-Za-z])`).test(condition[2]!))
    return shapeOf(condition[2]!, depth + 1)
  if (set !== null) return { kind: 'set', parts: partsOf(splitTopLevel(set, [',', ';']).parts, depth) }
  const tuple = inside(text, '([', ')]')
  if (tuple !== null) {
    const { parts } = splitTopLevel(tuple, [',', ';'])
    if (parts.length > 1 && parts.length <= most.parts) {
      return {
        kind: 'tuple',
        open: text[0]!,
        close: text.at(-1)!,
        parts: parts.map((part) => shapeOf(part, depth + 1)),
      }
    }
  }
  if (text.includes('±'))
    return { kind: 'list', parts: plusAndMinus(text).map((part) => ({ kind: 'value', text: part })), joined: null }
  return { kind: 'value', text }
}

const plusAndMinus = (text: string) => [text.replaceAll('±', '+'), text.replaceAll('±', '-')]
