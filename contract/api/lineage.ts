/** What the API gives of which run came from which. Times are milliseconds since 1970. */
import type { Difference } from '../../domain/sweep/settings/definition-differences.ts'
import type { JobStatus } from '../../domain/life/run-status.ts'
import type { OwnClient } from '../../domain/sweep/track.ts'
import type { BuiltInTrainer } from '../../domain/sweep/sweep.ts'
import type { CheckpointRef } from './checkpoints.ts'
import type { Progress } from './jobs.ts'
import type { RunHome } from './runs.ts'

/** The graph as it is drawn, parents before what came from them; a line of it in full is asked for by itself. */
export type LineageGraph = {
  /** Sweeps and projects, which runs refer to by their places. */
  homes: (RunHome & { imported?: true })[]
  /** Names of settings, which runs refer to by their places. */
  settings: string[]
  runs: LineageNode[]
}

/** A run in the graph; what does not hold of it is left out. */
export type LineageNode = {
  id: number
  /** Its place in `homes`. */
  home: number
  runName: string
  trainer: LineageRunView['trainer']
  /** Where it, its sweep or its project was deleted. */
  deleted?: true
  /** Where it is not done. */
  status?: JobStatus
  parentId?: number
  base?: string
  round?: number
  others?: number
  checkpoints: number
  /** The checkpoint it starts from, where that is not the one that stands for its parent. */
  start?: { step: number | null; epoch: number | null }
  /** As in `Difference`; `setting`: its place in `settings`. */
  changes: [setting: number, before: string | null, after: string | null][]
  /** Figures to five digits. */
  chosen?: {
    step?: number
    epoch?: number
    picked?: true
    score?: number
    interval?: [number, number]
    rounded?: true
  }
}

/** Which run came from which, parents before what came from them. */
export type LineageView = {
  /** What every score compares with; null: each sweep's own baseline. */
  baselineId: number | null
  runs: LineageRunView[]
}

export type LineageRunView = {
  id: number
  home: RunHome
  /** `run 8`; a run of its own by its name. */
  runName: string
  /** It, its sweep or its project was deleted. */
  deleted: boolean
  imported: boolean
  /** A built-in one, a command, or the client that logs a run of its own. */
  trainer: BuiltInTrainer | 'command' | OwnClient
  params: Record<string, string>
  status: JobStatus
  progress: Progress
  parentId: number | null
  /** The checkpoint it starts from, one of `parentId`'s. */
  startCheckpointId: number | null
  /** What a run without a parent starts from: runs of one base belong together. Null where there is a parent. */
  base: string | null
  round: number | null
  /** What its trainer was told otherwise than its parent's; between a sweep and a script of one's own what both name. Empty without a parent. */
  changes: Difference[]
  checkpoints: { id: number; step: number | null; epoch: number | null; score: number | null; picked: boolean }[]
  /** What stands for the run: the newest that was picked, else one that a round started from, else the best, else the last. */
  chosen: LineageCheckpoint | null
  lastStep: number | null
  /** Of a sweep's: its runs from the same model or checkpoint that nobody picked from or went on from: they are not listed. */
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
