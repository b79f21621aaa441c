/** How a sweep goes through its axes. A method is pure functions of a snapshot: what comes first, what next, what is given up. */
import type { JobStatus, PointStatus } from '../life/run-status.ts'
import type { Plan, PlannedPoint, PlannedRun } from '../sweep/plan.ts'
import type { SearchingMethod } from '../sweep/searching.ts'
import type { Sweep } from '../sweep/sweep.ts'

/** What has become of a sweep so far, runs and points by their numbers. */
export type SearchHistory = {
  runs: readonly (PlannedRun & { status: JobStatus })[]
  points: readonly (Pick<PlannedPoint, 'number' | 'runNumber' | 'params' | 'milestone'> & {
    status: PointStatus
    score: number | null
    /** Of the score, from the numbers of questions; absent where it is not known. */
    variance?: number | null
    /** Of a sweep with several objectives, larger is better; absent or null where one is not known, or there are not several. */
    objectives?: readonly number[] | null
    /** How far inside each constraint it lies, below 0 where one is broken; null where that is not known. */
    slacks?: readonly (number | null)[] | null
  })[]
}

/** Why a training was proposed, as it was known then. */
export type Proposal = {
  /** `start`: one of the first, spread over the space; `person`: somebody wanted it. */
  by: SearchingMethod | 'start' | 'person'
  /** Trainings with a value by then, and trainings under way. */
  seen: number
  pending: number
  /** Of the model: the value expected, its standard deviation, and by how much more than the incumbent's that is expected to be. */
  expected?: { mean: number; deviation: number; improvement: number }
  /** Of TPE: how many times likelier its values are among the best than among the others. */
  ratio?: number
  /** The best by then, and the training that lies nearest of those with a value. */
  best?: { run: number; value: number }
  nearest?: { run: number; value: number }
}

/** Runs and points to be added: their numbers go on where those of the history end, and no point's key is there twice. */
export type MorePoints = { runs: (PlannedRun & { proposal?: Proposal })[]; points: Plan['points'] }

export type SearchMethod = {
  /** How many trainings and points there will be, without making them. */
  size(sweep: Pick<Sweep, 'axes' | 'when' | 'search'>): { trainings: number; points: number }
  /** What it begins with, for a sweep that `checkSweep` found nothing wrong with. */
  firstPoints(sweep: Sweep): Plan
  /** What comes next, asked whenever a job has ended; null: it never adds any, and need not be asked. */
  nextPoints: ((sweep: Sweep, history: SearchHistory) => MorePoints) | null
  /** At most so many trainings that are worth starting now, asked when there is room for them; null: it proposes none. */
  propose: ((sweep: Sweep, history: SearchHistory, count: number) => MorePoints) | null
  /** Runs, waiting or live, that are not worth going on with, each with a sentence that says why; null: it never gives any up. */
  stop: ((history: SearchHistory) => { run: number; reason: string }[]) | null
}
