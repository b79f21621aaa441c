/** What the API gives of runs, their attempts and metrics. Times are milliseconds since 1970. */
import type { Objective } from '../../domain/sweep/objective.ts'
import type { AxisKind } from '../../domain/asking/step-places.ts'
import type { JobStatus, StopReason, SweepStatus } from '../../domain/life/run-status.ts'
import type { CheckpointView } from './checkpoints.ts'
import type { AttemptView, Progress } from './jobs.ts'
import type { AxisView } from './points.ts'

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
  /** Of points that break no constraint. */
  bestScore: number | null
}

/** What a run is one of: a sweep, or, where no sweep started it, a project. */
export type RunHome = { kind: 'sweep' | 'project'; id: number; name: string }

/** A page of a sweep's runs, by number. */
export type RunRowsPage = { total: number; offset: number; rows: RunRow[] }

/** Where a run began: a checkpoint of ours, or a model named by the sweep. `runTitle`: `short-cot, run 8`. */
export type RunStart = {
  /** null where it is no checkpoint that we know. */
  checkpoint: { id: number; step: number | null; epoch: number | null; runId: number; runTitle: string } | null
  /** As the sweep names it, with its placeholders filled in. */
  init: string
}

/** A run of another sweep, to lead to. */
export type OtherRun = { id: number; number: number; sweepName: string }

/** What a run used or made beside its checkpoints, each once. `folder`: of its files below those of the run. */
export type UsedArtifact = { role: 'used' | 'made'; name: string; kind: string; about: string; folder: string | null }

export type RunDetail = RunRow & {
  /** What a person wrote of it, in Markdown. */
  note: string
  sweep: {
    id: number
    name: string
    axes: AxisView[]
    baseline: Record<string, number>
    status: SweepStatus
    origin: 'file' | 'form' | 'imported'
    /** The metric that stands in place of scores; null: there are scores. */
    objective: Objective | null
  }
  /** null where it starts from new weights, or nobody said from what. */
  startedFrom: RunStart | null
  /** What its script's client said that it used and made. */
  artifacts: UsedArtifact[]
  /** The run of an earlier sweep that did the same, so that this one was not run. */
  reusedFrom: OtherRun | null
  /** The run of another sweep that does the same and has not ended: this one waits whether it can be reused. */
  awaits: OtherRun | null
  /**
   * The shorter training that it goes on from, and where that ended. `told`: because a person said so, although it is not known to be
   * the same as a training from the start.
   */
  continues: (OtherRun & { checkpoint: string; told: boolean }) | null
  /** How it was judged before its end (`stop_early`), in that order; and the rung at which it waits for that. */
  judged: { verdict: 'goes on' | 'stopped' | 'spared'; reason: string; at: number }[]
  held: number | null
  /** How many rounds led here, itself included; null for what is no round. */
  round: number | null
  /** What a built-in trainer is told beside `params`, as its sweep wrote it; dotted names. */
  settings: Record<string, string>
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
  /** Where the steps stand on the axis that was asked for; null where that is the steps themselves. */
  places: number[] | null
  mean: (number | null)[]
  minimum: (number | null)[]
  maximum: (number | null)[]
  /** Points in the range before bucketing. */
  points: number
  /** The newest point; its value may be NaN or infinite. */
  last: { step: number; value: number } | null
}

/** One metric of many runs, to be drawn over each other: columns as `contract/doubles.ts` packs them. */
export type BundleView = {
  /** What is to be given as `since`, to be told only what came after this. */
  version: string
  /** The runs that this tells of: all that were asked for, or those that changed; those without a line here have none. */
  runIds: number[]
  /** Columns of places on the axis that was asked for: most lines have theirs in common. */
  places: string[]
  /** `places`: which of these; `values`: the mean at each, NaN where there is none. */
  lines: { runId: number; places: number; values: string }[]
}

/** An axis that curves can stand on besides their steps. */
export type AxisChoice = {
  kind: Exclude<AxisKind, 'step'>
  /** Why these runs have none of this kind, a sentence; null where they have. */
  missing: string | null
  /** The first and the last place of any run. */
  extent: [number, number] | null
  /** Some of each run's steps and where they stand: enough to place a mark. */
  runs: { runId: number; steps: number[]; places: number[] }[]
}

/** What the attempts of a job and the machine took, by time. */
export type SystemMetricsView = {
  /** When the charts begin, in seconds since 1970. */
  begun: number
  /** Where the last sample stands, in seconds after that. */
  seconds: number
  /** When each attempt began, in seconds after `begun`. */
  attempts: { number: number; seconds: number }[]
  /** Names as `attempt/cpu_percent`, `gpu.0/power_watts`; places are seconds after `begun`. Between attempts there is a gap. */
  series: SeriesView[]
}
