/** Looks at every live job once: reads its events, notices its end, passes on requests to stop, and mends what a crash left. */
import { insertEvents } from '../../db/queries/events.ts'
import { listLiveJobs, moveJob, updateAttempt, updateJob, type JobRow } from '../../db/queries/jobs.ts'
import { findSweep } from '../../db/queries/sweeps.ts'
import { attemptFolder, notify, type Context } from '../context.ts'
import type { Executor, Observation } from '../executors/executor.ts'
import { tailAttempt } from '../ingest/tail-attempt.ts'
import { finishAttempt, timeoutSecondsOf } from '../runs/finish-attempt.ts'
import { launchAttempt } from '../runs/start-attempt.ts'

/** A wrapper names its process within milliseconds; one that has not by then died on the way. */
const claimGraceMilliseconds = 10_000
/** A launched wrapper that has not even claimed its folder by then is launched again, which is harmless. */
const launchGraceMilliseconds = 5_000
/** What it left running at its end is asked to leave after this. */
const lingerGraceMilliseconds = 300

/** What one server remembers of an attempt between looks; all of it can be lost without harm. */
type Memory = { launchedAt?: number; lingeringSince?: number; orphanNoted?: boolean; signalled?: 'SIGTERM' | 'SIGKILL' }

export type Observer = {
  /** Tells that this server launched the attempt now. */
  launched(job: JobRow): void
  /** One look at all live jobs; gives the jobs that ended, with their new status. */
  look(onProblem: (job: JobRow, error: unknown) => void): { job: JobRow; status: JobRow['status'] }[]
}

/** Makes an observer for one server's life. */
export function observeJobs(context: Context, executor: Executor): Observer {
  const memories = new Map<string, Memory>()
  const keyOf = (job: JobRow) => `${job.id}/${job.attempt}`
  const memoryOf = (job: JobRow): Memory => {
    const key = keyOf(job)
    if (!memories.has(key)) memories.set(key, {})
    return memories.get(key)!
  }

  function lookAt(job: JobRow): JobRow['status'] | null {
    const memory = memoryOf(job)
    const folder = attemptFolder(context, job.id, job.attempt)
    const observation = executor.observe(folder)
    switch (observation.state) {
      case 'unclaimed':
        return handleUnclaimed(job, memory, folder)
      case 'claimed':
        if (observation.milliseconds < claimGraceMilliseconds || !executor.abandon(folder)) return null
        return finish(job, 'vanished', Date.now())
      case 'running':
      case 'orphaned':
        markRunning(context, job, observation, memory)
        tailAttempt(context, job, { ended: false })
        askToStop(job, memory, folder)
        return null
      case 'lingering':
        memory.lingeringSince ??= Date.now()
        if (Date.now() - memory.lingeringSince > lingerGraceMilliseconds)
          escalate(memory, folder, memory.lingeringSince)
        return null
      case 'ended':
        return finish(job, { exitCode: observation.exitCode, error: observation.error }, observation.at)
      case 'vanished':
        // A stop that took the wrapper down with its group is an end that was asked for.
        return finish(job, job.stopReason === null ? 'vanished' : { exitCode: 137, error: null }, Date.now())
    }
  }

  function handleUnclaimed(job: JobRow, memory: Memory, folder: string): JobRow['status'] | null {
    if (job.stopReason !== null && executor.abandon(folder))
      return finish(job, { exitCode: 143, error: null }, Date.now())
    const launchedAt = memory.launchedAt ?? 0
    if (Date.now() - launchedAt < launchGraceMilliseconds) return null
    memory.launchedAt = Date.now()
    launchAttempt(context, executor, findSweep(context.database, job.sweepId)!, job)
    return null
  }

  /** Everything the trainer wrote is read before its end is: the exit was seen first, so nothing comes after. */
  function finish(job: JobRow, end: Parameters<typeof finishAttempt>[2], endedAt: number): JobRow['status'] | null {
    tailAttempt(context, job, { ended: true })
    memories.delete(keyOf(job))
    const status = finishAttempt(context, job, end, Math.round(endedAt))
    // Nothing more is appended to the attempt's metrics: they can be sealed.
    context.series.finish(job.id, job.attempt)
    return status
  }

  function askToStop(job: JobRow, memory: Memory, folder: string): void {
    const timeoutSeconds = timeoutSecondsOf(findSweep(context.database, job.sweepId)!, job)
    if (job.stopReason === null && timeoutSeconds !== null && Date.now() - job.startedAt! > timeoutSeconds * 1000) {
      job.stopReason = 'timeout'
      job.stopRequestedAt = Date.now()
      updateJob(context.database, job.id, { stopReason: 'timeout', stopRequestedAt: job.stopRequestedAt })
    }
    if (job.stopReason !== null) escalate(memory, folder, job.stopRequestedAt ?? Date.now())
  }

  /** SIGTERM once, SIGKILL after the named delay: always to the whole group. */
  function escalate(memory: Memory, folder: string, since: number): void {
    const due = Date.now() - since >= context.config.killSeconds * 1000
    if (due) executor.signal(folder, 'SIGKILL')
    else if (memory.signalled === undefined) {
      memory.signalled = 'SIGTERM'
      executor.signal(folder, 'SIGTERM')
    }
  }

  return {
    launched(job) {
      memoryOf(job).launchedAt = Date.now()
    },
    look(onProblem) {
      const ended: { job: JobRow; status: JobRow['status'] }[] = []
      for (const job of listLiveJobs(context.database)) {
        try {
          const status = lookAt(job)
          if (status !== null) ended.push({ job, status })
        } catch (error) {
          // One job's trouble (its folder is gone, the disk is full) must not keep the others from being looked at.
          onProblem(job, error)
        }
      }
      return ended
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
