/** The text of a sweep file or a curriculum file (YAML, or JSON as a part of it), with the place of all that is wrong. */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { Issue } from '../../domain/errors.ts'
import type { Curriculum } from '../../domain/sweep/curriculum.ts'
import { type Parsed, parseCurriculum, parseSweepFile } from '../../domain/sweep/parse-sweep.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import { Texts, type Written } from '../../domain/sweep/written.ts'
import { isWandbSweep } from './wandb-sweep.ts'

/** 1-based; empty where there is no place to name. */
export type Place = { line?: number; column?: number }

export type ReadText<Definition> = {
  /** null when the text cannot be read as one; then `issues` says why. */
  definition: Definition | null
  issues: Issue[]
  /** Where a path of the definition stands in the text, or the nearest part of it that does. */
  locate: (path: Issue['path']) => Place
}

const maximumCharacters = 4_000_000
/** Aliases may repeat parts; what they unfold to is bounded by this. */
const maximumNodes = 300_000
const maximumSyntaxIssues = 20
const mostOpenBrackets = 2000
/** Of what else is wrong so much is told; finding the place of each takes as long as the file has keys. */
const maximumIssues = 200

/** What a file is read as. */
type Kind<Definition> = {
  noun: string
  /** What an empty file is told to hold. */
  expected: string
  /** A path of the file as a path of the sweep that stands there. */
  inSweep: (path: Issue['path']) => Issue['path']
  parse: (input: unknown) => Parsed<Definition>
  /** The definition with how the numbers of its `config` stand in the file; `writtenOf` gives that of a path. */
  withWritten: (definition: Definition, writtenOf: (path: Issue['path']) => Written) => Definition
}

const sweepKind: Kind<Sweep> = {
  noun: 'sweep',
  expected: 'a sweep with name, axes, train (or trainer) and score',
  inSweep: (path) => path,
  parse: (input) =>
    hasStages(input)
      ? { definition: null, issues: [curriculumIssue] }
      : isWandbSweep(input)
        ? { definition: null, issues: [wandbIssue] }
        : parseSweepFile(input),
  withWritten: (sweep, writtenOf) => ({ ...sweep, ...writtenIn(sweep.config, writtenOf(['config'])) }),
}

const curriculumIssue = {
  path: ['stages'],
  atKey: true as const,
  message:
    'The file is a curriculum, several sweeps one after the other; expected one sweep. A curriculum starts on the page New curriculum, or from a terminal: npm run sweep -- FILE.',
}

const wandbIssue = {
  path: ['parameters'],
  atKey: true as const,
  message:
    'The file is a sweep of W&B; expected axes and train. As ours it is printed by: npm run sweep -- convert FILE.',
}

/** Whether what is wrong with a text is that it is a sweep of W&B. */
export function isWandbIssue({ message }: Issue): boolean {
  return message === wandbIssue.message
}

function hasStages(input: unknown): boolean {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, 'stages')
}

const curriculumKind: Kind<Curriculum> = {
  noun: 'curriculum',
  expected: 'a curriculum with name and stages',
  inSweep: (path) => (path[0] === 'stages' ? path.slice(2) : path),
  parse: parseCurriculum,
  withWritten: (curriculum, writtenOf) => ({
    ...curriculum,
    ...writtenIn(curriculum.config, writtenOf(['config'])),
    stages: curriculum.stages.map((stage, at) => ({
      ...stage,
      ...writtenIn(stage.config, writtenOf(['stages', at, 'config'])),
    })),
  }),
}

/** What goes into a definition: nothing where every number is written as JavaScript writes it. */
function writtenIn(config: unknown, written: Written): { written?: Written } {
  return config === undefined || Object.keys(written).length === 0 ? {} : { written }
}

/**
 * Reads a sweep file. Texts that reach a program keep their literals exactly as written: `1e-5`, `07`, `0.10`, `yes`.
 * Never throws for what the text holds.
 */
export function readSweepText(text: string): ReadText<Sweep> {
  return readText(text, sweepKind)
}

/** Reads a curriculum file in the same way; null where the text has no `stages`, so that it is no curriculum. */
export function readCurriculumText(text: string): ReadText<Curriculum> | null {
  if (!/\bstages\b/.test(text)) return null
  let isCurriculum = false
  const read = readText(text, {
    ...curriculumKind,
    parse(input) {
      isCurriculum = hasStages(input)
      return isCurriculum ? parseCurriculum(input) : { definition: null, issues: [] }
    },
  })
  return isCurriculum ? read : null
}

function readText<Definition>(text: string, kind: Kind<Definition>): ReadText<Definition> {
  if (text.length > maximumCharacters) {
    const size = text.length.toLocaleString('en')
    return refused(`The file has ${size} characters; expected at most ${maximumCharacters.toLocaleString('en')}.`)
  }
  if (isBeyondParsing(text)) return refused(tooDeep)
  try {
    return readDocument(text.replace(/^\uFEFF/, ''), kind)
  } catch (error) {
    if (isStackExhausted(error)) return refused(tooDeep)
    throw error
  }
}

const tooDeep = 'The file is nested too deeply to be read.'

/** Whether brackets open so deep that the parser would work a long time before it gives up; those of prose close again. */
function isBeyondParsing(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length && depth <= mostOpenBrackets; at++) {
    const character = text.charCodeAt(at)
    if (character === 0x5b || character === 0x7b) depth += 1
    else if ((character === 0x5d || character === 0x7d) && depth > 0) depth -= 1
  }
  return depth > mostOpenBrackets
}

/** Hundreds of lists in lists exhaust the parser's stack; it throws, or reports its own failure as one of the text. */
function isStackExhausted(error: unknown): boolean {
  return error instanceof Error && /call stack/.test(error.message)
}

function refused(message: string): ReadText<never> {
  return { definition: null, issues: [{ path: [], message, line: 1, column: 1 }], locate: () => ({}) }
}

function readDocument<Definition>(text: string, kind: Kind<Definition>): ReadText<Definition> {
  const lines = new LineCounter()
  const document = withoutStacks(() =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' }),
  )
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return line === 0 ? { line: 1, column: 1 } : { line, column: col }
  }
  const locate = (path: Issue['path']): Place => placeOf(offsetOf(document.contents, path, false))
  if (document.errors.some(isStackExhausted)) return refused(tooDeep)
  if (document.errors.length > 0) {
    const issues = document.errors.slice(0, maximumSyntaxIssues).map((error): Issue => ({
      path: [],
      message: `The file is not valid YAML: ${error.message.replace(/\.?$/, '.')}`,
      ...placeOf(error.pos[0]),
    }))
    return { definition: null, issues, locate }
  }
  const contents = document.contents as Node | null
  if (contents === null || (isScalar(contents) && contents.value === null && !contents.source)) {
    const message = `The file is empty; expected ${kind.expected}.`
    return { definition: null, issues: [{ path: [], message, line: 1, column: 1 }], locate }
  }
  const conversion = new Conversion(kind)
  const input = conversion.valueOf(contents, [])
  if (conversion.issues.length > 0) {
    const issues = firstOf(conversion.issues).map(({ offset, ...issue }) => ({ ...issue, ...placeOf(offset) }))
    return { definition: null, issues, locate }
  }
  const { definition, issues } = kind.parse(input)
  const written = (path: Issue['path']) => conversion.texts.under(valueAt(input, path))
  return {
    definition: definition && kind.withWritten(definition, written),
    issues: firstOf(issues).map(({ atKey, ...issue }) => ({
      ...issue,
      ...placeOf(offsetOf(contents, issue.path, atKey === true)),
    })),
    locate,
  }
}

/** The parser makes an error of each thing that is wrong, tens of thousands in a bad file: where each was made takes longest to say. */
function withoutStacks<Result>(work: () => Result): Result {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return work()
  } finally {
    Error.stackTraceLimit = before
  }
}

/** The first issues, the last of them with how many more there are. */
function firstOf<Told extends Issue>(issues: readonly Told[]): Told[] {
  const more = issues.length - maximumIssues
  const first = issues.slice(0, maximumIssues)
  if (more <= 0) return first
  const last = first.pop()!
  return [...first, { ...last, message: `${last.message} (${more.toLocaleString('en')} more things are wrong.)` }]
}

const lineTexts = ['name', 'checkpoint', 'init', 'from', 'save_as_baseline']

/** Texts that programs get, or that name things: a plain scalar there is its source, not the number it may read as. */
export function isText(path: Issue['path']): boolean {
  const [first, second, third, fourth] = path
  if (first === 'axes')
    return (
      (path.length === 3 && third !== 'integer') ||
      (path.length === 4 && !((third === 'range' || third === 'log') && fourth === 2))
    )
  if (first === 'train' || first === 'evaluate') {
    if (second === 'command' || second === 'env') return path.length === 3
    return second === 'report' && (third === 'file' || third === 'accuracies')
  }
  if (first === 'score') return second === 'baseline' && path.length === 2
  return path.length === 1 && lineTexts.includes(String(first))
}

function valueAt(input: unknown, path: Issue['path']): unknown {
  return path.reduce((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], input)
}

type PlacedIssue = Issue & { offset: number }

/** From the parsed nodes to plain values. What YAML allows and a sweep file has no use for is refused here. */
class Conversion {
  readonly issues: PlacedIssue[] = []
  /** How numbers are written. */
  readonly texts = new Texts()
  readonly #kind: Pick<Kind<unknown>, 'noun' | 'inSweep'>
  readonly #anchors = new Map<string, Node>()
  /** Lists and maps that are being read: an alias to one of them would never end. */
  readonly #open = new Set<Node>()
  #aliasDepth = 0
  #nodes = 0

  constructor(kind: Pick<Kind<unknown>, 'noun' | 'inSweep'>) {
    this.#kind = kind
  }

  valueOf(node: Node | null, path: Issue['path']): unknown {
    if (node === null || this.#isTooMuch(node, path)) return null
    if (isAlias(node)) return this.#targetOf(node, path)
    // an alias means the anchor before it, not one that its own target repeats
    if (node.anchor !== undefined && this.#aliasDepth === 0) this.#anchors.set(node.anchor, node)
    if (node.tag !== undefined) {
      const tag = node.tag.replace(/^tag:yaml\.org,2002:/, '!!')
      this.#refuse(
        node,
        path,
        `The tag ${tag} has no meaning in a ${this.#kind.noun} file; expected the value without it.`,
      )
      return null
    }
    if (isScalar(node)) return scalarValue(node, this.#kind.inSweep(path))
    this.#open.add(node)
    const value = isMap(node) ? this.#entriesOf(node, path) : isSeq(node) ? this.#itemsOf(node, path) : null
    this.#open.delete(node)
    return value
  }

  #targetOf(alias: Alias, path: Issue['path']): unknown {
    const target = this.#anchors.get(alias.source)
    if (target === undefined || this.#open.has(target)) {
      const what = target ? `stands inside &${alias.source} itself` : 'has no anchor before it'
      this.#refuse(alias, path, `The alias *${alias.source} ${what}; expected a value.`)
      return null
    }
    this.#aliasDepth += 1
    const value = this.valueOf(target, path)
    this.#aliasDepth -= 1
    return value
  }

  #itemsOf(list: YAMLSeq, path: Issue['path']): unknown[] {
    const items = list.items.map((item, index) => this.valueOf(item as Node, [...path, index]))
    for (const [index, item] of list.items.entries()) this.#keepText(items, index, item as Node | null)
    return items
  }

  #keepText(holder: Record<string, unknown> | unknown[], key: string | number, node: Node | null): void {
    const scalar = isAlias(node) ? this.#anchors.get(node.source) : node
    if (isScalar(scalar) && typeof scalar.value === 'number' && scalar.source !== undefined)
      this.texts.set(holder, key, scalar.source)
  }

  #entriesOf(map: YAMLMap, path: Issue['path']): Record<string, unknown> {
    const entries: Record<string, unknown> = {}
    const merged: Record<string, unknown>[] = []
    for (const { key, value } of map.items) {
      const name = keyText(key)
      if (name === '<<' && isScalar(key) && key.type === Scalar.PLAIN) {
        merged.push(...this.#mergedInto(value as Node | null, path))
        continue
      }
      if (name === null) {
        this.#refuse(key as Node | null, path, 'A key must be a plain name; expected e.g. batch_size: [128, 256].', map)
        continue
      }
      const at = [...path, name]
      if (Object.hasOwn(entries, name)) {
        this.#refuse(key as Node, at, `The key ${name} stands twice here; expected it once.`)
        continue
      }
      // a plain assignment to `__proto__` would vanish
      Object.defineProperty(entries, name, {
        value: this.valueOf(value as Node | null, at),
        enumerable: true,
        writable: true,
        configurable: true,
      })
      this.#keepText(entries, name, value as Node | null)
    }
    // what stands here goes before what is merged in, and of that the first before the others
    for (const one of merged)
      for (const [name, value] of Object.entries(one)) {
        if (Object.hasOwn(entries, name)) continue
        Object.defineProperty(entries, name, { value, enumerable: true, writable: true, configurable: true })
        const text = this.texts.get(one, name)
        if (text !== undefined) this.texts.set(entries, name, text)
      }
    return entries
  }

  /** The mappings that a merge key (`<<: *defaults`, or a list of such) brings in. */
  #mergedInto(value: Node | null, path: Issue['path']): Record<string, unknown>[] {
    const target = isAlias(value) ? this.#anchors.get(value.source) : value
    const parts = isSeq(target) ? (target.items as Node[]) : [value]
    return parts.flatMap((part) => {
      const found = this.valueOf(part, path)
      if (typeof found === 'object' && found !== null && !Array.isArray(found))
        return [found as Record<string, unknown>]
      this.#refuse(
        value,
        path,
        'The merge key << takes keys and values, e.g. <<: *defaults; expected an alias of such.',
      )
      return []
    })
  }

  #isTooMuch(node: Node, path: Issue['path']): boolean {
    this.#nodes += 1
    if (this.#nodes === maximumNodes + 1) {
      const limit = maximumNodes.toLocaleString('en')
      this.#refuse(
        node,
        path,
        `The file's aliases unfold to more than ${limit} values; expected a ${this.#kind.noun} file written out.`,
      )
    }
    return this.#nodes > maximumNodes
  }

  #refuse(node: Node | null, path: Issue['path'], message: string, around?: Node): void {
    this.issues.push({ path, message, offset: node?.range?.[0] ?? around?.range?.[0] ?? 0 })
  }
}

function keyText(key: unknown): string | null {
  if (!isScalar(key) || key.tag !== undefined) return null
  if (typeof key.value === 'string') return key.value
  return key.source ? key.source : null
}

function scalarValue(scalar: Scalar, path: Issue['path']): unknown {
  if (scalar.type !== Scalar.PLAIN || !isText(path)) return scalar.value
  const source = scalar.source ?? ''
  const reachesProgram = path.length > 2 && path[1] !== 'report'
  // nothing after the colon is an empty variable; `~` and null mean themselves to a program, and nothing elsewhere
  if (scalar.value === null) return reachesProgram && (source !== '' || path[1] === 'env') ? source : null
  return source
}

/** The offset of what a path names: a list's item, a scalar value, or the key of anything larger. */
function offsetOf(contents: Node | null, path: Issue['path'], atKey: boolean): number {
  let node: Node | null = contents
  let offset = contents?.range?.[0] ?? 0
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1
    if (isMap(node)) {
      const pair: YAMLMap['items'][number] | undefined = node.items.find((item) => keyText(item.key) === String(key))
      if (!pair) return offset
      const value = pair.value as Node | null
      const isWhole = isLast && !atKey && isScalar(value) && (value.value !== null || value.source)
      offset = (isWhole ? value.range?.[0] : (pair.key as Node).range?.[0]) ?? offset
      node = value
    } else if (isSeq(node)) {
      const item = node.items[Number(key)] as Node | undefined
      if (!item) return offset
      offset = item.range?.[0] ?? offset
      node = item
    } else return offset
  }
  return offset
}
