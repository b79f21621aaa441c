/** Paths with `*`, `?` and `**` in them, as a sweep file writes them, and what they match on the disk. */
import { lstatSync, type Dirent } from 'node:fs'
import path from 'node:path'
import { entriesIn } from '../../attempt-files/names-in.ts'
import { substitute } from '../../../domain/sweep/commands/placeholders.ts'

/** A pattern that has to look at more entries than this says so and matches nothing. */
const mostEntries = 100_000

const byNumbers = new Intl.Collator('en', { numeric: true })

/** Stands for one character that a value brought along and that is no wildcard there. */
const plain = { '*': '\uE000', '?': '\uE001' } as const

/** The template with its placeholders replaced, as a pattern in which a `*` of a value is nothing but a `*`. */
export function substitutePattern(template: string, values: Readonly<Record<string, string>>): string {
  const escaped = Object.entries(values).map(([name, value]) => [
    name,
    value.replaceAll('*', plain['*']).replaceAll('?', plain['?']),
  ])
  return substitute(template, Object.fromEntries(escaped))
}

/**
 * What a pattern of `substitutePattern` matches below `directory`, absolute and in the order of their names and numbers; a sentence where it would have to
 * look at too much. `*` and `?` stand within one name and match no leading dot, `**` for any folders below, links not followed.
 */
export function matchPattern(directory: string, pattern: string): string[] | string {
  const written = pattern.replaceAll(plain['*'], '*').replaceAll(plain['?'], '?')
  const root = path.isAbsolute(pattern) ? '/' : directory
  const found = new Set<string>()
  let seen = 0
  const entriesOf = (folder: string): Dirent[] => {
    try {
      const entries = entriesIn(folder, Math.max(0, mostEntries - seen))
      seen += entries.length
      return entries
    } catch {
      // not there, no folder, or not ours to read: nothing matches in it
      return []
    }
  }
  const walk = (folder: string, parts: readonly string[]) => {
    if (seen > mostEntries) return
    const [part, ...rest] = parts
    if (part === undefined) found.add(folder)
    else if (part === '**') {
      walk(folder, rest)
      for (const entry of entriesOf(folder))
        if (entry.isDirectory() && !entry.name.startsWith('.')) walk(path.join(folder, entry.name), parts)
    } else if (/[*?]/.test(part)) {
      const fits = expressionOf(part)
      for (const entry of entriesOf(folder)) if (fits.test(entry.name)) walk(path.join(folder, entry.name), rest)
    } else {
      const name = part.replaceAll(plain['*'], '*').replaceAll(plain['?'], '?')
      const next = path.join(folder, name)
      if (rest.length > 0) walk(next, rest)
      else if (isThere(next)) found.add(next)
    }
  }
  walk(
    root,
    pattern.split('/').filter((part) => part !== ''),
  )
  if (seen > mostEntries)
    return `${written} stands for more than ${mostEntries.toLocaleString('en-US')} files; expected a narrower pattern`
  // checkpoint-2 before checkpoint-10
  return [...found].toSorted(byNumbers.compare)
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined
  } catch {
    // a part of the way is no folder, or a link that leads to itself
    return false
  }
}

/** One name with wildcards as an expression. */
function expressionOf(part: string): RegExp {
  const text = [...part]
    .map((sign) => {
      if (sign === '*') return '[^/]*'
      if (sign === '?') return '[^/]'
      const own = sign === plain['*'] ? '*' : sign === plain['?'] ? '?' : sign
      return own.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (special) => `\\${special}`)
    })
    .join('')
  return new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${text}$`, 'su')
}
