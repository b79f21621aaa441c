/** How many trainings that a search has still to propose could start at once: no more are proposed, so that each knows all there is to know. */
import type { JobRow } from '../../db/queries/jobs.ts'
import { countStored } from '../../db/queries/points.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { nextActions, type ScheduleSnapshot } from '../../domain/life/schedule.ts'
import { searchOf } from '../../domain/search/methods.ts'
import { trainingsToCome } from '../../domain/search/propose.ts'
import { executorNameOf } from '../../domain/sweep/executor.ts'
import type { Context } from '../base/context.ts'
import { whyUnmeasured } from '../base/preparing/measured-baseline.ts'

/** What waits on a cluster knows nothing of what ends meanwhile: without `concurrency` so many are there at a time. */
const mostAway = 4

/** By sweep. `snapshot`: what waits and lives without them, which goes before them. */
export function roomForProposals(
  context: Context,
  sweeps: readonly SweepRow[],
  snapshot: ScheduleSnapshot,
  capacity: readonly string[],
): Map<number, number> {
  const wanted = new Map<number, number>()
  const queue = [...snapshot.queue]
  for (const sweep of sweeps) {
    const { id, definition } = sweep
    // without its baseline nothing has a score to learn from
    if (searchOf(definition).propose === null || whyUnmeasured(context, sweep) !== null) continue
    const isTraining = (job: { sweepId: number; kind: JobRow['kind'] }) => job.sweepId === id && job.kind === 'training'
    if (snapshot.queue.some(isTraining)) continue
    const toCome = trainingsToCome(definition, countStored(context.database, id).trainings)
    const away = executorNameOf(definition, 'training') !== 'local'
    const live = snapshot.live.filter(isTraining).length
    const most = Math.min(toCome, away ? (snapshot.limits.get(id)?.concurrency ?? mostAway) - live : capacity.length)
    for (let one = 0; one < most; one++) {
      const jobId = -wanted.size - 1
      wanted.set(jobId, id)
      queue.push({
        id: jobId,
        sweepId: id,
        kind: 'training',
        slotCount: definition.train?.gpus ?? 1,
        overtakes: 0,
        away,
      })
    }
  }
  const room = new Map<number, number>()
  if (wanted.size === 0) return room
  const actions = nextActions({ ...snapshot, queue }, capacity)
  for (const { jobId } of actions.start) {
    const sweepId = wanted.get(jobId)
    if (sweepId !== undefined) room.set(sweepId, (room.get(sweepId) ?? 0) + 1)
  }
  // with nothing else to do, one that the budget does not allow is proposed all the same: it waits, and the sweep is paused with the reason
  for (const jobId of actions.unaffordable) {
    const sweepId = wanted.get(jobId)
    const hasOther = (job: { sweepId: number }) => job.sweepId === sweepId
    if (sweepId === undefined || room.has(sweepId)) continue
    if (!snapshot.live.some(hasOther) && !snapshot.queue.some(hasOther)) room.set(sweepId, 1)
  }
  return room
}
