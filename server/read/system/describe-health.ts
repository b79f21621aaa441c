/** What a supervisor asks: whether the process still does what it is for. */
import { statfsSync } from 'node:fs'
import { countJobs } from '../../../db/queries/jobs.ts'
import type { Context } from '../../base/context.ts'
import { version } from '../../base/process/version.ts'

/** A look at the runs comes every few seconds at the latest; one that has not come for so long is stuck. */
const stuckMilliseconds = 60_000

/** `lastLook`: when the scheduler last looked at the runs, in milliseconds since 1970, and how long that took. */
export type SchedulerState = { problem: string | null; lastLook: { at: number; milliseconds: number } | null }

/** `healthy`: false where a supervisor should start the process again. Durations in milliseconds, sizes in bytes. */
export function describeHealth(
  context: Context,
  { scheduler, streams }: { scheduler: SchedulerState; streams: number },
): { healthy: boolean; body: object } {
  const { problem, lastLook } = scheduler
  const since = lastLook === null ? process.uptime() * 1000 : Date.now() - lastLook.at
  const healthy = since < stuckMilliseconds
  const { mean, max } = context.watch.delay()
  return {
    healthy,
    body: {
      status: !healthy ? 'stuck' : problem === null ? 'ok' : 'degraded',
      problem,
      version,
      uptime_seconds: Math.round(process.uptime()),
      loop_delay_milliseconds: { mean: rounded(mean), max: rounded(max) },
      held: context.watch.last(),
      last_look: lastLook && { milliseconds_ago: since, took_milliseconds: rounded(lastLook.milliseconds) },
      queue: countJobs(context.database),
      streams,
      memory_bytes: process.memoryUsage.rss(),
      disk: describeDisk(context.config.dataFolder),
    },
  }
}

function describeDisk(folder: string): { free_bytes: number; total_bytes: number } | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder)
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize }
  } catch {
    return null
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
