/**
 * A command line as people have it, taken apart as bash would: words, quotes, continuation lines, and the variables before the program.
 * Nothing is expanded, looked up or run. What only a shell does is named, with what to write instead.
 */
import { Scanner, type ShellRemark, type Token } from './shell-words.ts'
export type { ShellRemark } from './shell-words.ts'

export type ShellLine = {
  /** The program and its arguments. Empty where something is refused. */
  words: string[]
  /** Variables that stand before the program, NAME=value. */
  environment: string[]
  /** Where a leading `cd` goes; null where there is none. */
  directory: string | null
  remarks: ShellRemark[]
}

const logIsKept = 'what a program prints is kept with each attempt, so it is left out'

/** Takes a pasted line apart. `isPlaceholder`: names that stand for a value of ours as `${name}`. */
export function readShellLine(text: string, isPlaceholder: (name: string) => boolean): ShellLine {
  const remarks: ShellRemark[] = []
  const scanner = new Scanner(text.trimStart().replace(/^\$\s+/, ''), isPlaceholder, remarks)
  const tokens = scanner.tokens()
  const commands = splitCommands(tokens, remarks)
  const found: ShellLine = { words: [], environment: [], directory: null, remarks }
  commands.forEach(({ words, operator }, at) => {
    const isLast = at === commands.length - 1
    if (!isLast && isPreparation(words, found)) return
    if (!isLast || operator === '|') {
      remarks.push({ text: operator ?? ';', kind: 'refused', message: adviceFor(operator ?? ';', words) })
      return
    }
    const { environment, rest } = splitEnvironment(words)
    found.environment.push(...environment)
    found.words = rest.map(({ word }) => word)
    const keyword = rest[0] !== undefined && !rest[0].quoted ? rest[0].plain : ''
    if (keywords.has(keyword))
      remarks.push({
        text: keyword,
        kind: 'refused',
        message: `${keyword} is a word of the shell alone; put it into a script, and run that: bash train.sh`,
      })
  })
  if (remarks.some(({ kind }) => kind === 'refused')) found.words = []
  return found
}

const keywords = new Set([
  'if',
  'for',
  'while',
  'until',
  'case',
  'function',
  'select',
  'time',
  '!',
  '{',
  '[[',
  'export',
  'source',
  '.',
  'cd',
  'alias',
  'eval',
  'set',
  'unset',
  'ulimit',
])

type Word = Extract<Token, { word: string }>

/** The commands of a line; redirections, `tee` and a last `&` are left out, as the log is kept anyway. */
function splitCommands(tokens: Token[], remarks: ShellRemark[]): { words: Word[]; operator: string | null }[] {
  const commands: { words: Word[]; operator: string | null }[] = [{ words: [], operator: null }]
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    const last = commands.at(-1)!
    if ('word' in token) {
      last.words.push(token)
      continue
    }
    const { operator } = token
    const next = tokens[at + 1]
    const target = next && 'word' in next ? next : null
    if (/^[0-9]*[<>]|^&>|^>&/.test(operator)) {
      // the number of a stream stands right before it: `2>`
      const stream = last.words.at(-1)
      const number = stream && /^\d$/.test(stream.plain) && /^[<>]/.test(operator) ? last.words.pop()!.word : ''
      const text = `${number}${operator}${operator.endsWith('&') ? '' : ' '}${target?.word ?? ''}`.trim()
      if (operator.startsWith('<'))
        remarks.push({
          text,
          kind: 'refused',
          message:
            'A program has no input here; expected the file as an argument, or a script that reads it: bash train.sh',
        })
      else remarks.push({ text, kind: 'left out', message: `It writes the log to a place of its own; ${logIsKept}` })
      if (target) at += 1
    } else if ((operator === '|' || operator === '|&') && target?.word === 'tee') {
      const words: string[] = []
      for (at += 1; at < tokens.length && 'word' in tokens[at]!; at++) words.push((tokens[at] as Word).word)
      at -= 1
      remarks.push({ text: `| ${words.join(' ')}`, kind: 'left out', message: `It copies the log; ${logIsKept}` })
    } else if (operator === '&' && tokens.slice(at + 1).every((rest) => 'operator' in rest && rest.operator === '\n'))
      remarks.push({
        text: '&',
        kind: 'left out',
        message: 'A training runs beside everything else anyway, so it is left out',
      })
    else if (operator === '(' || operator === ')')
      remarks.push({
        text: operator,
        kind: 'refused',
        message: 'Only a shell groups commands; expected one command, or quotes around the text',
      })
    else if (last.words.length > 0) {
      last.operator = operator === '\n' ? ';' : operator === '|&' ? '|' : operator
      commands.push({ words: [], operator: null })
    }
  }
  if (commands.length > 1 && commands.at(-1)!.words.length === 0) commands.pop()
  const last = commands.at(-1)!
  if (last.operator === ';') last.operator = null
  return commands
}

/** Takes what only prepares the command after it: where it runs, and variables. Gives whether it was that. */
function isPreparation(words: readonly Word[], found: ShellLine): boolean {
  const [first, second] = words.map(({ word }) => word)
  if (first === 'cd' && words.length === 2) {
    found.directory = second!
    return true
  }
  if (first === 'export' && words.length > 1) {
    const { environment, rest } = splitEnvironment(words.slice(1))
    found.environment.push(...environment)
    return rest.length === 0
  }
  const { environment, rest } = splitEnvironment(words)
  if (rest.length > 0) return false
  // without export they would not reach the program, but that is what was meant
  found.environment.push(...environment)
  return true
}

function splitEnvironment(words: readonly Word[]): { environment: string[]; rest: Word[] } {
  const rest = [...words]
  const environment: string[] = []
  while (rest[0] && /^[A-Za-z_]\w*=/.test(rest[0].plain)) environment.push(rest.shift()!.word)
  return { environment, rest }
}

function adviceFor(operator: string, words: readonly Word[]): string {
  const [first, second] = words.map(({ word }) => word)
  if ((first === 'source' || first === '.') && second !== undefined && second.endsWith('/activate'))
    return `There is no shell to run ${first} ${second} in; expected that environment's own program: ${second.replace(/activate$/, 'python')}`
  if (first === 'conda' && second === 'activate')
    return `There is no shell to run conda activate in; expected conda run --no-capture-output -n ${words[2]?.word ?? 'NAME'} before the program`
  if (first === 'module') return 'There is no shell to load modules in; expected a script that does: bash train.sh'
  if (operator === '|')
    return 'Only a shell hands what one program prints to another; expected a script that does: bash train.sh'
  return `Only a shell runs several commands (${first ?? ''} …, then another); expected one: put them into a script, and run that: bash train.sh`
}
