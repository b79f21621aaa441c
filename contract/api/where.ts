/** What the API gives of where attempts ran and when. Times are milliseconds since 1970. */
import type { IdleReason } from '../../domain/life/idle-reason.ts'
import type { Place } from '../../domain/life/place.ts'
import type { AttemptStatus } from '../../domain/life/run-status.ts'
import type { DrawnLane } from '../../domain/picture/slot-timeline.ts'

export type TimelineView = {
  from: number
  to: number
  /** Whether something still changes: the picture's end is now. */
  live: boolean
  /** Earlier attempts than this are not in it, as there are too many; null: all are. */
  cutAt: number | null
  /** Lanes from the first that was asked for; `lanesTotal` of them. */
  firstLane: number
  lanesTotal: number
  lanes: DrawnLane[]
  /** This machine's slots in that time, in milliseconds of one slot; null where nothing of the sweep runs here. */
  machine: {
    slots: number
    busy: number
    /** Of it the sweep's own. */
    own: number
    /** Longest first. */
    idle: { code: IdleReason['code']; sweepName: string | null; detail: string | null; milliseconds: number }[]
    /** Nobody looked: Sweepboard did not run. */
    unknown: number
  } | null
  /** How many jobs waited at a cluster, the most in each equal part of the time; null: none was handed to one. */
  queued: number[] | null
  /** What waits there now, and why, in the cluster's own words: most first, at most eight. */
  waiting: { words: string; jobs: number; place: Place }[]
}

/** An attempt and where it ran, or runs, or waits. */
export type PlacedAttempt = {
  jobId: number
  runId: number
  kind: 'training' | 'evaluation'
  number: number
  params: Record<string, string>
  slotCount: number
  sweepId: number
  sweepName: string
  attempt: number
  status: AttemptStatus
  /** Slots of this machine; none at a cluster. */
  slots: string[]
  place: Place | null
  /** When it took its slots, or was handed to its cluster. */
  claimedAt: number
  /** When it began to run. */
  startedAt: number | null
  finishedAt: number | null
  /** How long it was measured to run; null: not measured. */
  ranMilliseconds: number | null
  error: string | null
}

export type PlacedAttemptsPage = { total: number; offset: number; rows: PlacedAttempt[] }
