/** What the API gives of runs of their own: those that no sweep started. Times are milliseconds since 1970. */
import type { JobStatus } from '../../domain/life/run-status.ts'
import type { OwnClient } from '../../domain/sweep/track.ts'
import type { KeptCheckpoint } from './checkpoints.ts'
import type { RunDetail, RunStart, UsedArtifact } from './runs.ts'

/** A project with the runs of it that are not deleted. */
export type ProjectView = { id: number; name: string; runs: number; running: number; lastHeardAt: number | null }

export type OwnRunView = {
  id: number
  number: number
  name: string
  project: { id: number; name: string }
  client: OwnClient
  clientId: string
  status: JobStatus
  startedAt: number | null
  finishedAt: number | null
  /** When its client last said anything: nobody watches its process. */
  heardAt: number
  lastStep: number | null
  group: string | null
  jobType: string | null
  tags: string[]
  note: string
  /** The run that it is a part of. */
  parent: { id: number; name: string } | null
  deleted: boolean
}

export type OwnRunDetail = OwnRunView & {
  sweep: null
  settings: Record<string, string>
  summary: Record<string, unknown>
  exitCode: number | null
  /** Oldest first; more than one where an import brought several. `firstStep`: the first that it logged. */
  attempts: { number: number; firstStep: number | null }[]
  metrics: string[]
  hasSamples: boolean
  /** In the order of training. A run of its own has no baseline: no ratios, and no score. */
  checkpoints: KeptCheckpoint[]
  /** The checkpoint of ours that it goes on from; null where its client named none. */
  startedFrom: RunStart | null
  /** How many rounds led here; null for what is no round. */
  round: number | null
  /** Newest first, at most 500. */
  files: { name: string; bytes: number }[]
  artifacts: UsedArtifact[]
  /** Runs that are parts of it. */
  parts: { id: number; name: string; status: JobStatus }[]
  notes: RunDetail['notes']
  folder: string
}
