/** Filters over samples: `length < 0 and reward > 50`. Texts are searched, not filtered. */
import { compileFilter, type FilterTable } from '../../../domain/asking/passing.ts'
import { type Filter, type FilterField, parseFilter } from '../../../domain/asking/filter.ts'
import { deviationOf, partAt, type SampleColumns } from '../../tables/sample-columns.ts'

type Read = (at: number) => number

/** What a filter may name: step, attempt, reward, advantage, characters, spread, and every part (as `parts.NAME` where that is taken). */
function readers(columns: SampleColumns): Map<string, Read> {
  const found = new Map<string, Read>([
    ['step', (at) => columns.steps[at]!],
    ['attempt', (at) => columns.attempts[at]!],
    ['reward', (at) => columns.rewards[at]!],
    ['advantage', (at) => columns.advantages[at]!],
    ['characters', (at) => columns.characters[at]!],
    ['spread', (at) => deviationOf(columns.groupFigures[columns.groups[at]!]!) ?? NaN],
  ])
  for (const name of columns.parts.keys()) {
    found.set(found.has(name) ? `parts.${name}` : name, (at) => partAt(columns, name, at))
  }
  return found
}

/** Names that a filter knows, in the order they are offered. */
export function sampleFields(columns: SampleColumns): string[] {
  return [...readers(columns).keys()]
}

export type SampleFilter = { passes: (at: number) => boolean; error: null } | { passes: null; error: string }

/** Whether the sample at a place passes; a sentence where the text is no filter. */
export function sampleFilter(columns: SampleColumns, text: string): SampleFilter {
  const known = readers(columns)
  const fields = [...known.keys()].map((name): FilterField => ({ name, kind: 'number' }))
  const { filter, error } = parseFilter(text, fields)
  if (error !== null) return { passes: null, error }
  if (filter === null) return { passes: () => true, error: null }
  const word = firstWord(filter)
  if (word === null) {
    const condition: FilterTable['condition'] = (field, test) => {
      const read = known.get(field)!
      return (at) => {
        const value = read(at)
        return test(Number.isNaN(value) ? null : value)
      }
    }
    return { passes: compileFilter(filter, { condition, word: () => () => false }), error: null }
  }
  return {
    passes: null,
    error: `“${word}” compares nothing. A filter is like reward < 50; words are looked for with the search.`,
  }
}

function firstWord(filter: Filter): string | null {
  if (filter.type === 'word') return filter.word
  if (filter.type === 'not') return firstWord(filter.of)
  return filter.type === 'compare' ? null : (firstWord(filter.left) ?? firstWord(filter.right))
}
