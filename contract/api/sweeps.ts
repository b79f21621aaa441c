/** What the API gives of sweeps and their plans. Times are milliseconds since 1970. */
import type { Issue } from '../../domain/errors.ts'
import type { PointStatus, SweepStatus } from '../../domain/life/run-status.ts'
import type { Aggregate, Sweep } from '../../domain/sweep/sweep.ts'
import type { TimeLeft } from '../../domain/life/time-left.ts'
import type { AxisView, PointView } from './points.ts'
import type { RunRow } from './runs.ts'

export type SweepSummary = {
  id: number
  name: string
  status: SweepStatus
  origin: 'file' | 'form' | 'imported'
  pauseReason: string | null
  axes: AxisView[]
  trainer: string
  counts: {
    points: number
    scored: number
    failed: number
    cancelled: number
    trainings: number
    trainingsDone: number
  }
  /**
   * In the plan's order (first axis slowest): for the small heatmap and the segmented bar. Of more than 200 points in a list,
   * and of a large sweep everywhere, at most 200 cells, each the best of its share of the plan.
   */
  cells: { status: PointStatus; score: number | null; progress: number | null }[]
  /** How many points are in which state; `progress`: how far those are on average that run. */
  shares: { status: PointStatus; points: number; progress: number | null }[]
  best: { pointId: number; score: number; interval: [number, number] | null; params: Record<string, string> } | null
  slotsHeld: number
  /** Evaluations asked for again that wait or live, also after its end. */
  openRepeats: number
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
  timeLeft: TimeLeft | null
}

export type SweepDetail = SweepSummary & {
  definition: Sweep
  /** The sweep as a file: as it was written, or made from the form. */
  source: string
  directory: string
  note: string
  score: {
    aggregate: Aggregate
    baseline: { id: number | null; name: string | null; accuracies: Record<string, number> }
  }
  /** Of a large sweep those that somebody looks for first: live, failed, ended last; at most 200. */
  runs: RunRow[]
  /** Of a large sweep the best alone. */
  points: PointView[]
  /** What is known of all its points, where there are too many to send; null where there are not. */
  large: LargeSweep | null
  /** Attempts that failed and were tried again. */
  retriedAttempts: {
    runId: number
    runNumber: number
    kind: 'training' | 'evaluation'
    attempt: number
    error: string | null
  }[]
}

/** A sweep of more than 2,000 points in short; its points are read by the page (`sweeps.points`) and as matrices (`sweeps.map`). */
export type LargeSweep = {
  /** Points that cannot be told from the best, without itself. */
  tiedWithBest: number
  /** Published scores that are known only rounded. */
  rounded: number
  /** The baseline's, then the others that the best was measured on. */
  benchmarks: string[]
  /** The lowest and the highest end of any score or interval; null while nothing has a score. */
  extremes: [number, number] | null
  /** A sample of the scored points, best first, with their ranks from 0. */
  ranks: { id: number; rank: number; score: number; interval: [number, number] | null }[]
  failedRun: { id: number; number: number } | null
  /** After a change of the baseline: the share of the points whose score rests on the new one; null when all do. */
  rescored: number | null
}

/** What a definition would run; `issues` is empty when it can start. */
export type Preview = {
  issues: Issue[]
  /** null when the definition cannot be planned at all */
  plan: {
    axes: AxisView[]
    trainings: number
    points: number
    /** The first training's command as it will run; null for built-in trainers. */
    firstCommand: string[] | null
    firstEvaluation: string[] | null
  } | null
  /** From earlier runs of the same command; null when nothing was measured. */
  estimate: {
    seconds: number
    trainingSecondsEach: number
    evaluationSecondsEach: number | null
    fromRuns: number
  } | null
  slotsAvailable: number
  /** The folder that its commands would run in. */
  directory: string
  /** The definition as a file. */
  yaml: string
}
