/** How a sweep goes through its axes. A method is pure functions of a snapshot: what comes first, what next, what is given up. */
import type { JobStatus, PointStatus } from '../life/run-status.ts'
import type { Plan, PlannedPoint, PlannedRun } from '../sweep/plan.ts'
import type { Sweep } from '../sweep/sweep.ts'

/** What has become of a sweep so far, runs and points by their numbers. */
export type SearchHistory = {
  runs: readonly (PlannedRun & { status: JobStatus })[]
  points: readonly (Pick<PlannedPoint, 'number' | 'runNumber' | 'params' | 'milestone'> & {
    status: PointStatus
    score: number | null
  })[]
}

/** Runs and points to be added: their numbers go on where those of the history end, and no point's key is there twice. */
export type MorePoints = Pick<Plan, 'runs' | 'points'>

export type SearchMethod = {
  /** How many trainings and points it begins with, without making them. */
  size(sweep: Sweep): { trainings: number; points: number }
  /** What it begins with, for a sweep that `checkSweep` found nothing wrong with. */
  firstPoints(sweep: Sweep): Plan
  /** What comes next, asked whenever a job has ended; null: it never adds any, and need not be asked. */
  nextPoints: ((sweep: Sweep, history: SearchHistory) => MorePoints) | null
  /** Runs, waiting or live, that are not worth going on with, each with a sentence that says why; null: it never gives any up. */
  stop: ((history: SearchHistory) => { run: number; reason: string }[]) | null
}
