/** What the API gives of curricula. Times are milliseconds since 1970. */
import type { Issue } from '../../domain/errors.ts'
import type { CurriculumStatus, SweepStatus } from '../../domain/life/run-status.ts'
import type { PickRule } from '../../domain/sweep/rounds/pick-rule.ts'

export type CurriculumSummary = {
  id: number
  name: string
  status: CurriculumStatus
  /** Why it is paused, failed or was cancelled. */
  reason: string | null
  /** Stages of the file, and those of them that have their pick. */
  stages: number
  stagesDone: number
  /** The stage under way; null where none is started, or all have their pick. */
  current: { name: string; sweepId: number; status: SweepStatus } | null
  createdAt: number
  finishedAt: number | null
}

/** What the rule picked of a stage. */
export type StagePick = {
  pointId: number
  pointNumber: number
  runId: number
  runNumber: number
  checkpointId: number
  /** `step 40`. */
  checkpointName: string
  score: number
  interval: [number, number] | null
  /** As the rest of a sentence. */
  reason: string
}

export type StageView = {
  name: string
  /** The stage whose picked checkpoint it starts from. */
  from: string | null
  rule: PickRule
  /** Null where it is not started. */
  sweep: {
    id: number
    name: string
    status: SweepStatus
    pauseReason: string | null
    deleted: boolean
    points: number
    scored: number
    failed: number
    startedAt: number | null
    finishedAt: number | null
  } | null
  /** Null where it has not come to its end. */
  picked: StagePick | null
  /** The stored baseline that its picked checkpoint became. */
  baseline: string | null
}

export type CurriculumView = Omit<CurriculumSummary, 'stages'> & {
  /** The file as it was written. */
  source: string
  directory: string
  stages: StageView[]
}

/** What a curriculum file would run; `issues` is empty when it can start. */
export type CurriculumPreview = {
  issues: Issue[]
  /** null when the file cannot be planned at all. */
  plan: { name: string; stages: { name: string; from: string | null; trainings: number; points: number }[] } | null
  /** The folder that its commands would run in. */
  directory: string
}
