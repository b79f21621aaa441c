import { transaction } from '../../../db/client.ts'
import { countStored } from '../../../db/queries/points.ts'
import { hasWaitingJobs, requeueJobs, resumeInRace } from '../../../db/queries/requeue.ts'
import { findSweep, moveSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { rungStride } from '../../../domain/score/race.ts'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { retryMeasurement } from '../baselines/measure-baseline.ts'
import { evaluateLeft } from '../checkpoints/evaluate-left.ts'
import { lookAgain } from './look-again.ts'
import { pausedWork } from '../../base/process/paused-work.ts'
import { takeChangesIfHeld } from '../../tables/points-columns.ts'

/** Points that one step takes at most: some milliseconds. */
const pointsEachStep = 500

/**
 * Puts what failed or was cancelled back in the queue, with its retries afresh, and evaluations that ended and gave no score;
 * what is scored is not repeated. Gives the number of jobs that will run again. The sweep is gone through in short
 * transactions, and starts after the last one: after a kill in between it stands as it ended, and the next call goes on.
 */
export async function retrySweep(context: Context, id: number): Promise<number> {
  const { database } = context
  const sweep = requireSweep(context, id)
  if (sweep.origin === 'imported')
    throw new SweepboardError('conflict', `${sweep.name} was imported; it has nothing to run.`)
  const now = Date.now()
  let again = 0
  for (const range of ranges(countStored(database, id))) {
    const present = findSweep(database, id)
    // somebody cancelled or deleted it meanwhile
    if (!present || present.deletedAt !== null || (present.status === 'cancelled' && sweep.status !== 'cancelled'))
      return again
    transaction(database, () => {
      if (range.kind === 'training') again += lookAgain(context, sweep, range)
      if (range.kind === 'evaluation') again += resumeInRace(database, { sweepId: id, ...range })
      for (const before of sweep.race?.rungs.keys() ?? [0]) {
        if (range.kind === 'training' && before > 0) break
        const [from, to] = [range.from + before * rungStride, range.to + before * rungStride]
        again += requeueJobs(database, { sweepId: id, kind: range.kind, from, to }, now)
      }
      if (range.kind === 'training') again += evaluateLeft(context, sweep, { sweepId: id, ...range }, ['cancelled'])
    })
    takeChangesIfHeld(context, id)
    await pausedWork()
    if (!database.$client.open) return again
  }
  transaction(database, () => {
    again += Number(retryMeasurement(context, requireSweep(context, id)))
    // jobs that wait in a sweep that has ended: an earlier call was killed
    if (again === 0 && !(isSweepFinished(sweep.status) && hasWaitingJobs(database, id))) return
    moveSweep(database, id, ['failed', 'cancelled', 'paused', 'done'], {
      status: sweep.startedAt === null ? 'waiting' : 'running',
      pauseReason: null,
      breakerResetAt: now,
      finishedAt: null,
    })
  })
  notify(context, id)
  context.signals.emit('work')
  return again
}

function* ranges({ trainings, points }: { trainings: number; points: number }) {
  const trainingsEachStep = Math.max(1, Math.floor((pointsEachStep * trainings) / points))
  for (const [kind, count, step] of [
    ['training', trainings, trainingsEachStep],
    ['evaluation', points, pointsEachStep],
  ] as const) {
    for (let from = 1; from <= count; from += step) yield { kind, from, to: Math.min(count, from + step - 1) }
  }
}
