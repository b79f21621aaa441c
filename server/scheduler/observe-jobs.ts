/** Looks at every live job: reads its events, notices its end, passes on requests to stop, and mends what a crash left. */
import { insertEvents } from '../../db/queries/events.ts'
import { listLiveJobs, moveJob, updateAttempt, updateJob, type JobRow } from '../../db/queries/jobs.ts'
import { findSweep } from '../../db/queries/sweeps.ts'
import type { AttemptEnd } from '../../domain/life/attempt-outcome.ts'
import { attemptFolder, notify, type Context } from '../base/context.ts'
import type { Attempt, Executor, Observation } from '../executors/executor.ts'
import { tailAttempt } from '../act/runs/tail-attempt.ts'
import { finishAttempt, timeoutSecondsOf } from '../act/runs/finish-attempt.ts'

/** A wrapper names its process within milliseconds; one that has not by then died on the way. */
const claimGraceMilliseconds = 10_000
/** A launched wrapper that has not even claimed its folder by then is launched again, which is harmless. */
const launchGraceMilliseconds = 5_000
/** What it left running at its end is asked to leave after this. */
const lingerGraceMilliseconds = 300

/** Pages wait for what a look reads: of all attempts together it takes about so long. */
const readMilliseconds = 30

/** What one server remembers of an attempt between looks; all of it can be lost without harm. */
type Memory = {
  launchedAt?: number
  claimedSince?: number
  lingeringSince?: number
  orphanNoted?: boolean
  signalled?: 'SIGTERM' | 'SIGKILL'
}

/** What the executors say of the live attempts, by `keyOf`. */
export type Seen = ReadonlyMap<string, Observation>

/** What follows from a look and is for the executors to do, after the transaction. */
export type Requests = {
  launch: JobRow[]
  abandon: JobRow[]
  signal: { job: JobRow; signal: 'SIGTERM' | 'SIGKILL' }[]
}

export type Observer = {
  /** Tells that this server launches the attempt now. */
  launching(job: JobRow): void
  /** Asks the executors how the live attempts stand. Touches no row. */
  observe(): Promise<Seen>
  /**
   * Records what was seen, one look at each live job; gives the jobs that ended, with their new status. `unread`: attempts
   * wrote more than a look reads.
   */
  record(
    seen: Seen,
    onProblem: (job: JobRow, error: unknown) => void,
  ): { ended: { job: JobRow; status: JobRow['status'] }[]; requests: Requests; unread: boolean }
  /** Does what followed from a look, except launches. */
  carryOut(requests: Requests): Promise<void>
}

/** What tells attempts apart. */
function keyOf(job: JobRow): string {
  return `${job.id}/${job.attempt}`
}

/** Makes an observer for one server's life. */
export function observeJobs(context: Context): Observer {
  const memories = new Map<string, Memory>()
  const memoryOf = (job: JobRow): Memory => {
    const key = keyOf(job)
    if (!memories.has(key)) memories.set(key, {})
    return memories.get(key)!
  }
  const executorOf = (_job: JobRow): Executor => context.executors.local
  const attemptOf = (job: JobRow): Attempt => ({ folder: attemptFolder(context, job.id, job.attempt) })

  /** When this look is to be done with reading what attempts wrote. */
  let readUntil = Infinity
  /** The first job whose events were not read to their end in this look: the next one begins with it. */
  let left: number | null = null

  /** Reads new events, as far as this look has time for it. Gives whether that was all. */
  function read(job: JobRow, ended: boolean): boolean {
    const whole = performance.now() < readUntil && tailAttempt(context, job, { ended, until: readUntil })
    if (!whole) left ??= job.id
    return whole
  }

  function lookAt(job: JobRow, observation: Observation, requests: Requests): JobRow['status'] | null {
    const memory = memoryOf(job)
    switch (observation.state) {
      case 'unclaimed':
        if (job.stopReason !== null) requests.abandon.push(job)
        else if (Date.now() - (memory.launchedAt ?? 0) >= launchGraceMilliseconds) requests.launch.push(job)
        return null
      case 'claimed':
        memory.claimedSince ??= Date.now()
        if (Date.now() - memory.claimedSince >= claimGraceMilliseconds) requests.abandon.push(job)
        return null
      case 'running':
      case 'orphaned':
        markRunning(context, job, observation, memory)
        read(job, false)
        askToStop(job, memory, requests)
        return null
      case 'lingering':
        memory.lingeringSince ??= Date.now()
        if (Date.now() - memory.lingeringSince > lingerGraceMilliseconds)
          escalate(job, memory, memory.lingeringSince, requests)
        return null
      case 'ended':
        return finish(job, observation, observation.at)
      case 'vanished':
        return finish(job, 'vanished', Date.now())
      case 'unknown':
        throw new Error(observation.reason)
    }
  }

  /**
   * Everything the trainer wrote is read before its end is: the exit was seen first, so nothing comes after. Where that is
   * much, the end waits for the next looks.
   */
  function finish(job: JobRow, end: AttemptEnd, endedAt: number): JobRow['status'] | null {
    if (!read(job, true)) return null
    memories.delete(keyOf(job))
    const status = finishAttempt(context, job, end, Math.round(endedAt))
    // Nothing more is appended to the attempt's metrics: they can be sealed.
    context.series.finish(job.id, job.attempt)
    return status
  }

  function askToStop(job: JobRow, memory: Memory, requests: Requests): void {
    const timeoutSeconds = timeoutSecondsOf(findSweep(context.database, job.sweepId)!, job)
    if (job.stopReason === null && timeoutSeconds !== null && Date.now() - job.startedAt! > timeoutSeconds * 1000) {
      job.stopReason = 'timeout'
      job.stopRequestedAt = Date.now()
      updateJob(context.database, job.id, { stopReason: 'timeout', stopRequestedAt: job.stopRequestedAt })
    }
    if (job.stopReason !== null) escalate(job, memory, job.stopRequestedAt ?? Date.now(), requests)
  }

  /** SIGTERM once, SIGKILL after the named delay. */
  function escalate(job: JobRow, memory: Memory, since: number, requests: Requests): void {
    const due = Date.now() - since >= context.config.killSeconds * 1000
    if (due) requests.signal.push({ job, signal: 'SIGKILL' })
    else if (memory.signalled === undefined) {
      memory.signalled = 'SIGTERM'
      requests.signal.push({ job, signal: 'SIGTERM' })
    }
  }

  return {
    launching(job) {
      memoryOf(job).launchedAt = Date.now()
    },

    async observe() {
      const jobs = listLiveJobs(context.database)
      const seen = new Map<string, Observation>()
      await Promise.all(
        [...Map.groupBy(jobs, executorOf)].map(async ([executor, own]) => {
          const observations = await executor.observe(own.map(attemptOf))
          own.forEach((job, index) => seen.set(keyOf(job), observations[index]!))
        }),
      )
      return seen
    },

    record(seen, onProblem) {
      const ended: { job: JobRow; status: JobRow['status'] }[] = []
      const requests: Requests = { launch: [], abandon: [], signal: [] }
      // read again: what a person asked for meanwhile counts
      const jobs = listLiveJobs(context.database)
      const first = Math.max(
        0,
        jobs.findIndex((job) => job.id === left),
      )
      left = null
      readUntil = performance.now() + readMilliseconds
      for (const job of [...jobs.slice(first), ...jobs.slice(0, first)]) {
        const observation = seen.get(keyOf(job))
        if (observation === undefined) continue
        try {
          const what = `Reading what ${job.kind} ${job.id} of sweep ${job.sweepId} wrote`
          const status = context.watch.during(what, () => lookAt(job, observation, requests))
          if (status !== null) ended.push({ job, status })
        } catch (error) {
          // One job's trouble (its folder is gone, the disk is full) must not keep the others from being looked at.
          onProblem(job, error)
        }
      }
      return { ended, requests, unread: left !== null }
    },

    async carryOut({ abandon, signal }) {
      for (const [executor, jobs] of Map.groupBy(abandon, executorOf)) await executor.abandon(jobs.map(attemptOf))
      for (const name of ['SIGTERM', 'SIGKILL'] as const) {
        const jobs = signal.filter((request) => request.signal === name).map(({ job }) => job)
        for (const [executor, own] of Map.groupBy(jobs, executorOf)) await executor.signal(own.map(attemptOf), name)
      }
    },
  }
}

function markRunning(
  context: Context,
  job: JobRow,
  observation: Extract<Observation, { pid: number }>,
  memory: Memory,
): void {
  if (job.status === 'starting' && moveJob(context.database, job.id, ['starting'], { status: 'running' })) {
    job.status = 'running'
    updateAttempt(context.database, job.id, job.attempt, {
      status: 'running',
      pid: observation.pid,
      startedAt: job.claimedAt,
    })
    notify(context, job.sweepId, job.runId ?? job.id)
  }
  if (observation.state === 'orphaned' && !memory.orphanNoted) {
    memory.orphanNoted = true
    const message =
      'The process that watches this attempt was killed. The attempt goes on, but how it ends will not be known.'
    insertEvents(context.database, [
      { jobId: job.id, attempt: job.attempt, line: 0, type: 'problem', body: { text: '', message } },
    ])
  }
}
