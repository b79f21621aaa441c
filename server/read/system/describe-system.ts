import { listLivePlaces } from '../../../db/queries/attempts.ts'
import { listDurations } from '../../../db/queries/durations.ts'
import { listLiveJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { estimateSecondsLeft } from '../../../domain/life/time-left.ts'
import type { SystemView } from '../../../contract/api/system.ts'
import type { Context } from '../../base/context.ts'
import { version } from '../../base/process/version.ts'
import { progressOf } from '../../tables/describe-points.ts'

const noticedMilliseconds = 1000

/** The machine's slots, what holds each, and what is wrong with the scheduler, if anything. */
export async function describeSystem(
  context: Context,
  { halted, problem }: { halted: string | null; problem: string | null },
): Promise<SystemView> {
  const places = listLivePlaces(context.database)
  // a cluster may run a thousand of one sweep
  const names = new Map<number, string>()
  const durations = new Map<string, number[]>()
  const nameOf = (sweepId: number) => {
    if (!names.has(sweepId)) names.set(sweepId, findSweep(context.database, sweepId)!.name)
    return names.get(sweepId)!
  }
  const durationsOf = ({ sweepId, kind }: JobRow) => {
    const key = `${kind} ${sweepId}`
    if (!durations.has(key)) durations.set(key, listDurations(context.database, sweepId, kind))
    return durations.get(key)!
  }
  const live = listLiveJobs(context.database).map((job) => {
    const place = places.get(job.id) ?? null
    const isQueued = job.executor !== 'local' && job.status === 'starting'
    const progress = progressOf(job)
    return {
      jobId: job.id,
      kind: job.kind,
      again: job.again !== null,
      sweepId: job.sweepId,
      sweepName: nameOf(job.sweepId),
      runId: job.runId ?? job.id,
      params: job.params,
      attempt: job.attempt,
      slots: job.slots ?? [],
      place,
      gpusAway: job.executor === 'local' ? 0 : job.slotCount,
      progress,
      secondsLeft: isQueued
        ? null
        : estimateSecondsLeft({
            earlierSeconds: job.again === null ? durationsOf(job) : [],
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
    halted,
    held: heldLong(context),
    slotKind: slots.kind,
    slots: slots.ids.map((id) => {
      const holder = live.find((job) => job.slots.includes(id))
      return {
        id,
        usedBy: holder
          ? null
          : context.trySlots.held.includes(id)
            ? 'a try, from the form'
            : (withheld.get(id) ?? null),
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
