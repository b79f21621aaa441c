/** What the API gives: the shapes the pages and the command line are built on. Times are milliseconds since 1970. */
import type { Issue } from '../domain/errors.ts'
import type { KeepReason } from '../domain/keep-rules.ts'
import type { AttemptStatus, JobStatus, PointStatus, StopReason, SweepStatus } from '../domain/run-status.ts'
import type { Difference } from '../domain/definition-differences.ts'
import type { Aggregate, BuiltInTrainer, Sweep } from '../domain/sweep.ts'

export type AxisView = { name: string; values: string[]; milestone: boolean }

/** A slot of the machine and what holds it. */
export type SlotView = {
  id: string
  /** null: free */
  held: { jobId: number; kind: 'training' | 'evaluation'; sweepId: number; sweepName: string; runId: number } | null
}

export type SystemView = {
  version: string
  dataFolder: string
  /** What keeps the scheduler from going on (a full disk, say); null when all is well. */
  problem: string | null
  slotKind: 'gpu' | 'cpu'
  slots: SlotView[]
  /** What runs now, one entry a live job. */
  live: {
    jobId: number
    kind: 'training' | 'evaluation'
    sweepId: number
    sweepName: string
    runId: number
    params: Record<string, string>
    attempt: number
    slots: string[]
    progress: Progress
    secondsLeft: number | null
  }[]
}

/** done of total, in the trainer's own unit; null before it reported any. */
export type Progress = { done: number; total: number } | null

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
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
  timeLeft: TimeLeft | null
}

/** null until a training was measured. Seconds of wall time; parts add up to the whole. */
export type TimeLeft = { seconds: number; trainingSeconds: number; evaluationSeconds: number }

export type BaselineView = {
  id: number
  name: string
  accuracies: Record<string, number>
  note: string
  usedBySweeps: number
}

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
  /** Of the training, or of the evaluation once that runs. */
  progress: Progress
  checkpoint: CheckpointRef | null
  /** By benchmark: every one of the baseline, then the others in the order reported. */
  results: Record<string, BenchmarkResult>
  score: number | null
  interval: [number, number] | null
  chanceOfBest: number | null
  tiedWithBest: boolean
  /** The score is a published, rounded figure. */
  rounded: boolean
  finishedAt: number | null
}

export type CheckpointRef = {
  id: number
  step: number | null
  epoch: number | null
  /** Absolute; null where only evaluations were reported or published. */
  path: string | null
  picked: boolean
}

export type RunRow = {
  id: number
  number: number
  params: Record<string, string>
  status: JobStatus
  stopReason: StopReason | null
  attempt: number
  slots: string[] | null
  progress: Progress
  startedAt: number | null
  finishedAt: number | null
  error: string | null
  bestScore: number | null
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
}

/** A page of a large sweep's points. */
export type PointsPage = {
  /** Points that pass the filter. */
  total: number
  /** What is wrong with the filter; every point passes then. */
  error: string | null
  offset: number
  /** `rank` by score, from 1; `tied`: in the bracket of the best, with those above and below it. */
  rows: { point: PointView; rank: number | null; brace: 'alone' | 'first' | 'middle' | 'last' | null }[]
  /** Where the last point stands that cannot be told from the best, in this order; −1 where there is none. */
  lastTied: number
}

/** A large sweep's scores as matrices: one entry a cell, panels after each other, each row by row. */
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
  /** A digit a cell: the place of the point's status among `statuses`; a blank where there is no point. */
  states: string
  statuses: PointStatus[]
  /** Points and scored points of each cell. */
  points: number[]
  scored: number[]
  tied: number[]
  domain: { low: number; high: number } | null
  bestOver: string[]
}

export type AttemptView = {
  number: number
  status: AttemptStatus
  slots: string[]
  pid: number | null
  startedAt: number | null
  finishedAt: number | null
  exitCode: number | null
  signal: string | null
  error: string | null
  firstStep: number | null
  lastStep: number | null
  resumedFrom: string | null
  /** Lines of events.jsonl read so far. */
  eventLines: number
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
  /** Runs that started from it. */
  startedRuns: { id: number; number: number; sweepId: number; sweepName: string }[]
  results: Record<string, BenchmarkResult>
  score: number | null
  interval: [number, number] | null
  /** The point it is the checkpoint of, where the sweep has one. */
  point: { id: number; number: number; status: PointStatus; error: string | null } | null
  evaluation: JobView | null
}

/** An evaluation as a job of its own. */
export type JobView = {
  id: number
  kind: 'training' | 'evaluation'
  status: JobStatus
  attempt: number
  progress: Progress
  error: string | null
  attempts: AttemptView[]
}

/** Where a run began: a checkpoint of ours, or a model named by the sweep. */
export type RunStart = {
  /** null where it is no checkpoint that we know. */
  checkpoint: { id: number; step: number | null; epoch: number | null; runId: number; runNumber: number } | null
  sweepName: string | null
  /** As the sweep names it, with its placeholders filled in. */
  init: string
}

export type RunDetail = RunRow & {
  sweep: {
    id: number
    name: string
    axes: AxisView[]
    baseline: Record<string, number>
    status: SweepStatus
    origin: 'file' | 'form' | 'imported'
  }
  /** null where it starts from new weights, or nobody said from what. */
  startedFrom: RunStart | null
  /** How many rounds led here, itself included; null for what is no round. */
  round: number | null
  /** The command's arguments as they ran, or null for a built-in trainer or before the first start. */
  command: string[] | null
  folder: string
  attempts: AttemptView[]
  checkpoints: CheckpointView[]
  /** Names of its metrics, in the order first seen. */
  metrics: string[]
  backend: string | null
  timeLeftSeconds: number | null
  /** What was wrong with its events file, and the trainer's notes: newest last, at most 200. */
  notes: {
    attempt: number
    line: number
    type: 'note' | 'unknown' | 'problem'
    level: 'info' | 'warning' | 'error'
    text: string
  }[]
}

export type LogChunk = {
  text: string
  /** Byte offset after the text: ask again from here. */
  nextOffset: number
  /** Bytes before `text` that were left out, when the tail was asked for. */
  skipped: number
  /** The attempt has ended and everything was given. */
  ended: boolean
}

/** One metric of one run: `steps[i]` with the envelope of the bucket there. minimum = mean = maximum where a bucket holds one point. */
export type SeriesView = {
  runId: number
  metric: string
  steps: number[]
  mean: (number | null)[]
  minimum: (number | null)[]
  maximum: (number | null)[]
  /** Points in the range before bucketing. */
  points: number
  last: { step: number; value: number | null } | null
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

/** A change that pages listen to: everything that shows the sweep (or the run) should be read again. */
export type Change = { sweepId: number | null; runId: number | null; topic: 'sweep' | 'run' | 'system' | 'baseline' }

/** The sweep that would go on from one or several checkpoints, and the one it is filled from. */
export type NextRoundView = {
  /** `step 120 of short-cot, run 3`; `3 checkpoints of short-cot`. */
  checkpointName: string
  /** Of the first. */
  runId: number
  round: number
  directory: string
  before: Sweep
  definition: Sweep
}

/** Which run came from which, parents before what came from them. */
export type LineageView = {
  /** What every score compares with; null: each sweep's own baseline. */
  baselineId: number | null
  runs: LineageRunView[]
}

export type LineageRunView = {
  id: number
  number: number
  sweepId: number
  sweepName: string
  sweepDeleted: boolean
  imported: boolean
  trainer: BuiltInTrainer | 'command'
  params: Record<string, string>
  status: JobStatus
  progress: Progress
  parentId: number | null
  /** The checkpoint it starts from, one of `parentId`'s. */
  startCheckpointId: number | null
  /** What a run without a parent starts from: runs of one base belong together. Null where there is a parent. */
  base: string | null
  round: number | null
  /** What its trainer was told otherwise than its parent's; empty without a parent. */
  changes: Difference[]
  checkpoints: { id: number; step: number | null; epoch: number | null; score: number | null; picked: boolean }[]
  /** What stands for the run: the newest that was picked, else one that a round started from, else the best, else the last. */
  chosen: LineageCheckpoint | null
  lastStep: number | null
  /** Runs of the same sweep from the same model or checkpoint that nobody picked from or went on from: they are not listed. */
  others: number
}

export type LineageCheckpoint = CheckpointRef & {
  score: number | null
  interval: [number, number] | null
  /** The score is, or rests on, published figures that are known only rounded. */
  rounded: boolean
  exists: boolean
  tags: string[]
  note: string
  accuracies: Record<string, number>
}

/** What a keep rule would do to the files of a sweep's checkpoints. */
export type CleanUpView = {
  remove: { id: number; runId: number; runNumber: number; name: string; path: string; sizeBytes: number | null }[]
  /** How many stay, by reason; `elsewhere`: outside the run's own folder, or around one that stays. */
  kept: Record<KeepReason | 'elsewhere', number>
  /** What would be free, as far as sizes are known. */
  bytes: number
}
