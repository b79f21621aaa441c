/** What the API gives of trainings and evaluations as processes. Times are milliseconds since 1970. */
import type { Place } from '../../domain/life/place.ts'
import type { AttemptStatus, JobStatus } from '../../domain/life/run-status.ts'

/** done of total, in the trainer's own unit; null before it reported any. */
export type Progress = { done: number; total: number } | null

export type AttemptView = {
  number: number
  status: AttemptStatus
  slots: string[]
  /** Where a cluster runs it, ran it or queues it; null on this machine. */
  place: Place | null
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
