/**
 * What is known of the jobs on Ray clusters, by address: one question for all jobs of one, and submissions that are made until the cluster
 * has them. A submission's id is of this side, so it may be made any number of times: Ray takes an id once.
 */
import { monotonicMilliseconds } from '../clock.ts'
import type { RayJob, RayJobs } from './jobs.ts'

export type RayKnowledge = {
  jobs: ReadonlyMap<string, RayJob>
  /** When the question was asked that this answers, by the monotonic clock. */
  begunAt: number
}

export type PendingRayJob = {
  id: string
  body: object
  /** Told when Ray has it, with null, or has refused it, with its words. */
  settled(refusal: string | null): void
}

export type Cluster = {
  /** What the last answer said; null before the first. Asks anew where it is time. */
  look(): RayKnowledge | null
  /** Asks as soon as a question is out of the way. */
  soon(): void
  /** Why the cluster does not answer now, a sentence's part; null: it does, or was not asked yet. */
  trouble(): string | null
  /** Hands a job over, soon, and again until there is an answer. */
  submit(submission: PendingRayJob): void
  isPending(id: string): boolean
  /** Asks Ray to stop a job; not more often than it can bear. */
  stop(id: string): void
}

const longestPauseMilliseconds = 60_000
/** A stop of one job is not asked for again before. */
const stopMilliseconds = 10_000
/** At most this share of the time goes into questions. */
const mostShare = 0.1

/** `changed` is called when an answer came. */
export function rayCluster(calls: RayJobs, address: string, askMilliseconds: number, changed: () => void): Cluster {
  const pending = new Map<string, PendingRayJob>()
  const stopped = new Map<string, number>()
  let knowledge: RayKnowledge | null = null
  let asking = false
  let submitting = false
  let nextAt = 0
  let failures = 0
  let trouble: string | null = null

  const failed = (message: string) => {
    failures++
    trouble = `Ray at ${address} does not answer: ${message}`
  }
  const answered = () => {
    failures = 0
    trouble = null
  }
  const pause = () => Math.min(longestPauseMilliseconds, 1000 * 2 ** Math.min(10, failures - 1))

  async function ask(): Promise<void> {
    asking = true
    const begunAt = monotonicMilliseconds()
    const answer = await calls.list(address)
    const now = monotonicMilliseconds()
    if (answer.ok) {
      answered()
      knowledge = { jobs: answer.value, begunAt }
    } else failed(answer.message)
    nextAt = now + (answer.ok ? Math.max(askMilliseconds, (now - begunAt) / mostShare) : pause())
    asking = false
    changed()
    if (answer.ok) void pump()
  }

  async function pump(): Promise<void> {
    if (submitting) return
    submitting = true
    try {
      for (const submission of pending.values()) {
        const answer = await calls.submit(address, submission.body)
        if (!answer.ok && !answer.sure) {
          failed(answer.message)
          nextAt = Math.max(nextAt, monotonicMilliseconds() + pause())
          setTimeout(() => void pump(), pause()).unref()
          return
        }
        answered()
        pending.delete(submission.id)
        submission.settled(answer.ok ? null : answer.message)
        nextAt = 0
        changed()
      }
    } finally {
      submitting = false
    }
  }

  return {
    look() {
      if (!asking && monotonicMilliseconds() >= nextAt) void ask()
      return knowledge
    },
    soon() {
      if (failures === 0) nextAt = Math.min(nextAt, monotonicMilliseconds() + 200)
    },
    trouble: () => trouble,
    submit(submission) {
      if (pending.has(submission.id)) return
      pending.set(submission.id, submission)
      void pump()
    },
    isPending: (id) => pending.has(id),
    stop(id) {
      const now = monotonicMilliseconds()
      if (now - (stopped.get(id) ?? -Infinity) < stopMilliseconds) return
      for (const [other, at] of stopped) if (now - at > stopMilliseconds) stopped.delete(other)
      stopped.set(id, now)
      void calls.stop(address, id).then(changed)
    },
  }
}
