/** What the API gives of checkpoints, their results and what may be done with them. Times are milliseconds since 1970. */
import type { KeepReason } from '../../domain/life/keep-rules.ts'
import type { PointStatus } from '../../domain/life/run-status.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import type { JobView } from './jobs.ts'
import type { CheckpointRepeats } from './repeats.ts'

export type BenchmarkResult = {
  accuracy: number | null
  correct: number | null
  total: number | null
  /** accuracy ÷ baseline; null where the baseline lacks the benchmark or there is no accuracy */
  ratio: number | null
  /** 95 % interval of the accuracy, where the number of questions is known */
  interval: [number, number] | null
  /** Whether counts came from the report, were derived from `score.questions`, or are unknown. */
  counts: 'reported' | 'derived' | 'unknown'
  error: string | null
}

export type CheckpointRef = {
  id: number
  step: number | null
  epoch: number | null
  /** Absolute; null where only evaluations were reported or published. */
  path: string | null
  picked: boolean
}

export type CheckpointView = CheckpointRef & {
  attempt: number
  createdAt: number
  /** Whether the path exists on disk now. */
  exists: boolean
  /** Bytes on disk when it was saved; null where that is not known. */
  sizeBytes: number | null
  /** When a keep rule deleted its files; null where none did. */
  removedAt: number | null
  /** Whether it has the highest score of its run. */
  best: boolean
  /** What a person called it. */
  tags: string[]
  note: string
  /** Runs that started from it. `title`: `short-cot, run 8`. */
  startedRuns: { id: number; title: string }[]
  results: Record<string, BenchmarkResult>
  score: number | null
  interval: [number, number] | null
  /** Where a race has asked it some of its questions only, so far or for good. */
  partly: { asked: number; questions: number } | null
  /** The point it is the checkpoint of, where the sweep has one. */
  point: { id: number; number: number; status: PointStatus; error: string | null } | null
  evaluation: JobView | null
  /** The run of an earlier sweep whose evaluation measured it, where its results were taken over. */
  measuredIn: { id: number; number: number; sweepName: string } | null
  /** What was measured when it was evaluated again; null where it was not. */
  repeats: CheckpointRepeats | null
}

/** What is known of a checkpoint whoever trained it. */
export type KeptCheckpoint = CheckpointRef &
  Pick<CheckpointView, 'exists' | 'sizeBytes' | 'removedAt' | 'tags' | 'note' | 'startedRuns' | 'results'>

/** The sweep that would go on from one or several checkpoints, and the one it is filled from. */
export type NextRoundView = {
  /** `step 120 of short-cot, run 3`; `3 checkpoints of short-cot`. */
  checkpointName: string
  /** Of the first. */
  runId: number
  round: number
  /** null where nobody said in which folder, as of a run of its own may be; `before` is null of all of those. */
  directory: string | null
  before: Sweep | null
  /** What could not be filled in of a run of its own, in sentences. */
  unknown: string[]
  definition: Sweep
}

/** What a keep rule would do to the files of a sweep's checkpoints. */
export type CleanUpView = {
  remove: { id: number; runId: number; runNumber: number; name: string; path: string; sizeBytes: number | null }[]
  /** How many stay, by reason; `elsewhere`: outside the run's own folder, or around one that stays. */
  kept: Record<KeepReason | 'elsewhere', number>
  /** What would be free, as far as sizes are known. */
  bytes: number
}
