/**
 * Reads a mathematical expression, as LaTeX or as typed on a keyboard, into a tree. Enough of LaTeX for answers: numbers
 * (repeating and scientific ones too), + - * / ^, fractions, roots, binomials, factorials, the usual functions, π, e, i and
 * letters with subscripts. Multiplication may be left out. Nothing is executed: the text only ever becomes arithmetic.
 */

export type Node =
  | { kind: 'number'; over: bigint; under: bigint }
  | { kind: 'constant'; value: number }
  | { kind: 'imaginary' }
  | { kind: 'letter'; name: string }
  | {
      kind: 'sum' | 'product' | 'quotient' | 'power' | 'gcd' | 'lcm' | 'binomial' | 'root' | 'logarithm'
      a: Node
      b: Node
    }
  | { kind: 'negative' | 'factorial' | 'degrees'; a: Node }
  | { kind: 'call'; name: string; a: Node }

export type Expression = { node: Node; letters: string[]; imaginary: boolean }

/** Functions of one number. */
const callable = new Set(
  'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log lg exp sqrt abs floor ceil'.split(' '),
)
const angled = new Set(['sin', 'cos', 'tan', 'cot', 'sec', 'csc'])
const paired = new Set(['gcd', 'lcm'])
const constants: Record<string, number> = { '\\pi': Math.PI, pi: Math.PI, π: Math.PI, e: Math.E }
const greek = new Set(
  'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta kappa lambda mu nu xi rho sigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Sigma Phi Psi Omega ell'.split(
    ' ',
  ),
)

/** What an answer may hold of each: anything larger is compared as text, so that no answer costs more than a moment. */
const limits = { characters: 400, tokens: 200, depth: 40 }

type Token = { text: string; spaced: boolean }

const tokenPattern =
  /\s+|\d+\.\d*\\overline\{\d{1,40}\}|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\d.])|\.\d+|\d+|\\[A-Za-z]+|π|√|°|[A-Za-z]+'*|[\u0370-\u03ff]|\*\*|[-+*/^!(){}[\]|_,·×÷−⌊⌋⌈⌉]/gu

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = []
  let end = 0
  let spaced = false
  for (const match of text.matchAll(tokenPattern)) {
    if (match.index !== end || tokens.length > limits.tokens) return null
    const token = match[0]
    end += token.length
    if (token.trim() === '') {
      spaced = true
      continue
    }
    // words other than names of functions are letters multiplied with each other; a prime belongs to its letter
    if (/^[A-Za-z]/.test(token) && !callable.has(token) && !paired.has(token) && !(token in constants)) {
      for (const [letter] of token.matchAll(/[A-Za-z]'*/g)) tokens.push({ text: letter, spaced })
    } else tokens.push({ text: token, spaced })
    spaced = false
  }
  return end === text.length && tokens.length > 0 ? tokens : null
}

/** A decimal, exactly. Scientific exponents above 400 are refused. */
function readNumber(text: string): Node {
  const repeating = /^(\d+)\.(\d*)\\overline\{(\d+)\}$/.exec(text)
  if (repeating !== null) return readRepeating(repeating[1]!, repeating[2]!, repeating[3]!)
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e') as [string, string?]
  if (Math.abs(Number(exponent)) > 400) throw new Error('exponent')
  const [whole, decimals = ''] = mantissa.split('.') as [string, string?]
  const power = Number(exponent) - decimals.length
  const digits = BigInt(whole + decimals)
  return power >= 0
    ? { kind: 'number', over: digits * 10n ** BigInt(power), under: 1n }
    : { kind: 'number', over: digits, under: 10n ** BigInt(-power) }
}

/** 0.1\\overline{6}, exactly: over the period's 9s. */
function readRepeating(whole: string, decimals: string, period: string): Node {
  const nines = 10n ** BigInt(period.length) - 1n
  return {
    kind: 'number',
    over: BigInt(whole + decimals) * nines + BigInt(period),
    under: nines * 10n ** BigInt(decimals.length),
  }
}

const number = (value: number): Node => ({ kind: 'number', over: BigInt(value), under: 1n })

class Parser {
  private readonly tokens: Token[]
  private at = 0
  private depth = 0
  /** How many | are open: the next one may close. */
  private bars = 0
  readonly letters = new Set<string>()
  imaginary = false

  constructor(tokens: Token[]) {
    this.tokens = tokens
  }

  private peek(): string | undefined {
    return this.tokens[this.at]?.text
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

  whole(): Node {
    const value = this.group()
    if (this.at < this.tokens.length) throw new Error(`unexpected ${this.peek()}`)
    return value
  }

  /** A sum, or TeX's `a \over b`. */
  private group(): Node {
    if (++this.depth > limits.depth) throw new Error('too deep')
    const over = this.sum()
    const value: Node = this.take('\\over') === null ? over : { kind: 'quotient', a: over, b: this.sum() }
    this.depth--
    return value
  }

  private sum(): Node {
    let left = this.product()
    for (let sign = this.take('+', '-', '−'); sign !== null; sign = this.take('+', '-', '−')) {
      const right = this.product()
      left = { kind: 'sum', a: left, b: sign === '+' ? right : { kind: 'negative', a: right } }
    }
    return left
  }

  private product(): Node {
    let left = this.signed()
    for (;;) {
      const times = this.take('*', '\\cdot', '\\times', '·', '×')
      const over = times === null ? this.take('/', '\\div', '÷') : null
      if (times === null && over === null && !this.startsFactor()) return left
      // what stands side by side binds like a product: 2x, 3(4)
      const right = times === null && over === null ? this.power() : this.signed()
      left = { kind: over === null ? 'product' : 'quotient', a: left, b: right }
    }
  }

  private startsFactor(): boolean {
    const token = this.peek()
    if (token === undefined || (token === '|' && this.bars > 0)) return false
    // two numbers side by side are no product: "4 2" is not 8, and not 42
    if (/^[\d.]/.test(token)) return !/^[\d.]/.test(this.tokens[this.at - 1]!.text)
    if (token.startsWith('\\')) return /^\\(frac|sqrt|binom|pi|lfloor|lceil)$/.test(token) || this.named(token) !== null
    return /^[A-Za-z(π√{|⌊⌈\u0370-\u03ff]/u.test(token)
  }

  private signed(): Node {
    if (++this.depth > limits.depth) throw new Error('too deep')
    const sign = this.take('+', '-', '−')
    const value = sign === null ? this.power() : this.signed()
    this.depth--
    return sign === null || sign === '+' ? value : { kind: 'negative', a: value }
  }

  private power(): Node {
    let base = this.atom()
    for (let suffix = this.take('!', '°'); suffix !== null; suffix = this.take('!', '°')) {
      base = { kind: suffix === '!' ? 'factorial' : 'degrees', a: base }
    }
    return this.take('^', '**') === null ? base : { kind: 'power', a: base, b: this.signed() }
  }

  /** An argument of \frac or \sqrt: braces, or a single digit or letter as in \frac12. */
  private argument(): Node {
    const token = this.peek()
    if (token !== undefined && /^\d{2,}/.test(token)) {
      this.tokens.splice(this.at, 1, { text: token[0]!, spaced: false }, { text: token.slice(1), spaced: false })
    }
    if (++this.depth > limits.depth) throw new Error('too deep')
    const value = token === '-' || token === '−' ? this.signed() : this.atom()
    this.depth--
    return value
  }

  private between(close: string): Node {
    const value = this.group()
    this.need(close)
    return value
  }

  private named(token: string): string | null {
    const name = token.replace(/^\\/, '')
    return callable.has(name) || paired.has(name) || (token !== name && greek.has(name)) ? name : null
  }

  private atom(): Node {
    const token = this.peek()
    if (token === undefined) throw new Error('unexpected end')
    this.at += 1
    if (/^[\d.]/.test(token)) return this.mixed(token)
    if (token in constants) return { kind: 'constant', value: constants[token]! }
    if (token === '(') return this.between(')')
    if (token === '{') return this.between('}')
    if (token === '[') return this.between(']')
    if (token === '\\lfloor' || token === '⌊') return this.rounded('floor', '\\rfloor', '⌋')
    if (token === '\\lceil' || token === '⌈') return this.rounded('ceil', '\\rceil', '⌉')
    if (token === '|') {
      this.bars++
      const value = this.group()
      this.bars--
      this.need('|')
      return { kind: 'call', name: 'abs', a: value }
    }
    if (token === '\\frac') return { kind: 'quotient', a: this.argument(), b: this.argument() }
    if (token === '\\binom') return { kind: 'binomial', a: this.argument(), b: this.argument() }
    if (token === '\\sqrt' || token === '√' || token === 'sqrt') return this.root()
    const name = this.named(token)
    if (name !== null && callable.has(name)) return this.call(name)
    if (name !== null && paired.has(name)) return this.pair(name as 'gcd' | 'lcm')
    if (token === 'i') {
      this.imaginary = true
      return { kind: 'imaginary' }
    }
    if (/^[A-Za-z]'*$/.test(token)) return this.letter(token)
    if (name !== null || /^[\u0370-\u03ff]$/u.test(token)) return this.letter(name ?? token)
    throw new Error(`unexpected ${token}`)
  }

  private rounded(name: string, close: string, sign: string): Node {
    const value = this.group()
    if (this.take(close, sign) === null) throw new Error(`expected ${sign}`)
    return { kind: 'call', name, a: value }
  }

  private letter(letter: string): Node {
    let name = letter
    if (this.take('_') !== null) {
      const braces = this.take('{') !== null
      name += '_'
      do {
        const part = this.peek()
        if (part === undefined || !/^[A-Za-z\d]/.test(part)) throw new Error('subscript')
        this.at += 1
        name += part
      } while (braces && this.take('}') === null)
    }
    this.letters.add(name)
    return { kind: 'letter', name }
  }

  private root(): Node {
    const degree = this.take('[') === null ? number(2) : this.between(']')
    // \sqrt12 is meant as the root of 12
    const token = this.peek()
    if (token !== undefined && /^\d/.test(token)) {
      this.at += 1
      return { kind: 'root', a: readNumber(token), b: degree }
    }
    return { kind: 'root', a: this.argument(), b: degree }
  }

  /** A whole number before a fraction is a mixed number: 1\frac{1}{2} and `1 1/2` are 3/2. */
  private mixed(token: string): Node {
    const value = readNumber(token)
    if (!/^\d+$/.test(token)) return value
    if (this.peek() === '\\frac') return { kind: 'sum', a: value, b: this.atom() }
    const [over, slash, under] = [this.tokens[this.at], this.tokens[this.at + 1], this.tokens[this.at + 2]]
    if (!over?.spaced || slash?.text !== '/' || ![over.text, under?.text ?? ''].every((text) => /^\d+$/.test(text)))
      return value
    this.at += 3
    return { kind: 'sum', a: value, b: { kind: 'quotient', a: readNumber(over.text), b: readNumber(under!.text) } }
  }

  private pair(kind: 'gcd' | 'lcm'): Node {
    this.need('(')
    const a = this.group()
    this.need(',')
    return { kind, a, b: this.between(')') }
  }

  /** What a function is of: brackets, or all that stands side by side up to the next function, as in \sin 2\theta. */
  private applied(): Node {
    const bracketed = this.peek() === '('
    let value = this.power()
    while (!bracketed && this.startsFactor() && this.peek() !== '(') {
      const name = this.named(this.peek()!)
      if (name !== null && (callable.has(name) || paired.has(name))) break
      value = { kind: 'product', a: value, b: this.power() }
    }
    return value
  }

  private call(name: string): Node {
    const base = name === 'log' && this.take('_') !== null ? this.argument() : null
    let exponent: Node | null = this.take('^', '**') === null ? null : this.argument()
    let called = name
    if (exponent?.kind === 'negative' && angled.has(name) && isOne(exponent.a)) {
      called = `arc${name}`
      exponent = null
    }
    const given = this.applied()
    const value: Node =
      base === null ? { kind: 'call', name: called, a: given } : { kind: 'logarithm', a: given, b: base }
    return exponent === null ? value : { kind: 'power', a: value, b: exponent }
  }
}

const isOne = (node: Node) => node.kind === 'number' && node.over === node.under

/** The expression, or null where the text is none. */
export function parseExpression(text: string): Expression | null {
  // answers are short; anything longer is compared as text
  if (text.length > limits.characters) return null
  const tokens = tokenize(text)
  if (tokens === null) return null
  try {
    const parser = new Parser(tokens)
    const node = parser.whole()
    return { node, letters: [...parser.letters].sort(), imaginary: parser.imaginary }
  } catch {
    return null
  }
}
