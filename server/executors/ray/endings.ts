/** Ray's words for how a job stands, and what they mean for an attempt that left no word of its own. */
import type { Interruption } from '../../../domain/life/attempt-outcome.ts'
import { lastWords, type RayJob } from './jobs.ts'

/** What Ray may call it in later versions has not ended. */
export function hasEnded({ status }: RayJob): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'STOPPED'
}

/** Somebody stopped the job, and it was none of this side. */
export function stoppedFromOutside(id: string): Interruption {
  return { sentence: `Ray's job ${id} was stopped, and not by Sweepboard.`, costs: 'retry' }
}

/** The job has ended, and its command never began, or left no word. */
export function endedAtRayWithoutWord(id: string, job: RayJob, begun: boolean): Interruption {
  if (job.status === 'STOPPED') return stoppedFromOutside(id)
  // before it could start any process, as the runtime_env or the resources are none it can give; a traceback follows
  const [, refused] = /^Failed to start supervisor actor \S+: (.*?)\.? Full traceback:/s.exec(job.message ?? '') ?? []
  if (!begun && refused !== undefined)
    return { sentence: `Ray could not start job ${id}: ${lastWords(refused)}.`, costs: 'loss' }
  const words = lastWords(job.message ?? '')
  const said = words === '' ? '' : ` Ray says: ${words}.`
  if (!begun && (job.error_type?.includes('START_TIMEOUT') || /failed to start within/.test(job.message ?? '')))
    return { sentence: `Ray gave job ${id} up, as it had no room for it for so long.${said}`, costs: 'nothing' }
  return begun
    ? {
        sentence: `Ray says that job ${id} has ended (${job.status}), and the attempt left no word of how: what watched it there was killed.${said}`,
        costs: 'loss',
      }
    : {
        sentence: `Job ${id} ended (${job.status}) before its command began: do Ray's nodes see the data folder, under the same path and as the same user?${said}`,
        costs: 'loss',
      }
}

/** A head that knows nothing of the job, which shows no sign of life. */
export function forgotten(id: string, address: string): Interruption {
  return {
    sentence: `Ray at ${address} knows nothing of job ${id} any more, and nothing of it has been seen to live since: its head was started anew.`,
    costs: 'loss',
  }
}
