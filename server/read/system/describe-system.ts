import { listDurations, listLiveJobs } from '../../../db/queries/jobs.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { estimateSecondsLeft } from '../../../domain/life/time-left.ts'
import type { SystemView } from '../../../contract/api/system.ts'
import type { Context } from '../../base/context.ts'
import { version } from '../../base/version.ts'
import { progressOf } from '../../tables/describe-points.ts'

const noticedMilliseconds = 1000

/** The machine's slots, what holds each, and what is wrong with the scheduler, if anything. */
export async function describeSystem(context: Context, problem: string | null): Promise<SystemView> {
  const live = listLiveJobs(context.database).map((job) => {
    const progress = progressOf(job)
    return {
      jobId: job.id,
      kind: job.kind,
      again: job.again !== null,
      sweepId: job.sweepId,
      sweepName: findSweep(context.database, job.sweepId)!.name,
      runId: job.runId ?? job.id,
      params: job.params,
      attempt: job.attempt,
      slots: job.slots ?? [],
      progress,
      secondsLeft: estimateSecondsLeft({
        earlierSeconds: job.again === null ? listDurations(context.database, job.sweepId, job.kind) : [],
        elapsedSeconds: (Date.now() - (job.startedAt ?? Date.now())) / 1000,
        progress: progress === null || progress.total <= 0 ? null : progress.done / progress.total,
        live: true,
      }),
    }
  })
  const { slots } = context.executors.local
  const withheld = await context.executors.local.withheld()
  return {
    version,
    dataFolder: context.config.dataFolder,
    problem,
    held: heldLong(context),
    slotKind: slots.kind,
    slots: slots.ids.map((id) => {
      const holder = live.find((job) => job.slots.includes(id))
      return {
        id,
        usedBy: holder ? null : (withheld.get(id) ?? null),
        held: holder
          ? {
              jobId: holder.jobId,
              kind: holder.kind,
              sweepId: holder.sweepId,
              sweepName: holder.sweepName,
              runId: holder.runId,
            }
          : null,
      }
    }),
    live,
  }
}

/** Only what a person at a page noticed. */
function heldLong({ watch }: Context): SystemView['held'] {
  const hold = watch.last()
  return hold !== null && hold.milliseconds >= noticedMilliseconds ? hold : null
}
