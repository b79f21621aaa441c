/** Numbers, times, texts and tables as a terminal shows them. */
import type { Issue } from '../domain/errors.ts'
import { plural } from '../domain/words.ts'

/** A text on one line, without what would move a terminal's cursor: values and messages are data. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}

/** `batch_size 512, learning_rate 2e-5`. */
export function paramsText(params: Record<string, string>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${printable(value)}`)
    .join(', ')
}

/** Each on stderr as compilers write it: `FILE:LINE:COLUMN: what is wrong`. */
export function tellIssues(file: string, issues: readonly Issue[]): void {
  for (const { line, column, path: at, message, fix } of issues) {
    const place =
      line === undefined ? (at.length > 0 ? `${file}: ${at.join('.')}` : file) : `${file}:${line}:${column ?? 1}`
    console.error(`${place}: ${printable(message)}${fix ? ` ${printable(fix.label)}.` : ''}`)
  }
}

export type TextColumn<Row> = { title: string; right?: boolean; of: (row: Row, index: number) => string }

/** A line with the titles, then one a row; every column as wide as its widest cell. */
export function tableLines<Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row, index) => columns.map((column) => column.of(row, index))),
  ]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => [...row[at]!].length)))
  return cells.map((row) =>
    row
      .map((cell, at) => (columns[at]!.right ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** `0.93 to 1.18`; empty where there is no interval. */
export function intervalText(interval: readonly [number, number] | null): string {
  return interval === null ? '' : `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`
}

/** In per cent; empty where there is no accuracy. */
export function percentText(accuracy: number | null | undefined): string {
  return accuracy == null ? '' : (100 * accuracy).toFixed(1)
}

/** How many points have come to their end: scored, or done where the sweep scores nothing. */
export function sweepProgressWords(sweep: {
  isScored: boolean
  counts: { scored: number; done: number; points: number }
}): string {
  const { scored, done, points } = sweep.counts
  return `${sweep.isScored ? scored : done} of ${plural(points, 'point')} ${sweep.isScored ? 'scored' : 'done'}`
}
