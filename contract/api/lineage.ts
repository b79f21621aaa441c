/** What the API gives of which run came from which. Times are milliseconds since 1970. */
import type { Difference } from '../../domain/sweep/definition-differences.ts'
import type { JobStatus } from '../../domain/life/run-status.ts'
import type { BuiltInTrainer } from '../../domain/sweep/sweep.ts'
import type { CheckpointRef } from './checkpoints.ts'
import type { Progress } from './jobs.ts'

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
