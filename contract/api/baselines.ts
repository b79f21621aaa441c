/** What the API gives of baselines. Times are milliseconds since 1970. */

export type BaselineView = {
  id: number
  name: string
  accuracies: Record<string, number>
  /** How many questions each rests on, where that is known. */
  questions: Record<string, number>
  note: string
  usedBySweeps: number
}

/** The best point of a sweep against a baseline that was measured on questions, too: others would have moved both. */
export type AgainstBaselineView = {
  /** 95 % interval of the score; null where it cannot be known, with the reason. */
  interval: [number, number] | null
  reason: string | null
  /** 95 % interval of each of the baseline's accuracies, where its number of questions is known. */
  baseline: Record<string, [number, number]>
  /** Benchmarks of which nobody said how many questions the baseline answered: as many as the sweep's points, it is taken. */
  assumed: string[]
  /** Benchmarks that both answered question by question. */
  paired: string[]
}
