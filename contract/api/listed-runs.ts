/** What the API gives of many runs in one list: those of sweeps and those of their own. Times are milliseconds since 1970. */
import type { JobStatus } from '../../domain/life/run-status.ts'
import type { OwnClient } from '../../domain/sweep/track.ts'
import type { RunHome } from './runs.ts'

export type ListedRun = {
  id: number
  number: number
  /** `run 8` in a sweep, else what its client or a person calls it. */
  name: string
  home: RunHome
  status: JobStatus
  startedAt: number | null
  finishedAt: number | null
  lastStep: number | null
  /** Of a run of its own: who logs it, and when that last said anything (nobody watches its process). */
  own: { client: OwnClient; heardAt: number } | null
  group: string | null
  jobType: string | null
  tags: string[]
  note: string
  /** The run that it is a part of. */
  parent: { id: number; name: string } | null
  /** The best of its points, as its sweep scores them. */
  score: number | null
  /** Its values of the settings that are asked for; what it does not have is left out. */
  params: Record<string, string>
  /** The newest values of the metrics that are asked for. NaN and the infinities are values. */
  metrics: Record<string, number>
}

export type ListedRunsPage = {
  total: number
  offset: number
  rows: ListedRun[]
  /** Why the filter cannot be read, a sentence; null: it can. */
  error: string | null
  /** Settings that differ among the newest 1,000 of those found, those that most of them have first. */
  differing: string[]
  /** Names of their metrics, as charts stand. */
  metrics: string[]
  /** Every name that a filter may hold. */
  fields: string[]
}
