/**
 * Lines of an events file to events. Whatever a line holds, it ends as an event, an unknown event or a problem in words, and
 * nothing is thrown: a trainer is any program, and a file may end in the middle of a character.
 */
import { isUtf8 } from 'node:buffer'
import type { MetricRow } from '../../db/series/index.ts'
import type { EvaluationEvent, TrainerEvent } from '../../contract/trainer.ts'
import { NestedTooDeep } from '../attempt-files/json-depth.ts'
import { parsePythonJson } from './python-json.ts'

export type ParsedEvents = {
  metrics: MetricRow[]
  others: { line: number; event: TrainerEvent }[]
  unknown: { line: number; type: string; body: Record<string, unknown> }[]
  problems: { line: number; text: string; message: string }[]
  lines: number
}

type Body = Record<string, unknown>

/** Characters of a line or a value that a message quotes. */
const QUOTED_CHARACTERS = 200
const EXAMPLE = '{"type":"metrics","step":10,"values":{"loss":1.23}}'
const STEP = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`

/**
 * Parses the lines of `buffer` from 0 to `end`, numbering them from `firstLine`; a last line without its newline counts as one.
 * Empty lines are passed over. Metrics keep the order of the file, and so do the others among themselves.
 */
export function parseEvents(buffer: Buffer, end: number, firstLine: number): ParsedEvents {
  const parsed: ParsedEvents = { metrics: [], others: [], unknown: [], problems: [], lines: 0 }
  const bytes = end === buffer.length ? buffer : buffer.subarray(0, end)
  const wellFormed = isUtf8(bytes)
  for (let start = 0; start < end; parsed.lines++) {
    const newline = bytes.indexOf(10, start)
    const stop = newline === -1 ? end : newline
    if (stop > start) {
      const line = firstLine + parsed.lines
      const text = bytes.toString('utf8', start, stop)
      if (!wellFormed && !isUtf8(bytes.subarray(start, stop))) {
        problem(parsed, line, text, 'has bytes that are not UTF-8; each was replaced by �.')
      }
      parseLine(parsed, line, text)
    }
    start = stop + 1
  }
  return parsed
}

function parseLine(parsed: ParsedEvents, line: number, text: string): void {
  let event: Body
  try {
    event = parsePythonJson(text) as Body
  } catch (error) {
    if (text.trim() !== '') problem(parsed, line, text, whyNotJson(text, error))
    return
  }
  if (event === null || typeof event !== 'object' || Array.isArray(event)) {
    problem(parsed, line, text, `is ${quote(event)}; expected a JSON object, such as ${EXAMPLE}.`)
  } else if (event.type === 'metrics') parseMetrics(parsed, line, text, event)
  else parseOther(parsed, line, text, event)
}

function parseMetrics(parsed: ParsedEvents, line: number, text: string, event: Body): void {
  const { step, time } = event
  const values = event.values as Record<string, number>
  if (!isStep(step)) return problem(parsed, line, text, wrong('step', step, STEP))
  if (time !== undefined && time !== null && !(typeof time === 'number' && Number.isFinite(time))) {
    return problem(parsed, line, text, wrong('time', time, 'seconds since 1970'))
  }
  if (values === null || typeof values !== 'object' || Array.isArray(values)) {
    return problem(parsed, line, text, wrong('values', values, 'an object of numbers, such as {"loss":1.23}'))
  }
  let bad: string[] | null = null
  let good = 0
  for (const name in values) {
    const value: unknown = values[name]
    if (typeof value === 'number') {
      good++
      continue
    }
    const number = numberOf(value)
    if (number === undefined) (bad ??= []).push(name)
    else {
      // the key stands already, so that even "__proto__" is set as a plain one
      values[name] = number
      good++
    }
  }
  if (bad !== null) {
    const [first] = bad
    const more =
      bad.length === 1 ? '' : ` The same holds for ${bad.length - 1} more of its values (${quote(bad.slice(1, 6))}).`
    const rest = good === 0 ? '' : ' The other values of the line are kept.'
    const message = `has ${quote(values[first!])} as the value of ${quote(first)}; expected a number, "NaN", "Infinity" or "-Infinity".`
    problem(parsed, line, text, message + more + rest)
    for (const name of bad) delete values[name]
  }
  // + 0 makes 0 of -0
  if (good > 0) parsed.metrics.push({ step: step + 0, time: (time as number | null | undefined) ?? null, values })
}

type Field = { name: string; optional?: boolean; expected: string; read: (value: unknown) => unknown }

const isStep = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const finite = (value: unknown): number | undefined => (Number.isFinite(value) ? (value as number) : undefined)
const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const filled = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined
const count = (value: unknown): number | undefined => (isStep(value) ? value + 0 : undefined)

const TIME: Field = { name: 'time', optional: true, expected: 'seconds since 1970', read: finite }
const STEP_FIELD: Field = { name: 'step', expected: STEP, read: count }
const PATH = 'a text that is not empty and holds no NUL'

const FIELDS: Record<Exclude<TrainerEvent['type'], 'metrics'>, Field[]> = {
  progress: [
    { name: 'done', expected: 'a number of 0 or more', read: notNegative },
    { name: 'total', expected: 'a number of 0 or more', read: notNegative },
  ],
  checkpoint: [
    STEP_FIELD,
    { name: 'epoch', optional: true, expected: 'a number', read: finite },
    { name: 'path', expected: PATH, read: filled },
  ],
  evaluation: [
    STEP_FIELD,
    { name: 'benchmark', expected: PATH, read: filled },
    { name: 'correct', expected: 'a whole number of 0 or more', read: count },
    {
      name: 'total',
      expected: 'a whole number of 1 or more',
      read: (value) => (value === 0 ? undefined : count(value)),
    },
    { name: 'items', optional: true, expected: PATH, read: filled },
    {
      name: 'samples',
      optional: true,
      expected: 'a whole number of 1 or more',
      read: (value) => (value === 0 ? undefined : count(value)),
    },
    { name: 'outcomes', optional: true, expected: 'an object of whole numbers of 0 or more', read: counts },
  ],
  sample: [
    STEP_FIELD,
    { name: 'prompt', expected: 'a text', read: string },
    { name: 'response', expected: 'a text', read: string },
    { name: 'reward', optional: true, expected: 'a number', read: numberOf },
    { name: 'parts', optional: true, expected: 'an object of numbers', read: numbers },
    { name: 'advantage', optional: true, expected: 'a number', read: numberOf },
    { name: 'group', optional: true, expected: 'an object with samples, mean and deviation', read: groupOf },
    { name: 'answer', optional: true, expected: 'a text', read: string },
  ],
  note: [
    {
      name: 'level',
      expected: '"info", "warning" or "error"',
      read: (value) => (value === 'info' || value === 'warning' || value === 'error' ? value : undefined),
    },
    { name: 'text', expected: 'a text', read: string },
    {
      name: 'alert',
      optional: true,
      expected: 'true or false',
      read: (value) => (typeof value === 'boolean' ? value : undefined),
    },
  ],
  config: [{ name: 'values', expected: 'an object', read: record }],
  summary: [{ name: 'values', expected: 'an object', read: record }],
  tags: [{ name: 'values', expected: 'an object', read: record }],
  client: [
    {
      name: 'status',
      expected: '"running", "done", "failed" or "cancelled"',
      read: (value) => (['running', 'done', 'failed', 'cancelled'].includes(value as string) ? value : undefined),
    },
    { name: 'exit_code', optional: true, expected: 'a whole number', read: finite },
  ],
  artifact: [
    {
      name: 'role',
      expected: '"used" or "made"',
      read: (value) => (value === 'used' || value === 'made' ? value : undefined),
    },
    { name: 'name', expected: PATH, read: filled },
    { name: 'kind', expected: PATH, read: filled },
    { name: 'about', optional: true, expected: 'a text', read: string },
    { name: 'folder', optional: true, expected: PATH, read: filled },
  ],
  file: [
    { name: 'name', expected: PATH, read: filled },
    { name: 'bytes', expected: 'a whole number of 0 or more', read: count },
  ],
}

/** A group's figures; a mean that is no finite number is no group to speak of. */
function groupOf(value: unknown): { samples: number; mean: number; deviation: number } | undefined {
  if (value === null || typeof value !== 'object') return undefined
  const { samples, mean, deviation } = value as Record<string, unknown>
  const isGroup = isStep(samples) && samples > 0 && Number.isFinite(mean) && Number.isFinite(deviation)
  return isGroup && (deviation as number) >= 0
    ? { samples, mean: mean as number, deviation: deviation as number }
    : undefined
}

function parseOther(parsed: ParsedEvents, line: number, text: string, body: Body): void {
  const { type } = body
  if (typeof type !== 'string') {
    const message = type === undefined ? 'has no "type"' : `has the type ${quote(type)}`
    return problem(parsed, line, text, `${message}; expected one, as in ${EXAMPLE}.`)
  }
  if (!Object.hasOwn(FIELDS, type)) {
    parsed.unknown.push({ line, type, body })
    return
  }
  const event: Body = { type }
  for (const field of [TIME, ...FIELDS[type as keyof typeof FIELDS]]) {
    const given = Object.hasOwn(body, field.name) ? body[field.name] : undefined
    // what Python writes for None
    if (field.optional && (given === undefined || given === null)) continue
    const value = field.read(given)
    if (value === undefined) return problem(parsed, line, text, wrong(field.name, given, field.expected))
    event[field.name] = value
  }
  if (type === 'evaluation' && (event.correct as number) > (event.total as number)) {
    return problem(
      parsed,
      line,
      text,
      wrong('correct', event.correct, `at most "total", which is ${quote(event.total)}`),
    )
  }
  const wrongOutcomes = type === 'evaluation' ? whyNotOutcomes(event as EvaluationEvent) : null
  if (wrongOutcomes !== null) {
    problem(parsed, line, text, wrongOutcomes)
    delete event.outcomes
  }
  parsed.others.push({ line, event: event as TrainerEvent })
}

/** Outcomes that do not add up are left out, and the counts stand. */
function whyNotOutcomes({ outcomes, samples, correct, total }: EvaluationEvent): string | null {
  if (outcomes === undefined) return null
  const each = samples ?? 1
  const right = Object.values(outcomes)
  const sum = right.reduce((before, count) => before + count, 0)
  if (sum === correct && right.length * each === total && right.every((count) => count <= each)) return null
  return `has "outcomes" of ${right.length} questions with ${sum} right answers; expected ${total} answers, ${each} a question, ${correct} of them right. The counts are kept, the outcomes are not.`
}

function notNegative(value: unknown): number | undefined {
  const number = finite(value)
  return number !== undefined && number >= 0 ? number : undefined
}

/** A number, also one that JSON can only give as a text. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (value === 'NaN') return NaN
  if (value === 'Infinity') return Infinity
  return value === '-Infinity' ? -Infinity : undefined
}

function numbers(value: unknown): Record<string, number> | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const entries = Object.entries(value).map(([name, part]) => [name, numberOf(part)] as const)
  if (entries.some(([, part]) => part === undefined)) return undefined
  return Object.fromEntries(entries) as Record<string, number>
}

function record(value: unknown): Record<string, unknown> | undefined {
  return value === null || typeof value !== 'object' || Array.isArray(value)
    ? undefined
    : (value as Record<string, unknown>)
}

function counts(value: unknown): Record<string, number> | undefined {
  const found = numbers(value)
  return found === undefined || !Object.values(found).every(isStep) ? undefined : found
}

function whyNotJson(text: string, error: unknown): string {
  if (error instanceof NestedTooDeep) return `is not read: ${error.message}. It begins with ${quote(text)}.`
  const cut = error instanceof Error && /end of JSON|Unterminated/.test(error.message)
  const why = cut ? 'ends before its JSON does (its writer may have been cut off)' : 'is not JSON'
  return `${why}: ${quote(text)}. Expected one event a line, such as ${EXAMPLE}.`
}

function wrong(name: string, value: unknown, expected: string): string {
  return value === undefined
    ? `has no "${name}"; expected ${expected}.`
    : `has ${quote(value)} as "${name}"; expected ${expected}.`
}

function quote(value: unknown): string {
  const text =
    typeof value === 'number'
      ? String(value)
      : JSON.stringify(typeof value === 'string' ? value.slice(0, QUOTED_CHARACTERS + 1) : value)
  return text.length <= QUOTED_CHARACTERS ? text : `${text.slice(0, QUOTED_CHARACTERS).toWellFormed()}…`
}

function problem(parsed: ParsedEvents, line: number, text: string, message: string): void {
  parsed.problems.push({
    line,
    text: text.slice(0, QUOTED_CHARACTERS).toWellFormed(),
    message: `Line ${line} ${message}`,
  })
}
