/** From any value to a sweep or a curriculum, or to sentences that say what is wrong with it and where. */
import type { z } from 'zod'
import { type Curriculum, curriculumSchema } from '../rounds/curriculum.ts'
import type { Issue } from '../../errors.ts'
import { foreignAxisFix } from '../axes/foreign-axis.ts'
import { nearestName } from './nearest-name.ts'
import { type Sweep, sweepSchema } from '../sweep.ts'
import { withoutWritten, writtenSchema } from './written.ts'

/** `atKey`: what is wrong is the last key of the path itself, not its value. */
export type ParseIssue = Issue & { atKey?: true }

export type Parsed<Definition> = { definition: Definition | null; issues: ParseIssue[] }

/**
 * Reads a definition as the file, the form or the API gives it. Every issue is a whole sentence that names the key, quotes
 * the value and says what was expected; unknown keys come with the nearest known one as fix.
 */
export function parseSweep(input: unknown): Parsed<Sweep> {
  const { definition, issues } = parseSweepFile(withoutWritten(input))
  const written = writtenSchema.safeParse((input as { written?: unknown } | null | undefined)?.written)
  return { definition: definition && { ...definition, ...(written.success && { written: written.data }) }, issues }
}

/** The same of a file, in which `written` has no place: its numbers are. */
export function parseSweepFile(input: unknown): Parsed<Sweep> {
  return parse(sweepSchema, 'sweep', input)
}

/** The same for a curriculum: its schema alone; `checkCurriculum` says what takes more than one field to see. */
export function parseCurriculum(input: unknown): Parsed<Curriculum> {
  return parse(curriculumSchema, 'curriculum', input)
}

/** What is read, and what its sentences call it. */
type Whole = { schema: z.core.$ZodType; noun: string; input: unknown }

function parse<Schema extends z.ZodType>(schema: Schema, noun: string, input: unknown): Parsed<z.output<Schema>> {
  const hidden = hiddenKeys(input, [])
  const parsed = schema.safeParse(input)
  if (parsed.success && hidden.length === 0) return { definition: parsed.data, issues: [] }
  const whole = { schema, noun, input }
  const found = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, [], whole))
  return { definition: null, issues: [...hidden, ...found] }
}

/** A key `__proto__` is dropped in silence on the way, so it is looked for here. */
function hiddenKeys(value: unknown, path: Issue['path']): ParseIssue[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => hiddenKeys(item, [...path, index]))
  return Object.keys(value).flatMap((key) => {
    const at = [...path, key]
    if (key === '__proto__')
      return [{ path: at, atKey: true, message: `${nameOf(at)} cannot be a key; expected another name.` }]
    return hiddenKeys((value as Record<string, unknown>)[key], at)
  })
}

type ZodIssue = z.core.$ZodIssue

function describe(issue: ZodIssue, base: Issue['path'], whole: Whole): ParseIssue[] {
  const path = [...base, ...issue.path.filter((key) => typeof key !== 'symbol')]
  if (issue.code === 'unrecognized_keys') return unknownKeys(path, issue.keys, whole)
  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? 'not a valid name'
    return [
      { path, atKey: true, message: `${nameOf(path.slice(0, -1))} has the name ${quote(path.at(-1))}: ${reason}.` },
    ]
  }
  if (issue.code === 'invalid_union') {
    const foreign = foreignAxis(path, whole)
    if (foreign) return [foreign]
    const closest = closestBranch(issue)
    if (closest) return closest.flatMap((inner) => describe(inner, path, whole))
    const keys = unknownAxisKeys(path, whole)
    if (keys.length > 0) return keys
  }
  return [{ path, message: sentence(issue, path, whole) }]
}

/** An axis in another tool's words, told with what to write; null for any other. */
function foreignAxis(path: Issue['path'], { input }: Whole): ParseIssue | null {
  if (path.length !== 2 || path[0] !== 'axes') return null
  const name = String(path[1])
  const fix = foreignAxisFix(name, (input as { axes: Record<string, unknown> }).axes[name])
  return fix === null
    ? null
    : { path, atKey: true, message: `The axis ${name} is not written as axes are here; ${fix}.` }
}

/** The branch of a union that the value was meant for: of its kind, and with its keys; undefined where none stands out. */
function closestBranch(issue: ZodIssue & { code: 'invalid_union' }): readonly ZodIssue[] | undefined {
  const ofItsKind = issue.errors.filter(
    (branch) => !branch.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0),
  )
  const withItsKeys = ofItsKind.filter((branch) => !branch.some((inner) => inner.code === 'unrecognized_keys'))
  if (withItsKeys.length === 1) return withItsKeys[0]
  return ofItsKind.length === 1 ? ofItsKind[0] : undefined
}

/** An axis written as `{ ranges: […] }`: each key that is none of range, log and milestones. */
function unknownAxisKeys(path: Issue['path'], whole: Whole): ParseIssue[] {
  const value = valueAt(whole.input, path)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const known = knownKeys(path, whole)
  return unknownKeys(
    path,
    Object.keys(value).filter((key) => !known.includes(key)),
    whole,
  )
}

/** More unknown keys of one place are counted: each is compared with every known one. */
const mostUnknownKeys = 100

function unknownKeys(path: Issue['path'], keys: readonly string[], whole: Whole): ParseIssue[] {
  const told = keys.slice(0, mostUnknownKeys).map((key) => unknownKey(path, key, whole))
  const more = keys.length - told.length
  const message = `${more.toLocaleString('en')} more keys are none of ${path.length === 0 ? `a ${whole.noun}` : nameOf(path)}.`
  return more > 0 ? [...told, { path, message }] : told
}

function unknownKey(path: Issue['path'], key: string, whole: Whole): ParseIssue {
  const known = knownKeys(path, whole)
  const nearest = nearestName(key, known)
  const where = path.length === 0 ? `a ${whole.noun}` : nameOf(path)
  return {
    path: [...path, key],
    atKey: true,
    message: `${quote(key)} is no key of ${where}; expected ${[...new Set(known)].join(', ')}.`,
    ...(nearest !== null && { fix: { label: `Use ${nearest}`, value: nearest } }),
  }
}

/** Keys that may stand at a place, read from the schema. */
function knownKeys(path: Issue['path'], { schema }: Whole): string[] {
  let schemas: z.core.$ZodType[] = [schema]
  for (const key of path) schemas = schemas.flatMap((one) => branches(one)).flatMap((one) => childOf(one, key))
  return schemas.flatMap((one) => branches(one)).flatMap((one) => Object.keys(definitionOf(one).shape ?? {}))
}

type SchemaDefinition = {
  innerType?: z.core.$ZodType
  options?: z.core.$ZodType[]
  shape?: Record<string, z.core.$ZodType>
  valueType?: z.core.$ZodType
  /** Of what is read before it is made into something else. */
  in?: z.core.$ZodType
  /** Of a list. */
  element?: z.core.$ZodType
}

function definitionOf(schema: z.core.$ZodType): SchemaDefinition {
  return schema._zod.def as unknown as SchemaDefinition
}

/** What a schema may stand for, without its wrappers (optional, default, union). */
function branches(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { innerType, options, in: read } = definitionOf(schema)
  if (innerType) return branches(innerType)
  if (read) return branches(read)
  return options ? options.flatMap((option) => branches(option)) : [schema]
}

function childOf(schema: z.core.$ZodType, key: string | number): z.core.$ZodType[] {
  const { shape, valueType, element } = definitionOf(schema)
  const child = shape ? shape[key] : (valueType ?? element)
  return child ? [child] : []
}

function sentence(issue: ZodIssue, path: Issue['path'], whole: Whole): string {
  const value = valueAt(whole.input, path)
  const name = path.length === 0 ? `The ${whole.noun}` : nameOf(path)
  const expected = expectation(issue)
  if (value === undefined)
    return `${name} is missing; ${expected.startsWith('expected') ? expected : `expected: ${expected}`}.`
  const verb = typeof value === 'object' && value !== null && !isEmpty(value) && !Array.isArray(value) ? 'has' : 'is'
  return `${name} ${verb} ${quote(value)}${expected.startsWith('expected') ? '; ' : ': '}${expected}.`
}

/** What the schema itself says, or words for zod's own messages. */
function expectation(issue: ZodIssue): string {
  if (!/^(Invalid|Too)/.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'expected it not to be empty'
        : `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
    case 'too_big':
      return `expected ${issue.origin === 'string' ? `at most ${issue.maximum} characters` : `at most ${issue.maximum}`}`
    default:
      return issue.message
  }
}

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'keys with values',
  record: 'keys with values',
}

/** A path as a person reads it: `train.command[4]`. */
function nameOf(path: Issue['path']): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
}

function valueAt(input: unknown, path: Issue['path']): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function quote(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  // a key with nothing after it is null in YAML
  if (value === null || isEmpty(value)) return 'empty'
  if (typeof value === 'object') {
    const keys = Object.keys(value)
    return `${keys.length === 1 ? 'the key' : 'the keys'} ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''}`
  }
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  return String(value)
}
