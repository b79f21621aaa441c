/** What the server notices of an attempt, told where a person looks for it: on its run. */
import { insertEvents } from '../../db/queries/events.ts'
import { updateAttempt } from '../../db/queries/attempts.ts'
import { moveJob, updateJob, type JobRow } from '../../db/queries/jobs.ts'
import { UnreadableFile } from '../attempt-files/open-file.ts'
import { notify, type Context } from '../base/context.ts'
import { logger } from '../base/process/log.ts'
import type { LeftProcess, Observation } from '../executors/executor.ts'
import { describeTrouble, type Trouble } from './job-trouble.ts'

const log = logger('scheduler')

/** The attempt has a process: said once, and once where nobody watches that. */
export function markRunning(
  context: Context,
  job: JobRow,
  observation: Extract<Observation, { state: 'running' | 'orphaned' }>,
  memory: { orphanNoted?: boolean },
): void {
  if (job.status === 'starting' && moveJob(context.database, job.id, ['starting'], { status: 'running' })) {
    job.status = 'running'
    const begunAt = job.executor === 'local' ? job.claimedAt : Date.now() - (observation.milliseconds ?? 0)
    updateAttempt(context.database, job.id, job.attempt, {
      status: 'running',
      pid: observation.pid,
      startedAt: begunAt,
    })
    if (job.executor !== 'local') {
      job.startedAt = begunAt
      updateJob(context.database, job.id, { startedAt: begunAt })
    }
    notify(context, job.sweepId, job.runId ?? job.id)
  }
  if (observation.state === 'orphaned' && !memory.orphanNoted) {
    memory.orphanNoted = true
    tellRun(
      context,
      job,
      'The process that watches this attempt was killed. The attempt goes on, but how it ends will not be known.',
    )
  }
}

/**
 * An attempt that waited at a cluster and ended before anybody saw it run began as long ago as it ran: what it waited is no part
 * of what it took.
 */
export function markBegun(context: Context, job: JobRow, milliseconds: number | null): void {
  if (job.status === 'running') return
  job.startedAt = Date.now() - (milliseconds ?? 0)
  updateJob(context.database, job.id, { startedAt: job.startedAt })
  if (milliseconds !== null) updateAttempt(context.database, job.id, job.attempt, { startedAt: job.startedAt })
}

/** Where a cluster has the attempt, or why it waits there: written when it changes. */
export function markPlace(context: Context, job: JobRow, { place }: Observation, memory: { place?: string }): void {
  if (place === undefined) return
  const text = JSON.stringify(place)
  if (memory.place === text) return
  memory.place = text
  updateAttempt(context.database, job.id, job.attempt, { place })
  notify(context, job.sweepId, job.runId ?? job.id)
}

/** Tells something on the run that the server noticed. */
export function tellRun(context: Context, job: JobRow, message: string): void {
  insertEvents(context.database, [
    { jobId: job.id, attempt: job.attempt, line: 0, type: 'problem', body: { text: '', message } },
  ])
}

/** Which processes an attempt left, in a sentence or two. */
export function describeLeft(processes: LeftProcess[]): string {
  const one = processes.length === 1
  const apart = processes.filter((process) => process.apart).length
  const names = processes.slice(0, 5).map(({ name, pid }) => `${name} (${pid})`)
  const more = processes.length > names.length ? ` and ${processes.length - names.length} more` : ''
  const where = apart === 0 ? '' : `, ${one ? '' : `${apart} of them `}in a session of ${one ? 'its' : 'their'} own`
  return `When its command had ended, ${processes.length} ${one ? 'process' : 'processes'} of it still ran${where}: ${names.join(', ')}${more}. ${one ? 'It was' : 'They were'} ended before its slots were given on.`
}

/** Tells that an attempt cannot be followed: on its run, and in the log; with a stack where it is a defect. */
export function tellTrouble(context: Context, job: JobRow, trouble: Trouble, error: unknown): void {
  const what = `Cannot follow ${job.kind} ${job.id}, attempt ${job.attempt}, of sweep ${job.sweepId}`
  if (error instanceof UnreadableFile) log.warning(`${what}: ${error.message}`)
  else log.warning(what, error)
  tellRun(context, job, describeTrouble(trouble))
  notify(context, job.sweepId, job.runId ?? job.id)
}
