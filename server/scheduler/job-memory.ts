/** What a server remembers of a live attempt between two looks at it. */
import type { JobRow } from '../../db/queries/jobs.ts'
import { monotonicMilliseconds } from '../executors/clock.ts'
import type { Trouble } from './job-trouble.ts'

/** All of it can be lost without harm. Times are of the monotonic clock, in milliseconds. */
export type JobMemory = {
  launchedAt?: number
  claimedSince?: number
  lingeringSince?: number
  lingeringAsked?: boolean
  orphanNoted?: boolean
  /** When its clients were asked to stop by themselves. */
  clientsAskedAt?: number
  /** When samples of what it takes were read last. */
  sampledAt?: number
  /** How long it had run when it was looked at last, and when that was. */
  ran?: { milliseconds: number; at: number }
  /** When that was stored last. */
  ranKeptAt?: number
  /** When its end was seen first. */
  endedSince?: number
  trouble?: Trouble
  /** What was told of it last. */
  told?: string
  /** Where it was said to be last. */
  place?: string
  /** Nothing more is read of what it wrote. */
  givenUp?: boolean
}

/** What tells attempts apart. */
export function attemptKey(job: JobRow): string {
  return `${job.id}/${job.attempt}`
}

/** Milliseconds since then; endless where it never was. */
export function sinceThen(time: number | undefined): number {
  return time === undefined ? Infinity : monotonicMilliseconds() - time
}
