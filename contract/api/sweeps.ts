import type { Cost } from '../../domain/life/cost-words.ts'
/** What the API gives of sweeps and their plans. Times are milliseconds since 1970. */
import type { Issue } from '../../domain/errors.ts'
import type { PointStatus, SweepStatus } from '../../domain/life/run-status.ts'
import type { SweepAgreement } from '../../domain/score/same-questions.ts'
import type { Objective } from '../../domain/sweep/objective.ts'
import type { Aggregate, Sweep } from '../../domain/sweep/sweep.ts'
import type { SlotHoursLeft } from '../../domain/life/slot-hours.ts'
import type { TimeLeft } from '../../domain/life/time-left.ts'
import type { MeasuredBaselineView } from './baselines.ts'
import type { RaceInShort } from '../../domain/words.ts'
import type { AxisView, PointView } from './points.ts'
import type { RunRow } from './runs.ts'

export type SweepSummary = {
  id: number
  name: string
  status: SweepStatus
  origin: 'file' | 'form' | 'imported'
  pauseReason: string | null
  /** How many values each axis has, in the file's order; and the one of milestones. */
  axes: Record<string, number>
  milestone: string | null
  /** Whether points get scores; else they are done when their training is. */
  isScored: boolean
  /** The metric whose values stand in place of scores; null where scores are of benchmarks. */
  objective: Objective | null
  counts: {
    points: number
    scored: number
    /** Of a sweep that scores nothing. */
    done: number
    failed: number
    cancelled: number
    /** Given up early by its search. */
    stopped: number
    trainings: number
    trainingsDone: number
    trainingsLive: number
    trainingsFailed: number
  }
  cells: CellsView
  /** How many points are in which state; `progress`: how far those are on average that run. */
  shares: { status: PointStatus; points: number; progress: number | null }[]
  best: { pointId: number; score: number; interval: [number, number] | null } | null
  /** The worst and the best score. */
  range: [number, number] | null
  slotsHeld: number
  /** Those of them that jobs will have that a cluster lets wait. */
  slotsQueued: number
  /** Evaluations asked for again that wait or live, also after its end. */
  openRepeats: number
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
  timeLeft: TimeLeft | null
  /** GPU hours, or CPU slot hours, that it still takes; null until it is known, and once it has ended. */
  slotHoursLeft: SlotHoursLeft | null
}

/**
 * Points in the plan's order (first axis slowest), for the small heatmap and the segmented bar: one each where a list has room
 * for them, else shares of neighbours, of each the best.
 */
export type CellsView = {
  /** A digit a cell: the place of its status among `pointStatuses`. */
  states: string
  /** To four digits: they are colours. */
  scores: (number | null)[]
  /** Cells that are worked on, and how far that is, from 0 to 1. */
  progress: [cell: number, share: number][]
}

export type SweepDetail = Omit<SweepSummary, 'axes' | 'milestone'> & {
  /** Of a sweep that agents train and that has not ended: how many agents asked lately, and how many of them wait. */
  agents: { count: number; idle: number } | null
  axes: AxisView[]
  definition: Sweep
  /** The sweep as a file: as it was written, or made from the form. */
  source: string
  directory: string
  /** Slot hours of all its attempts, failed and live ones too. */
  slotHoursSpent: number
  /** The newest curriculum that it is a stage of, its place among the stages from 1; null where it is of none. */
  curriculum: { id: number; name: string; stage: number; stages: number } | null
  note: string
  score: {
    aggregate: Aggregate
    baseline: { id: number | null; name: string | null; accuracies: Record<string, number> }
    /** How the measuring of the baseline stands; null where the sweep measures none. */
    measured: MeasuredBaselineView | null
    /** How alike its checkpoints answered the same questions; null where only the numbers of right answers are known. */
    agreement: SweepAgreement | null
  }
  /** Those that somebody looks for first: live, failed, ended last; at most 20, by number. All are read by the page (`sweeps.runs`). */
  runs: RunRow[]
  /** How its race stands; null where its evaluations do not race. */
  race: RaceInShort | null
  /** Of a sweep that looks once more at points that cannot be told from the best. */
  finalists: FinalistsView | null
  bestPoint: PointView | null
  inShort: PointsInShort
  /** Sentences where its points came from more than one state of the code. */
  code: string[]
  /** Checkpoints of its points that somebody picked and that are somewhere. */
  picked: number[]
  /** Attempts that failed and were tried again, and the last of them. */
  retried: { attempts: number; runId: number; runNumber: number } | null
  /** After a change of the baseline: the share of the points whose score rests on the new one; null when all do. */
  rescored: number | null
}

/** Points that could not be told from the best, as they were looked at once more. */
export type FinalistsView = {
  /** null: not chosen yet. */
  way: 'none' | 'seeds' | 'samples' | null
  /** What it would cost at most and tell, or, once chosen, what it was to. */
  words: string
  /** Best first by the mean; empty until they are chosen. */
  settings: {
    /** Without the seed. */
    params: Record<string, string>
    seeds: { seed: string; runId: number; runNumber: number; status: PointStatus; score: number | null }[]
    /** Of the scores that are there: over seeds, or of several samples a question. */
    mean: number | null
    /** 95 %, over seeds or over questions; null where it is not known. */
    interval: [number, number] | null
    /** Whether the mean may be that of the best; null where nobody can say. */
    mayBeBest: boolean | null
  }[]
}

/** What is known of all points together: they are read by the page (`sweeps.points`) and as matrices (`sweeps.map`). */
export type PointsInShort = {
  /** Points that cannot be told from the best, without itself. */
  tiedWithBest: number
  /** Points other than the best whose interval is known. */
  withInterval: number
  /** No chances of being the best are stated, as the scores are so close that mostly luck decided. */
  mostlyLuck: boolean
  /** Points that no other one beats in all of several objectives; 0 where there are not several. */
  onFront: number
  /** Scored points that break a constraint. */
  broken: number
  /** Published scores that are known only rounded. */
  rounded: number
  /** The baseline's, then the others that points were measured on. */
  benchmarks: string[]
  /** The lowest and the highest end of any score or interval; null while nothing has a score. */
  extremes: [number, number] | null
  /** A sample of the scored points as columns, best first, with their ranks from 0; to five digits. */
  ranks: { ranks: number[]; scores: number[]; intervals: ([number, number] | null)[]; tied: boolean[] }
  failedRun: { id: number; number: number } | null
}

/** A sweep with every run and every point, in the plan's order: seconds for 100,000. */
export type WholeSweep = SweepDetail & {
  points: PointView[]
  /** At most 200. */
  retriedAttempts: {
    runId: number
    runNumber: number
    kind: 'training' | 'evaluation'
    attempt: number
    error: string | null
  }[]
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
  /** What one of each took in earlier runs of the same command; null when nothing was measured. */
  estimate: { trainingSecondsEach: number; evaluationSecondsEach: number | null } | null
  /** What it will take; null when it cannot be planned at all. */
  cost: Cost | null
  /** What finalists would cost at most and tell; null where there are none. */
  finalists: string | null
  slotsAvailable: number
  /** Which clients of trackers do not log here, or not only, as a person has pointed them elsewhere; sentences. */
  tracking: string[]
  /** What of it an earlier sweep did already, and why something like it is done again; sentences. */
  reuse: string[]
  /**
   * What is left to do after that; null while something stands against starting. `continued`: trainings that go on from a shorter one;
   * `continuable`: those that would if they were told to.
   */
  work: { trainings: number; evaluations: number; continued: number; continuable: number } | null
  /** The newest sweep of exactly this definition and folder. */
  same: { id: number; name: string } | null
  /** The folder that its commands would run in. */
  directory: string
  /** The definition as a file. */
  yaml: string
  /** Of a sweep file of W&B, which was given in place of ours: what of it is in the definition, and what is not, with what to write. */
  converted: { taken: string[]; notes: string[] } | null
}
