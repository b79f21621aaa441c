/** What the API gives of axes, points and their results. Times are milliseconds since 1970. */
import type { Goal } from '../../domain/sweep/stop-early.ts'
import type { Brace } from '../../domain/asking/order.ts'
import type { JobStatus, PointStatus } from '../../domain/life/run-status.ts'
import type { BenchmarkResult, CheckpointRef } from './checkpoints.ts'
import type { Progress } from './jobs.ts'

export type AxisView = { name: string; values: string[]; milestone: boolean }

export type PointView = {
  id: number
  number: number
  params: Record<string, string>
  status: PointStatus
  error: string | null
  runId: number
  runNumber: number
  runStatus: JobStatus
  attempt: number
  /** Its training is one of an earlier sweep, which did the same. */
  reused: boolean
  /** Of the training, or of the evaluation once that runs. */
  progress: Progress
  checkpoint: CheckpointRef | null
  /** The commit that was trained; null where it is not known. `changes`: whether there were uncommitted ones. */
  commit: string | null
  changes: boolean | null
  /** By benchmark: every one of the baseline, then the others in the order reported. */
  results: Record<string, BenchmarkResult>
  score: number | null
  /** Where the metric was logged whose value stands in place of a score; null where it is one. */
  scoreStep: number | null
  interval: [number, number] | null
  chanceOfBest: number | null
  tiedWithBest: boolean
  /** Of several objectives, in the file's order; null where a value is not known. Empty where there are not several. */
  objectives: (number | null)[]
  /** Whether no other point beats it in all of them; false where there are not several. */
  onFront: boolean
  /** Which constraints it breaks, in a sentence; null where it keeps all. */
  broken: string | null
  /** The score is a published, rounded figure. */
  rounded: boolean
  finishedAt: number | null
  /** Of one whose evaluation raced and that can no longer win: how many questions it was asked; null: all. */
  asked: number | null
  /** How many questions there are, where its sweep races; else null. */
  questions: number | null
}

/** Last values of a run's metrics by name, of those asked for that it has. May be NaN or infinite. */
export type LastMetrics = Record<string, number>

/** As much of a point as a row of a list shows. */
export type ListedPoint = Pick<
  PointView,
  | 'id'
  | 'number'
  | 'params'
  | 'status'
  | 'error'
  | 'runId'
  | 'runNumber'
  | 'attempt'
  | 'progress'
  | 'score'
  | 'interval'
  | 'chanceOfBest'
  | 'tiedWithBest'
  | 'objectives'
  | 'onFront'
  | 'broken'
  | 'rounded'
  | 'asked'
  | 'questions'
> & {
  checkpointId: number | null
  /** `error` only where there is one. */
  results: Record<string, { accuracy: number | null; ratio: number | null; error?: string }>
}

/** A page of a sweep's points. */
export type PointsPage = {
  /** Points that pass the filter. */
  total: number
  /** What is wrong with the filter; every point passes then. */
  error: string | null
  /** Names the order of the rows: asked for again with `asOf`, it is kept. */
  order: number
  /** What a kept order does not show: points scored since then, or else that the order would be another now. */
  news: number
  moved: boolean
  offset: number
  /** `rank` by score, from 1; `brace`: its part of the bracket around the best. */
  rows: {
    point: ListedPoint
    rank: number | null
    brace: Brace
    metrics: LastMetrics
  }[]
  /**
   * The place of the last point that cannot be told from the best, where one stands below that can; −1 where there is none,
   * or another order.
   */
  bracketEnd: number
}

/** A sweep's scores as matrices: one entry a cell, panels after each other, each row by row. */
export type PointsMap = {
  /** The axes shown. */
  panel: string | null
  down: string | null
  across: string | null
  panels: number
  rows: number
  columns: number
  /** The cell's best point by score, or the first while none has one; 0 where there is none. */
  ids: number[]
  numbers: number[]
  scores: (number | null)[]
  /** A digit a cell: the place of the point's status among `pointStatuses`; a blank where there is no point. */
  states: string
  /** Of the cells whose point is worked on now: how far that is, in its trainer's own unit. */
  progress: [cell: number, done: number, total: number][]
  /** Points and scored points of each cell. */
  points: number[]
  scored: number[]
  tied: number[]
  /** Of the cells' points, 1 for each that breaks a constraint, and for each on the front of several objectives. */
  broken: number[]
  front: number[]
  /** Of the cells whose point a race gave up: how many questions it was asked; and how many there are. */
  asked: [cell: number, asked: number][]
  questions: number | null
  /** Of axes that are not shown: where the point's value stands among the axis' values; 0 where there is no point. */
  hidden: Record<string, number[]>
  domain: { low: number; high: number } | null
  bestOver: string[]
}

/** A sweep's points by several objectives, those of the Pareto front first; of very many a sample. */
export type FrontView = {
  objectives: { metric: string; goal: Goal }[]
  /** Points of which every objective is known, and those of them that are on the front. */
  total: number
  onFront: number
  points: {
    id: number
    number: number
    params: Record<string, string>
    /** In the objectives' order. */
    values: number[]
    onFront: boolean
    broken: boolean
  }[]
}
