/** CSV by RFC 4180. */

/** Rows as one text, the head first. */
export function csvTable(rows: unknown[][]): string {
  return rows.map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n'
}

/** What begins as a formula does for a spreadsheet; a negative number is none. */
const formula = /^[=+@\t\r\n]|^-(?!(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$)/i

/** One cell by RFC 4180. A text that a spreadsheet would run as a formula is quoted with a leading apostrophe. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = String(value)
  const safe = typeof value === 'string' && formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** What `csvCell` made of a text: without the apostrophe that keeps a spreadsheet from running it. */
export function fromCsvCell(cell: string): string {
  return cell.startsWith("'") && formula.test(cell.slice(1)) ? cell.slice(1) : cell
}

/** A row of a table, and the line that it begins in, from 1. Empty lines are none. */
export type CsvRow = { line: number; cells: string[] }

/** The rows of a table. Throws a SyntaxError, a sentence's end with its line, where a quote is never closed. */
export function* parseCsv(text: string, separator: string): Generator<CsvRow> {
  let [at, line] = [0, 1]
  while (at < text.length) {
    const row: CsvRow = { line, cells: [] }
    for (;;) {
      let cell = ''
      if (text[at] === '"') {
        const end = closingQuote(text, at)
        if (end === -1) throw new SyntaxError(`line ${line} has a quote that is never closed`)
        const quoted = text.slice(at + 1, end)
        cell = quoted.replaceAll('""', '"')
        for (const character of quoted) if (character === '\n') line += 1
        at = end + 1
      }
      const next = endOfCell(text, at, separator)
      cell += text.slice(at, next)
      at = next
      row.cells.push(cell)
      if (text[at] !== separator) break
      at += 1
    }
    at += text.startsWith('\r\n', at) ? 2 : 1
    line += 1
    if (row.cells.length > 1 || row.cells[0] !== '') yield row
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at
  return -1
}

function endOfCell(text: string, from: number, separator: string): number {
  let at = from
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++
  return at
}
