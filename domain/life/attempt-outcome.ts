/** What becomes of a job when an attempt of it has ended: a pure rule, so that every way to end stands in one place. */
import type { AttemptStatus, JobStatus, StopReason } from './run-status.ts'

/**
 * How a process ended, as its executor reads it: `signal` where one ended it, `error` where it could not be started;
 * `signalled`: whether a request to stop had reached it.
 */
export type ProcessEnd = { exitCode: number; signal: string | null; error: string | null; signalled: boolean }

/** How an attempt ended; `vanished`: nobody saw how (a reboot, a killed wrapper). */
export type AttemptEnd = ProcessEnd | 'vanished'

/**
 * What ended an attempt from outside, where its executor knows it, as a sentence, and what that costs: nothing, nothing where the
 * attempt saved a checkpoint (else a retry), as much as a vanished process, a retry, or all of them: trying again would not help.
 */
export type Interruption = { sentence: string; costs: 'nothing' | 'progress' | 'loss' | 'retry' | 'everything' }

export type AttemptOutcome = {
  attemptStatus: AttemptStatus
  jobStatus: Extract<JobStatus, 'done' | 'failed' | 'cancelled' | 'stopped' | 'waiting'>
  failures: number
  losses: number
  signal: string | null
  error: string | null
}

/**
 * A vanished process is not the trainer's fault, so it costs no retry; after this many in a row it counts as a failure,
 * so that a job that takes the machine down with it is not started for ever.
 */
export const maximumLosses = 3

/**
 * Decides. `complete`: the job has done all that it said it would (its own progress says so, or every checkpoint that is
 * wanted is there), which makes an exit code 0 after a stop a normal end, as does a stop that never reached it. `complaint`
 * is what else is wrong with an attempt that ended with code 0 (no report). `whole`: nobody saw how it ended, and what it
 * was for is there, whole: that is taken.
 */
export function attemptOutcome(input: {
  end: AttemptEnd
  stopReason: StopReason | null
  timeoutSeconds: number | null
  complete: boolean
  complaint: string | null
  whole: boolean
  /** Why the program failed, as its logs say it. */
  reason: string | null
  /** Why it was given up, where it could not be followed. */
  trouble?: string | null
  interruption?: Interruption | null
  /** Whether it saved a checkpoint that no attempt before it had. */
  advanced?: boolean
  failures: number
  losses: number
  retries: number
}): AttemptOutcome {
  const { end, stopReason, failures, losses } = input
  const code = end === 'vanished' ? null : end.exitCode
  const signal = end === 'vanished' ? null : end.signal
  const outcome = (
    attemptStatus: AttemptStatus,
    jobStatus: AttemptOutcome['jobStatus'],
    error: string | null,
    more: Partial<AttemptOutcome> = {},
  ): AttemptOutcome => ({ attemptStatus, jobStatus, failures, losses: 0, signal, error, ...more })
  const fail = (error: string, attemptStatus: AttemptStatus = 'failed') =>
    outcome(attemptStatus, failures + 1 > input.retries ? 'failed' : 'waiting', error, { failures: failures + 1 })

  // whatever its end says of itself: nobody could read what it did
  if (stopReason === 'trouble') return fail(input.trouble ?? 'It could not be followed.')
  const { interruption = null } = input
  const askedTo = end !== 'vanished' && code === 0 && !end.signalled ? null : stopReason
  const endedItself = askedTo === null && interruption === null
  if (code === 0 && input.complaint === null && (endedItself || input.complete)) return outcome('done', 'done', null)
  if (end === 'vanished' && input.whole && (stopReason === null || stopReason === 'release' || stopReason === 'hold'))
    return outcome('done', 'done', null)
  if (stopReason === 'cancel') return outcome('cancelled', 'cancelled', 'Cancelled.')
  if (stopReason === 'early') return outcome('stopped', 'stopped', 'Stopped early.')
  if (stopReason === 'hold') return outcome('released', 'waiting', 'Held until it is judged.')
  if (stopReason === 'release') return outcome('released', 'waiting', 'Stopped to go on later.')
  if (stopReason === 'timeout') return fail(`Stopped after ${input.timeoutSeconds} s (timeout_seconds).`)
  if (end === 'vanished' || interruption !== null) {
    const costs = interruption?.costs ?? 'loss'
    if (costs === 'everything') return outcome('failed', 'failed', interruption!.sentence, { failures: failures + 1 })
    if (costs === 'nothing' || (costs === 'progress' && input.advanced))
      return outcome('released', 'waiting', interruption!.sentence)
    if (costs === 'progress') return fail(`${interruption!.sentence} It had saved no new checkpoint to go on from.`)
    if (costs === 'retry') return fail(interruption!.sentence)
    const error =
      interruption?.sentence ??
      'Its process vanished without saying how it ended: the machine went down, or the process that watched it was killed.'
    if (losses + 1 < maximumLosses) return outcome('lost', 'waiting', error, { losses: losses + 1 })
    return fail(`${error} This happened ${losses + 1} times in a row.`, 'lost')
  }
  if (code === 0) return fail(input.complaint ?? 'Ended early.')
  if (end.error !== null) return fail(`It ${end.error}.`)
  const how = signal === null ? `Exit code ${code}` : `Ended by ${signal}`
  // 137 is what a shell makes of SIGKILL; nobody here sent it
  const killed = signal === 'SIGKILL' || code === 137
  if (killed && !/memory|oom/i.test(input.reason ?? ''))
    return fail(
      `${how}: killed from outside, most often because the machine ran out of memory.${input.reason ? ` Its last words: ${input.reason}` : ''}`,
    )
  return fail(input.reason ? `${how}: ${input.reason}` : `${how}.`)
}
