/** What a report gives when it is read by a sweep's settings, before anything is run. */

/** A benchmark that was read, or why it was not. */
export type TriedResult = {
  benchmark: string
  accuracy: number | null
  correct: number | null
  total: number | null
  /** Why there is no accuracy: a sentence. */
  error: string | null
  /** How many questions' answers were found beside it, and what is wrong with them; null: the harness left none. */
  answers: { count: number; problems: string[] } | null
  /** Whether the sweep's baseline has it; null where the sweep names no benchmarks yet. */
  counts: boolean | null
}

export type TriedReport = {
  /** The files that were read. */
  files: string[]
  /** The path or pattern by which a sweep file would name them as its baseline; null where one does not do. */
  asBaseline: string | null
  results: TriedResult[]
  /** Benchmarks of the sweep's baseline that the report lacks. */
  missing: string[]
  /** Why nothing was read: a sentence. */
  problem: string | null
}
