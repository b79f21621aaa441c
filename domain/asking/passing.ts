/** Which rows pass a filter: one reading of filters for every list, over columns. */
import { comparisonOf, type FieldValue, type Filter } from './filter.ts'

/** Whether the row of this number passes. */
export type RowTest = (row: number) => boolean

/** What a list knows of its rows. */
export type FilterTable = {
  /** Rows whose value in a field passes; `test` is told null where there is none. */
  condition: (field: string, test: (value: FieldValue) => boolean) => RowTest
  /** Rows of which some text passes. */
  word: (holds: (text: string) => boolean) => RowTest
}

/** The filter as a test of one row. What the filter says is read once, for as many rows as there are. */
export function compileFilter(filter: Filter, table: FilterTable): RowTest {
  switch (filter.type) {
    case 'and': {
      const [left, right] = [compileFilter(filter.left, table), compileFilter(filter.right, table)]
      return (row) => left(row) && right(row)
    }
    case 'or': {
      const [left, right] = [compileFilter(filter.left, table), compileFilter(filter.right, table)]
      return (row) => left(row) || right(row)
    }
    case 'not': {
      const of = compileFilter(filter.of, table)
      return (row) => !of(row)
    }
    case 'word': {
      const word = filter.word.toLowerCase()
      return table.word((text) => text.toLowerCase().includes(word))
    }
    case 'compare':
      return table.condition(filter.field, comparisonOf(filter.comparison, filter.value, filter.kind))
  }
}

/** Rows by a number each; NaN is none. */
export function numberTest(values: ArrayLike<number>, test: (value: FieldValue) => boolean): RowTest {
  const none = test(null)
  return (row) => {
    const value = values[row]!
    return Number.isNaN(value) ? none : test(value)
  }
}

/** Rows by a text each, of which there are few: `codes` are their places among the texts. Each text is compared once. */
export function textTest(codes: ArrayLike<number>, texts: readonly string[], test: (text: string) => boolean): RowTest {
  const passes = texts.map(test)
  return (row) => passes[codes[row]!] ?? false
}
