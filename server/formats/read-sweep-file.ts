/** The text of a sweep file or a curriculum file (YAML, or JSON as a part of it), with the place of all that is wrong. */
import { isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import type { Issue } from '../../domain/errors.ts'
import type { Curriculum } from '../../domain/sweep/rounds/curriculum.ts'
import { type Parsed, parseCurriculum, parseSweepFile } from '../../domain/sweep/files/parse-sweep.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import type { Written } from '../../domain/sweep/files/written.ts'
import { isWandbSweep } from './wandb-sweep.ts'
import { type YamlFileKind, offsetOf, YamlValues } from './yaml-values.ts'

/** 1-based; empty where there is no place to name. */
export type FilePlace = { line?: number; column?: number }

export type ReadText<Definition> = {
  /** null when the text cannot be read as one; then `issues` says why. */
  definition: Definition | null
  issues: Issue[]
  /** Where a path of the definition stands in the text, or the nearest part of it that does. */
  locate: (path: Issue['path']) => FilePlace
}

const maximumCharacters = 4_000_000
const maximumSyntaxIssues = 20
const mostOpenBrackets = 2000
/** Of what else is wrong so much is told; finding the place of each takes as long as the file has keys. */
const maximumIssues = 200

/** What a file is read as. */
type Kind<Definition> = YamlFileKind & {
  /** What an empty file is told to hold. */
  expected: string
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
  const placeOf = (offset: number): FilePlace => {
    const { line, col } = lines.linePos(offset)
    return line === 0 ? { line: 1, column: 1 } : { line, column: col }
  }
  const locate = (path: Issue['path']): FilePlace => placeOf(offsetOf(document.contents, path, false))
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
  const conversion = new YamlValues(kind)
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

function valueAt(input: unknown, path: Issue['path']): unknown {
  return path.reduce((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], input)
}
