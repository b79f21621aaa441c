/** What asks live attempts to stop: people, pauses, timeouts, and ends that left processes behind. */
import { updateJob, type JobRow } from '../../db/queries/jobs.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { timeoutSecondsOf } from '../act/runs/finish-attempt.ts'
import { attemptOf, type Context } from '../base/context.ts'
import { monotonicMilliseconds } from '../executors/clock.ts'
import type { LeftProcess, Running } from '../executors/executor.ts'
import { askClientsToStop } from '../intake/settle.ts'
import { sinceThen, type JobMemory } from './job-memory.ts'
import { describeLeft, tellRun } from './tell-run.ts'

/** What it left running at its end is asked to leave after this. */
const lingerGraceMilliseconds = 300

/** What follows from a look and is for the executors to do, after the transaction. */
export type LookRequests = {
  launch: JobRow[]
  abandon: JobRow[]
  signal: { job: JobRow; signal: 'SIGTERM' | 'SIGKILL'; request: number | null }[]
}

type Live = { job: JobRow; memory: JobMemory }

/** Nothing of it runs yet: whoever asked it to stop, or paused its sweep, has it back at once. */
export function leaveQueue(context: Context, job: JobRow, sweep: SweepRow, requests: LookRequests): void {
  if (job.stopReason === null && sweep.status === 'paused') {
    job.stopReason = 'release'
    updateJob(context.database, job.id, { stopReason: 'release', stopRequestedAt: Date.now() })
  }
  if (job.stopReason !== null) requests.abandon.push(job)
}

/** Passes on what was asked of a running attempt, and stops it where its time is over: its clients first, then the program. */
export function askToStop(
  context: Context,
  { job, sweep, memory }: Live & { sweep: SweepRow },
  { milliseconds, stopping }: Running,
  requests: LookRequests,
): void {
  const killMilliseconds = context.config.killSeconds * 1000
  const timeoutSeconds = timeoutSecondsOf(sweep, job)
  const ran = milliseconds ?? Date.now() - job.startedAt!
  if (job.stopReason === null && timeoutSeconds !== null && ran > timeoutSeconds * 1000) {
    job.stopReason = 'timeout'
    job.stopRequestedAt = Date.now()
    updateJob(context.database, job.id, { stopReason: 'timeout', stopRequestedAt: job.stopRequestedAt })
  }
  // whoever asked has left (`forgetReleases`): nobody waits for it any more
  if (job.stopReason === null || job.stopRequestedAt === null) return
  const request = job.stopRequestedAt
  if (stopping?.request !== request) {
    memory.clientsAskedAt ??= monotonicMilliseconds()
    const { folder } = attemptOf(context, job)
    if (!askClientsToStop(folder, sinceThen(memory.clientsAskedAt), killMilliseconds))
      requests.signal.push({ job, signal: 'SIGTERM', request })
  } else if (stopping.milliseconds >= killMilliseconds) requests.signal.push({ job, signal: 'SIGKILL', request })
}

/** What the command left running is told on its run, asked to leave and then killed: its slots are not given on before. */
export function endWhatIsLeft(
  context: Context,
  { job, memory }: Live,
  processes: LeftProcess[],
  requests: LookRequests,
): void {
  memory.lingeringSince ??= monotonicMilliseconds()
  const lingered = sinceThen(memory.lingeringSince)
  if (lingered < lingerGraceMilliseconds) return
  if (lingered >= lingerGraceMilliseconds + context.config.killSeconds * 1000)
    requests.signal.push({ job, signal: 'SIGKILL', request: null })
  else if (!memory.lingeringAsked) {
    memory.lingeringAsked = true
    requests.signal.push({ job, signal: 'SIGTERM', request: null })
    tellRun(context, job, describeLeft(processes))
  }
}
