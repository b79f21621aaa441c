/** Holds sweeps to their budget of GPU hours: what may start, when what runs is asked to save and leave, and when a sweep pauses. */
import { endedSlotHours, listDurations } from '../../db/queries/durations.ts'
import { listLiveJobs, listLiveSweepIds, updateJob, type JobRow } from '../../db/queries/jobs.ts'
import { countSweeps, findSweep, type SweepRow } from '../../db/queries/sweeps.ts'
import { affords, exhaustedSentence, isSpent, keptForSaving, type Budget } from '../../domain/life/budget.ts'
import { slotHours } from '../../domain/life/slot-hours.ts'
import { remainingOf, type MeasuredJob } from '../../domain/life/time-left.ts'
import { expandAxis, milestoneAxisName } from '../../domain/sweep/axes/axes.ts'
import { hasEvaluation } from '../act/checkpoints/record-checkpoint.ts'
import { pauseSweep } from '../act/sweeps/change-sweep.ts'
import type { Context } from '../base/context.ts'
import { measuredSeconds } from '../base/preparing/measured-durations.ts'

type Seconds = Record<MeasuredJob['kind'], number[]>
/** What changes only when a job of the sweep ends. */
type Known = { endedHours: number; durations: Seconds }

/** `ranOf`: how long a live attempt has run, in milliseconds. */
export function watchBudgets(context: Context, ranOf: (job: JobRow) => number) {
  const { database } = context
  const known = new Map<number, Known>()
  /** Of earlier sweeps, asked once in a server's life. */
  const earlier = new Map<number, Seconds>()

  function knownOf(sweep: SweepRow): Known {
    const before = known.get(sweep.id)
    if (before !== undefined) return before
    const durations = {
      training: listDurations(database, sweep.id, 'training'),
      evaluation: listDurations(database, sweep.id, 'evaluation'),
    }
    const found = { endedHours: endedSlotHours(database, sweep.id), durations }
    known.set(sweep.id, found)
    return found
  }

  const hoursOf = (job: JobRow) => slotHours(ranOf(job), job.slotCount)

  function spentOf(sweep: SweepRow, live: readonly JobRow[]): number {
    return live.reduce((sum, job) => sum + hoursOf(job), knownOf(sweep).endedHours)
  }

  /** Seconds that a job of the kind takes, and those that live ones take yet; 0 where nothing tells. */
  function expectedOf(sweep: SweepRow, kind: MeasuredJob['kind'], live: readonly JobRow[]) {
    const own = live
      .filter((job) => job.kind === kind)
      .map(({ progressDone: done, progressTotal: total, ...job }) => ({
        kind,
        elapsedSeconds: ranOf(job as JobRow) / 1000,
        progress: done === null || total === null || total <= 0 ? null : done / total,
      }))
    const measured = knownOf(sweep).durations[kind]
    const found = remainingOf(kind, { live: own }, measured, 1)
    if (found !== null) return { each: found.each, left: found.total - found.each }
    if (!earlier.has(sweep.id)) earlier.set(sweep.id, measuredSeconds(context, sweep.definition))
    const before = remainingOf(kind, { live: own }, earlier.get(sweep.id)![kind], 1)
    return before === null ? { each: 0, left: 0 } : { each: before.each, left: before.total - before.each }
  }

  return {
    /** Call when an attempt of the sweep has ended. */
    ended: (sweepId: number) => void known.delete(sweepId),

    /** Asks live jobs of sweeps that have spent their budget to save and leave, and pauses these sweeps. Call in a transaction. */
    enforce(): void {
      const limited = listLiveSweepIds(database)
        .map((sweepId) => findSweep(database, sweepId)!)
        .filter(({ definition }) => definition.budget !== undefined)
      if (limited.length === 0) return
      const live = listLiveJobs(database)
      for (const sweep of limited) {
        const sweepId = sweep.id
        const own = live.filter((job) => job.sweepId === sweepId)
        const gpuHours = sweep.definition.budget!.gpu_hours
        const holding = own.filter(({ slotCount }) => slotCount > 0)
        const spentHours = spentOf(sweep, own)
        const liveSlots = holding.reduce((sum, job) => sum + job.slotCount, 0)
        if (liveSlots === 0 || !isSpent(gpuHours, { spentHours, liveSlots, saveSeconds: context.config.killSeconds }))
          continue
        if (sweep.status === 'running' || sweep.status === 'waiting')
          pauseSweep(context, sweepId, exhaustedSentence(gpuHours, spentHours, null))
        for (const job of holding) {
          // one that an earlier server asked is asked again: it has forgotten that anybody waits
          if (job.stopReason !== null && (job.stopReason !== 'release' || job.stopRequestedAt !== null)) continue
          updateJob(database, job.id, { stopReason: 'release', stopRequestedAt: Date.now() })
        }
      }
    },

    /** What the sweep may still start; null: as much as it likes. */
    budgetOf(sweep: SweepRow, live: readonly JobRow[]): Budget | null {
      const gpuHours = sweep.definition.budget?.gpu_hours
      if (gpuHours === undefined) return null
      const { definition } = sweep
      const own = live.filter((job) => job.sweepId === sweep.id)
      const [training, evaluation] = [expectedOf(sweep, 'training', own), expectedOf(sweep, 'evaluation', own)]
      const slots = { training: definition.train?.gpus ?? 1, evaluation: definition.evaluate?.gpus ?? 1 }
      const hours = (kind: MeasuredJob['kind'], seconds: number) => slotHours(seconds * 1000, slots[kind])
      const counts = countSweeps(database, [sweep.id]).get(sweep.id)!
      const each = { training: hours('training', training.each), evaluation: hours('evaluation', evaluation.each) }
      const milestone = milestoneAxisName(definition.axes)
      const points = milestone === null ? 1 : expandAxis(milestone, definition.axes[milestone]!).values.length
      const evaluated = hasEvaluation(sweep)
      return {
        hoursLeft:
          gpuHours -
          keptForSaving(gpuHours, {
            slots: Math.max(slots.training, slots.evaluation),
            saveSeconds: context.config.killSeconds,
          }) -
          spentOf(sweep, own) -
          hours('training', training.left) -
          hours('evaluation', evaluation.left),
        reserved: evaluated ? (counts.training + counts.evaluationsWaiting) * each.evaluation : 0,
        each,
        evaluationsEachTraining: evaluated ? points : 0,
      }
    },

    /** Pauses a sweep of which nothing lives or starts, and of which `next` is the first that its budget does not allow. */
    pauseUnaffordable(sweep: SweepRow, next: Pick<JobRow, 'kind' | 'slotCount'>, budget: Budget): void {
      if (affords(budget, next)) return
      const spentHours = knownOf(sweep).endedHours
      const { each, evaluationsEachTraining } = budget
      const hours =
        next.kind === 'evaluation' ? each.evaluation : each.training + evaluationsEachTraining * each.evaluation
      pauseSweep(
        context,
        sweep.id,
        exhaustedSentence(sweep.definition.budget!.gpu_hours, spentHours, { ...next, hours }),
      )
    },
  }
}
