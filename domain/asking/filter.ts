/**
 * Filters that a person types over a list: `learning_rate < 1e-4 and score > 1`, `batch_size = 512 or not status = failed`,
 * `run ~ 3`, or a bare word, which is looked for in every text. Names that are more than a word stand in double quotes.
 */

/**
 * `text`: compared as written, or as numbers where both sides are. `share`: a number from 0 to 1, which may be typed in per cent. `hash`: as
 * much of it as was typed is compared, from its beginning.
 */
export type FilterField = { name: string; kind: 'text' | 'number' | 'share' | 'hash' }

export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '!=' | '~'

export type Filter =
  | { type: 'and' | 'or'; left: Filter; right: Filter }
  | { type: 'not'; of: Filter }
  | { type: 'compare'; field: string; kind: FilterField['kind']; comparison: Comparison; value: string }
  | { type: 'word'; word: string }

/** What a row holds in a field; null: nothing (it then matches no comparison but `!=`). */
export type FieldValue = string | number | null

export type ParsedFilter = { filter: Filter | null; error: null } | { filter: null; error: string }

type Token = { kind: 'name' | 'quoted' | 'operator' | 'open' | 'close'; text: string }

const tokenPattern = /\s*(?:(<=|>=|==|!=|<|>|=|~)|([()])|"([^"]*)"|([^\s()<>=!~"]+))/y

/** A filter is typed by a person; each condition is looked at for each row. */
export const mostFilterCharacters = 2000
/** Parentheses and `not` within each other. */
const mostDepth = 100

class FilterProblem extends Error {}

/** Reads what was typed. Nothing typed gives no filter; a mistake gives a sentence that quotes it and says what was expected. */
export function parseFilter(text: string, fields: readonly FilterField[]): ParsedFilter {
  try {
    const tokens = tokensOf(text)
    if (tokens.length === 0) return { filter: null, error: null }
    return { filter: new Parser(tokens, fields).parse(), error: null }
  } catch (error) {
    if (error instanceof FilterProblem) return { filter: null, error: error.message }
    throw error
  }
}

/** What the conditions of a filter name, as typed, each once; nothing while it cannot be read. */
export function filterNames(text: string): string[] {
  try {
    const tokens = tokensOf(text)
    return [...new Set(tokens.filter((_, at) => tokens[at + 1]?.kind === 'operator').map((token) => token.text))]
  } catch (error) {
    if (error instanceof FilterProblem) return []
    throw error
  }
}

/** The field of this name: as written, else whatever the case of its letters. */
export function findField(fields: readonly FilterField[], name: string): FilterField | undefined {
  return (
    fields.find((candidate) => candidate.name === name) ??
    fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  )
}

/** Whether what a row holds passes a comparison: the value that was typed is read once, for as many rows as there are. */
export function comparisonOf(
  comparison: Comparison,
  typed: string,
  kind: FilterField['kind'] = 'text',
): (held: FieldValue) => boolean {
  const text = typed.toLowerCase()
  // `12e45678` is the beginning of a hash, and no number
  if (kind === 'hash' && comparison !== '~') {
    const begun = text.replace(/\+$/, '')
    return (held) => (held !== null && String(held).toLowerCase().startsWith(begun)) === (comparison === '=')
  }
  if (comparison === '~') return (held) => held !== null && String(held).toLowerCase().includes(text)
  const right = numberOf(typed)
  if (comparison === '=' || comparison === '!=') {
    return (held) => {
      if (held === null) return comparison === '!='
      const left = numberOf(held)
      const same = left !== null && right !== null ? left === right : String(held).toLowerCase() === text
      return same === (comparison === '=')
    }
  }
  return (held) => {
    const left = held === null ? null : numberOf(held)
    if (left === null || right === null) return false
    if (comparison === '<') return left < right
    if (comparison === '<=') return left <= right
    return comparison === '>' ? left > right : left >= right
  }
}

/** A number as people and files write it; null for anything else. `70%` is 0.7. No text is looked at twice, however long. */
function numberOf(value: string | number): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  const match = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(%?)$/i.exec(value.trim())
  return match ? Number(match[1]) / (match[2] ? 100 : 1) : null
}

function tokensOf(text: string): Token[] {
  if (text.length > mostFilterCharacters)
    throw new FilterProblem(
      `A filter has at most ${mostFilterCharacters.toLocaleString('en-US')} characters; this one has ${text.length.toLocaleString('en-US')}.`,
    )
  const tokens: Token[] = []
  // "70 %" is one value
  const input = text.replace(/(\d)\s+%/g, '$1%').trimEnd()
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < input.length) {
    const from = tokenPattern.lastIndex
    const match = tokenPattern.exec(input)
    if (!match) {
      const rest = input.slice(from).trim()
      throw new FilterProblem(
        rest.startsWith('"') ? `The quote at ${rest} is never closed.` : `“${rest}” is not understood here.`,
      )
    }
    const [, operator, parenthesis, quoted, name] = match
    if (operator !== undefined) tokens.push({ kind: 'operator', text: operator === '==' ? '=' : operator })
    else if (parenthesis !== undefined) tokens.push({ kind: parenthesis === '(' ? 'open' : 'close', text: parenthesis })
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted })
    else tokens.push({ kind: 'name', text: name! })
  }
  return tokens
}

/** `or` binds least, then `and` (also understood between two conditions side by side), then `not`. */
class Parser {
  private readonly tokens: Token[]
  private readonly fields: readonly FilterField[]
  private at = 0
  private depth = 0

  constructor(tokens: Token[], fields: readonly FilterField[]) {
    this.tokens = tokens
    this.fields = fields
  }

  parse(): Filter {
    const filter = this.or()
    const rest = this.tokens[this.at]
    if (rest) throw new FilterProblem(`“${rest.text}” closes nothing.`)
    return filter
  }

  private or(): Filter {
    let left = this.and()
    while (this.takeWord('or')) left = { type: 'or', left, right: this.and() }
    return left
  }

  private and(): Filter {
    let left = this.not()
    for (;;) {
      const next = this.tokens[this.at]
      if (!next || next.kind === 'close' || isWord(next, 'or')) return left
      this.takeWord('and')
      left = { type: 'and', left, right: this.not() }
    }
  }

  private not(): Filter {
    return this.takeWord('not') ? { type: 'not', of: this.within(() => this.not()) } : this.condition()
  }

  private within(read: () => Filter): Filter {
    if (++this.depth > mostDepth)
      throw new FilterProblem(`Parentheses and “not” stand at most ${mostDepth} deep within each other.`)
    const filter = read()
    this.depth -= 1
    return filter
  }

  private condition(): Filter {
    const token = this.tokens[this.at++]
    if (!token) throw new FilterProblem('The filter ends where a condition was expected, e.g. score > 1.')
    if (token.kind === 'open') {
      const inner = this.within(() => this.or())
      if (this.tokens[this.at++]?.kind !== 'close') throw new FilterProblem('A parenthesis is never closed.')
      return inner
    }
    if (token.kind === 'operator' || token.kind === 'close') {
      throw new FilterProblem(`“${token.text}” stands where a name was expected, e.g. score > 1.`)
    }
    const operator = this.tokens[this.at]
    if (operator?.kind !== 'operator') {
      if (isWord(token, 'and') || isWord(token, 'or')) {
        throw new FilterProblem(`“${token.text}” stands where a condition was expected, e.g. score > 1.`)
      }
      return { type: 'word', word: token.text }
    }
    this.at += 1
    const value = this.tokens[this.at++]
    if (!value || (value.kind !== 'name' && value.kind !== 'quoted')) {
      throw new FilterProblem(`“${token.text} ${operator.text}” needs a value after it.`)
    }
    return this.comparison(this.fieldOf(token.text), operator.text as Comparison, value.text)
  }

  private fieldOf(name: string): FilterField {
    const field = findField(this.fields, name)
    if (!field) {
      throw new FilterProblem(
        `There is no “${name}” here. Known: ${this.fields.map((known) => known.name).join(', ')}.`,
      )
    }
    return field
  }

  private comparison(field: FilterField, comparison: Comparison, value: string): Filter {
    const number = numberOf(value)
    if (field.kind === 'hash' && /[<>]/.test(comparison))
      throw new FilterProblem(
        `${field.name} ${comparison} means nothing; expected ${field.name} = or ${field.name} !=.`,
      )
    if (number === null && comparison !== '~' && (/^(number|share)$/.test(field.kind) || /[<>]/.test(comparison))) {
      throw new FilterProblem(`${field.name} ${comparison} needs a number, not “${value}”.`)
    }
    if (field.kind === 'share' && number !== null && number > 1 && comparison !== '~') {
      throw new FilterProblem(`${field.name} goes from 0 to 1: write ${value} % or ${number / 100}.`)
    }
    return { type: 'compare', field: field.name, kind: field.kind, comparison, value }
  }

  private takeWord(word: string): boolean {
    if (!isWord(this.tokens[this.at], word)) return false
    this.at += 1
    return true
  }
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'name' && token.text.toLowerCase() === word
}
