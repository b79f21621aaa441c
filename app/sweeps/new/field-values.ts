/** Texts that people type into the form's fields, and the values they stand for. Every reader gives null for what it cannot read. */
import { jsonWords, parseWritten, Texts, type Written } from '../../../domain/sweep/files/written.ts'

const secondsOfUnit: Record<string, number> = {
  s: 1, sec: 1, second: 1, seconds: 1,
  m: 60, min: 60, minute: 60, minutes: 60,
  h: 3600, hour: 3600, hours: 3600,
  d: 86_400, day: 86_400, days: 86_400,
} // prettier-ignore

/** Seconds meant by `2 h`, `90 min`, `1 h 30 min`, `1.5h` or a bare `7200`; null where the text is no duration above 0. */
export function readDuration(text: string): number | null {
  const trimmed = text.trim().toLowerCase()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) > 0 ? Number(trimmed) : null
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(trimmed)) return null
  let seconds = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const each = secondsOfUnit[unit!]
    if (each === undefined) return null
    seconds += Number(amount) * each
  }
  return seconds > 0 ? seconds : null
}

/** The duration as `readDuration` reads it back exactly: `2 h`, `1 h 30 min`, `0.5 s`. */
export function writeDuration(seconds: number): string {
  if (!Number.isInteger(seconds)) return `${seconds} s`
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const
  return parts.flatMap(([amount, unit]) => (amount > 0 ? [`${amount} ${unit}`] : [])).join(' ')
}

/** A whole number, with or without thousands separators (`1319`, `1,319`, `1 319`). */
export function readWholeNumber(text: string): number | null {
  const trimmed = text.trim()
  if (/^\d+$/.test(trimmed)) return Number(trimmed)
  return /^\d{1,3}([, \u00a0\u202f]\d{3})+$/.test(trimmed) ? Number(trimmed.replace(/\D/g, '')) : null
}

/** A whole number with thousands separators. */
export function writeWholeNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

/** An accuracy: `0.716`, `.716` or `71.6 %`. Says nothing about whether it lies between 0 and 1. */
export function readAccuracy(text: string): number | null {
  const match = /^(\d+\.?\d*|\.\d+)(e-?\d+)?\s*(%?)$/i.exec(text.trim())
  if (!match) return null
  const value = Number(`${match[1]}${match[2] ?? ''}`)
  return match[3] ? Number((value / 100).toPrecision(15)) : value
}

const yamlNumber = /^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i

/**
 * The value of one line of `config`: a JSON value, or a bare word or number as YAML would take it (`1e-4`, `true`, `null`,
 * `cosine`); and how the numbers in it were written, by the keys that lead to them ('' to the value itself).
 * Gives null where the text begins as a list, an object or a quoted text and is not one.
 */
export function readConfigValue(text: string): { value: unknown; written: Written } | null {
  const trimmed = text.trim()
  if (yamlNumber.test(trimmed)) {
    const value = Number(trimmed)
    return { value, written: String(value) === trimmed ? {} : { '': trimmed } }
  }
  const plain = (value: unknown) => ({ value, written: {} })
  if (trimmed === '~' || trimmed === '') return plain(null)
  if (/^'(?:[^']|'')*'$/.test(trimmed)) return plain(trimmed.slice(1, -1).replaceAll("''", "'"))
  try {
    const texts = new Texts()
    const value = parseWritten(trimmed, texts)
    return { value, written: texts.under(value) }
  } catch {
    return /^[[{"']/.test(trimmed) ? null : plain(trimmed)
  }
}

/** A text that `readConfigValue` reads back as the same value; numbers as they were written under `key`, where they can be. */
export function writeConfigValue(value: unknown, key = '', written?: Written): string {
  if (typeof value !== 'string') {
    const plain = JSON.stringify(value)
    // YAML knows numbers that JSON does not: 0x10, .5
    const words = jsonWords(value, key, written)
    return JSON.stringify(readConfigValue(words)?.value) === plain ? words : plain
  }
  const read = readConfigValue(value)
  return read !== null && read.value === value ? value : JSON.stringify(value)
}

/** Values in a pasted text: separated by commas, semicolons, line ends or tabs, brackets and quotes around them left out. */
export function splitValues(text: string): string[] {
  return text
    .trim()
    .replace(/^\[|\]$/g, '')
    .split(/[,;\n\r\t]+/)
    .map((value) => value.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((value) => value !== '')
}

/**
 * Arguments of a command line as a person would paste it: split at blanks, quotes keep blanks, a backslash keeps the next
 * character and joins lines. A list in brackets (`[bash, "a b"]`) is split at its commas. Nothing is expanded.
 */
export function splitCommand(text: string): string[] {
  const trimmed = text.trim().replace(/^\$ /, '')
  const list = /^\[([^]*)\]$/.exec(trimmed)
  const separator = list ? ',' : ' '
  const words: string[] = []
  let word = ''
  let begun = false
  let quote = ''
  const end = () => {
    const finished = list && !quoted ? word.trim() : word
    if (begun && (finished !== '' || quoted)) words.push(finished)
    word = ''
    begun = quoted = false
  }
  let quoted = false
  const source = list ? list[1]! : trimmed
  for (let at = 0; at < source.length; at++) {
    const character = source[at]!
    if (character === '\\' && quote !== "'" && at + 1 < source.length) {
      const next = source[++at]!
      if (next === '\n') continue
      word += next
      begun = true
    } else if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if ((character === '"' || character === "'") && (word.trim() === '' || !list)) {
      if (list) word = ''
      quote = character
      begun = quoted = true
    } else if (separator === ' ' ? /\s/.test(character) : character === ',') end()
    else if (!(list && quoted)) {
      word += character
      begun = true
    }
  }
  end()
  return words
}
