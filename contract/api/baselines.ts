/** What the API gives of baselines. Times are milliseconds since 1970. */
import type { JobStatus } from '../../domain/life/run-status.ts'

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
  /**
   * Standard deviation of a score from seed to seed, of every sweep with the same trainer, from so many degrees of freedom; null where
   * no setting was trained with two seeds.
   */
  seeds: { deviation: number; freedom: number } | null
}

/** A baseline that a sweep measures with its own evaluation. */
export type MeasuredBaselineView = {
  /** As the sweep names it. */
  checkpoint: string
  status: JobStatus
  /** Why points have no score for want of it; null where it is known. */
  reason: string | null
  /** The page of its evaluation. */
  runId: number | null
  /** Whether an earlier sweep had measured it. */
  reused: boolean
  /** By benchmark. */
  results: Record<string, { correct: number | null; total: number | null; accuracy: number | null }>
}
