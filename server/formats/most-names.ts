/** How many names a program may bring: pages have a column, a chart or a row for each. */
import type { MetricRow } from '../../db/series/index.ts'

/** Benchmarks of a checkpoint. */
export const mostBenchmarks = 2000
/** Metrics of a run. */
export const mostMetrics = 20_000
export const mostNameCharacters = 300

/**
 * Takes out of the rows what would be a metric too many beside those that are known, or has too long a name; gives the names that
 * were taken out. Rows without any value left are still there.
 */
export function limitMetrics(known: readonly string[], rows: readonly MetricRow[]): Set<string> {
  const named = new Set<string>()
  for (const { values } of rows) for (const name in values) named.add(name)
  const kept = new Set(known)
  const left = new Set<string>()
  for (const name of named) {
    if (kept.has(name)) continue
    if (kept.size >= mostMetrics || name.length > mostNameCharacters) left.add(name)
    else kept.add(name)
  }
  if (left.size > 0) for (const { values } of rows) for (const name in values) if (left.has(name)) delete values[name]
  return left
}

/** What is told on the run of names that were not taken. `kind`: `metrics` or `benchmarks`. */
export function leftOutSentence(kind: 'metrics' | 'benchmarks', most: number, left: ReadonlySet<string>): string {
  const [first = ''] = left
  const shown = first.length > 80 ? `${first.slice(0, 80)}…` : first
  const others = left.size === 1 ? '' : ` and ${(left.size - 1).toLocaleString('en-US')} more`
  return `${JSON.stringify(shown)}${others} ${left.size === 1 ? 'is' : 'are'} not shown: at most ${most.toLocaleString('en-US')} ${kind}, with names of at most ${mostNameCharacters} characters, are taken in, and this is told once. All of them stand in events.jsonl.`
}
