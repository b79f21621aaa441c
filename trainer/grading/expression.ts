/**
 * Reads a mathematical expression, as LaTeX or as typed on a keyboard, into a function of its variables. Enough of LaTeX
 * for answers: numbers, + - * / ^, \frac, \sqrt, \binom, factorials, the usual functions, \pi, e and letters. Multiplication
 * may be left out. Nothing is executed: the text only ever becomes arithmetic.
 */

/** Values of the letters of an expression. */
type Assignment = Record<string, number>
type Evaluate = (values: Assignment) => number
export type Expression = { evaluate: Evaluate; variables: string[] }

const functions: Record<string, (x: number) => number> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  cot: (x) => 1 / Math.tan(x),
  sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  ln: Math.log,
  log: Math.log10,
  exp: Math.exp,
  sqrt: Math.sqrt,
  abs: Math.abs,
}
const constants: Record<string, number> = {
  '\\pi': Math.PI,
  pi: Math.PI,
  π: Math.PI,
  e: Math.E,
  '\\infty': Infinity,
  '∞': Infinity,
}

const tokenPattern = /\s+|\d+(?:\.\d+)?|\.\d+|\\[A-Za-z]+|π|∞|[A-Za-z]+|\*\*|[-+*/^!(){}[\]|_·×÷−]/gu

function tokenize(text: string): string[] | null {
  const tokens: string[] = []
  let end = 0
  for (const match of text.matchAll(tokenPattern)) {
    if (match.index !== end) return null
    end += match[0].length
    if (match[0].trim() === '') continue
    // words other than names of functions are letters multiplied with each other
    if (/^[A-Za-z]+$/.test(match[0]) && !(match[0] in functions) && !(match[0] in constants)) tokens.push(...match[0])
    else tokens.push(match[0])
  }
  return end === text.length ? tokens : null
}

function factorial(n: number): number {
  if (!Number.isInteger(n) || n < 0 || n > 170) return Number.NaN
  let product = 1
  for (let factor = 2; factor <= n; factor++) product *= factor
  return product
}

class Parser {
  private readonly tokens: string[]
  private at = 0
  readonly variables = new Set<string>()

  constructor(tokens: string[]) {
    this.tokens = tokens
  }

  private peek(): string | undefined {
    return this.tokens[this.at]
  }

  private take(...expected: string[]): string | null {
    const token = this.peek()
    if (token === undefined || !expected.includes(token)) return null
    this.at += 1
    return token
  }

  private need(expected: string): void {
    if (this.take(expected) === null) throw new Error(`expected ${expected}`)
  }

  whole(): Evaluate {
    const value = this.sum()
    if (this.at < this.tokens.length) throw new Error(`unexpected ${this.peek()}`)
    return value
  }

  private sum(): Evaluate {
    let left = this.product()
    for (let sign = this.take('+', '-', '−'); sign !== null; sign = this.take('+', '-', '−')) {
      const [a, b] = [left, this.product()]
      left = sign === '+' ? (values) => a(values) + b(values) : (values) => a(values) - b(values)
    }
    return left
  }

  private product(): Evaluate {
    let left = this.signed()
    for (;;) {
      const times = this.take('*', '\\cdot', '\\times', '·', '×')
      const over = times === null ? this.take('/', '\\div', '÷') : null
      if (times === null && over === null && !this.startsFactor()) return left
      const a = left
      // what stands side by side binds like a product: 2x, 3(4)
      const b = times === null && over === null ? this.power() : this.signed()
      left = over !== null ? (values) => a(values) / b(values) : (values) => a(values) * b(values)
    }
  }

  private startsFactor(): boolean {
    const token = this.peek()
    if (token === undefined) return false
    return (
      /^[\dA-Za-z.(π∞{]/u.test(token) ||
      /^\\(frac|sqrt|binom|pi|infty|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|ln|log|exp)$/.test(token)
    )
  }

  private signed(): Evaluate {
    if (this.take('+') !== null) return this.signed()
    if (this.take('-', '−') !== null) {
      const value = this.signed()
      return (values) => -value(values)
    }
    return this.power()
  }

  private power(): Evaluate {
    let base = this.atom()
    while (this.take('!') !== null) {
      const value = base
      base = (values) => factorial(value(values))
    }
    if (this.take('^', '**') === null) return base
    const exponent = this.take('-', '−') !== null ? this.negated(this.power()) : this.power()
    const value = base
    return (values) => value(values) ** exponent(values)
  }

  private negated(value: Evaluate): Evaluate {
    return (values) => -value(values)
  }

  /** An argument of \frac or \sqrt: braces, or a single digit or letter as in \frac12. */
  private argument(): Evaluate {
    const token = this.peek()
    if (token !== undefined && /^\d{2,}/.test(token)) {
      this.tokens.splice(this.at, 1, token[0]!, token.slice(1))
    }
    return this.atom()
  }

  private between(close: string): Evaluate {
    const value = this.sum()
    this.need(close)
    return value
  }

  private atom(): Evaluate {
    const token = this.peek()
    if (token === undefined) throw new Error('unexpected end')
    this.at += 1
    if (/^[\d.]/.test(token)) return this.mixed(Number(token))
    if (token in constants) return () => constants[token]!
    if (token === '(') return this.between(')')
    if (token === '{') return this.between('}')
    if (token === '[') return this.between(']')
    if (token === '|') {
      const value = this.between('|')
      return (values) => Math.abs(value(values))
    }
    if (token === '\\frac') {
      const [over, under] = [this.argument(), this.argument()]
      return (values) => over(values) / under(values)
    }
    if (token === '\\binom') {
      const [n, k] = [this.argument(), this.argument()]
      return (values) => factorial(n(values)) / (factorial(k(values)) * factorial(n(values) - k(values)))
    }
    if (token === '\\sqrt' && this.take('[') !== null) {
      const degree = this.between(']')
      const value = this.argument()
      return (values) => Math.sign(value(values)) * Math.abs(value(values)) ** (1 / degree(values))
    }
    const name = token.replace(/^\\/, '')
    if (name in functions) return this.call(name)
    if (/^[A-Za-z]$/.test(token)) {
      this.variables.add(token)
      return (values) => values[token] ?? Number.NaN
    }
    throw new Error(`unexpected ${token}`)
  }

  /** A whole number before \frac is a mixed number: 1\frac{1}{2} is 3/2. */
  private mixed(value: number): Evaluate {
    if (!Number.isInteger(value) || this.peek() !== '\\frac') return () => value
    const fraction = this.atom()
    return (values) => value + fraction(values)
  }

  private call(name: string): Evaluate {
    let base: Evaluate | null = null
    if (name === 'log' && this.take('_') !== null) base = this.argument()
    const exponent = this.take('^') !== null ? this.argument() : null
    const given = name === 'sqrt' ? this.argument() : this.power()
    return (values) => {
      const x = given(values)
      const result = base === null ? functions[name]!(x) : Math.log(x) / Math.log(base(values))
      return exponent === null ? result : result ** exponent(values)
    }
  }
}

/** The expression, or null where the text is none. */
export function parseExpression(text: string): Expression | null {
  // answers are short; anything longer is compared as text
  if (text.length > 300) return null
  const tokens = tokenize(text)
  if (tokens === null || tokens.length === 0) return null
  try {
    const parser = new Parser(tokens)
    const evaluate = parser.whole()
    return { evaluate, variables: [...parser.variables].sort() }
  } catch {
    return null
  }
}
