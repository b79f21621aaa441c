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
