/** The words and operators of a shell line, quotes resolved as bash resolves them; what only a shell puts in is told. */

/** `refused`: the line means something else without it; `left out`: it is not needed here; `kept`: it stays as it is written. */
export type ShellRemark = { text: string; kind: 'refused' | 'left out' | 'kept'; message: string }

/** A word with what stood in quotes told apart, or an operator of the shell. */
export type Token = { word: string; plain: string; quoted: boolean } | { operator: string }

const controls = [
  '&&',
  '||',
  ';;',
  '|&',
  '&>>',
  '&>',
  '<<<',
  '<<',
  '>>',
  '>&',
  '<&',
  '>|',
  '<>',
  '|',
  ';',
  '&',
  '>',
  '<',
  '(',
  ')',
  '\n',
]
/** Reads a line once from its beginning to its end; what is to be told of it goes into `remarks`. */
export class Scanner {
  readonly #text: string
  readonly #isPlaceholder: (name: string) => boolean
  readonly #remarks: ShellRemark[]
  #at = 0

  constructor(text: string, isPlaceholder: (name: string) => boolean, remarks: ShellRemark[]) {
    this.#text = text.replaceAll('\r\n', '\n')
    this.#isPlaceholder = isPlaceholder
    this.#remarks = remarks
  }

  tokens(): Token[] {
    const tokens: Token[] = []
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at)
      const blank = /^(?:[ \t]|\\\n)+/.exec(rest)
      if (blank) this.#at += blank[0].length
      else if (rest.startsWith('#')) this.#at += /^[^\n]*/.exec(rest)![0].length
      else {
        const operator = controls.find((one) => rest.startsWith(one))
        if (operator !== undefined) {
          this.#at += operator.length
          tokens.push({ operator })
        } else tokens.push(this.#word())
      }
    }
    return tokens
  }

  #word(): Token {
    let word = ''
    /** The same with every quoted character as a NUL, so that what only unquoted text means can be seen. */
    let plain = ''
    let quoted = false
    const take = (text: string, isQuoted: boolean) => {
      word += text
      plain += isQuoted ? '\0'.repeat(text.length) : text
      quoted ||= isQuoted
    }
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at)
      const character = rest[0]!
      if (/^[ \t]/.test(rest) || controls.some((one) => rest.startsWith(one))) break
      if (rest.startsWith('\\\n')) this.#at += 2
      else if (character === '\\') {
        take(this.#literal(rest[1] ?? '\\', rest[2]), true)
        this.#at += Math.min(2, rest.length)
      } else if (character === "'") take(this.#single(rest), true)
      else if (character === '"') take(this.#double(), true)
      else if (rest.startsWith("$'")) take(this.#ansi(rest), true)
      else if (rest.startsWith('$"')) {
        this.#at += 1
        take(this.#double(), true)
      } else if (character === '$' || character === '`') {
        const [text, isOurs] = this.#dollar(rest)
        take(text, isOurs)
      } else {
        take(character, false)
        this.#at += 1
      }
    }
    this.#lookForExpansions(word, plain)
    return { word, plain, quoted }
  }

  /** A character that stands for itself; before `{` ours need one more `$`. */
  #literal(character: string, next: string | undefined): string {
    return character === '$' && next === '{' && !this.#isOurs(this.#at + 1) ? '$$' : character
  }

  /** Whether `${name}` of ours begins there. */
  #isOurs(at: number): boolean {
    const name = /^\$\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)\}/.exec(this.#text.slice(at))?.[1]
    return name !== undefined && this.#isPlaceholder(name)
  }

  /** Text without a shell's meaning: `${` in it is none of ours, but for the names that are. */
  #verbatim(text: string): string {
    return text.replace(/\$\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)?(\})?/g, (all, name: string | undefined, end?: string) =>
      name !== undefined && end !== undefined && this.#isPlaceholder(name) ? all : `$${all}`,
    )
  }

  #single(rest: string): string {
    const end = rest.indexOf("'", 1)
    if (end < 0) return this.#unclosed(rest, "'")
    this.#at += end + 1
    return this.#verbatim(rest.slice(1, end))
  }

  #double(): string {
    let text = ''
    const start = this.#at
    this.#at += 1
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at)
      if (rest[0] === '"') {
        this.#at += 1
        return text
      }
      if (rest[0] === '\\' && /^\\[$`"\\\n]/.test(rest)) {
        if (rest[1] !== '\n') text += this.#literal(rest[1]!, rest[2])
        this.#at += 2
      } else if (rest[0] === '$' || rest[0] === '`') text += this.#dollar(rest)[0]
      else {
        text += rest[0]
        this.#at += 1
      }
    }
    this.#at = start
    return this.#unclosed(this.#text.slice(start), '"')
  }

  #ansi(rest: string): string {
    const match = /^\$'((?:[^'\\]|\\[^])*)'/.exec(rest)
    if (!match) return this.#unclosed(rest, "'")
    this.#at += match[0].length
    const plain = match[1]!.replace(
      /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([^]))/g,
      (_, octal?: string, hex?: string, short?: string, long?: string, one?: string) => {
        if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8) & 255)
        const code = hex ?? short ?? long
        if (code !== undefined) return String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff))
        return escapes[one!] ?? (/['"\\?]/.test(one!) ? one! : `\\${one}`)
      },
    )
    return this.#verbatim(plain)
  }

  #unclosed(rest: string, quote: string): string {
    this.#remarks.push({
      text: rest.slice(0, 40),
      kind: 'refused',
      message: `The quote ${quote} is not closed; expected another ${quote} where the text ends`,
    })
    this.#at = this.#text.length
    return ''
  }

  /** What begins with `$` or a backtick; whether it is a placeholder of ours, or no expansion at all. */
  #dollar(rest: string): [text: string, isOurs: boolean] {
    const ours = this.#isOurs(this.#at) ? /^\$\{[^}]*\}/.exec(rest)![0] : null
    if (ours !== null) {
      this.#at += ours.length
      return [ours, true]
    }
    const [kind, text] = expansionIn(rest)
    if (kind === null) {
      this.#at += 1
      return ['$', true]
    }
    this.#at += text.length
    this.#remarks.push({ text, kind: 'refused', message: expansionAdvice[kind] })
    return [text, true]
  }

  #lookForExpansions(word: string, plain: string): void {
    const tell = (text: string, kind: ShellRemark['kind'], message: string) =>
      this.#remarks.push({ text, kind, message })
    const value = /^[A-Za-z_]\w*=/.exec(plain)?.[0].length ?? 0
    if (plain.slice(value).startsWith('~') || plain.startsWith('~'))
      tell(word, 'refused', 'Only a shell knows ~; expected the folder itself, e.g. /home/me/models')
    if (/\{[^{}\0]*(?:,|\.\.)[^{}\0]*\}/.test(plain.replaceAll(/\$\{[^}]*\}/g, '')))
      tell(
        word,
        'refused',
        'A shell makes several words of {a,b}; expected each of them, or quotes around it where it is one',
      )
    else if (/[*?]|\[[^\]]*\]/.test(plain))
      tell(
        word,
        'kept',
        'A shell would put in the names of files; here it reaches the program as it stands. Write the files, or let the program find them',
      )
  }
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', e: '\u001b', E: '\u001b', f: '\f', v: '\v' } // prettier-ignore

type Expansion = 'command' | 'arithmetic' | 'variable' | 'special'
const expansionAdvice: Record<Expansion, string> = {
  command:
    'Only a shell puts in what another command prints; expected the text itself, or a script that does it: bash train.sh',
  arithmetic: 'Only a shell computes it; expected the number itself, or a script that does it: bash train.sh',
  variable:
    'It is a variable of your shell; expected the value itself, or an axis of that name, which is put in as ${name}',
  special: 'It has a meaning in a shell alone; expected the value itself',
}

function expansionIn(rest: string): [Expansion | null, string] {
  const patterns: [Expansion, RegExp][] = [
    ['command', /^`[^`]*`?/],
    ['arithmetic', /^\$\(\([^]*?\)\)/],
    ['command', /^\$\([^)]*\)?/],
    ['variable', /^\$\{[^}]*\}?/],
    ['variable', /^\$[A-Za-z_]\w*/],
    ['special', /^\$[0-9@*#?$!-]/],
  ]
  for (const [kind, pattern] of patterns) {
    const match = pattern.exec(rest)
    if (match) return [kind, match[0]]
  }
  return [null, '$']
}
