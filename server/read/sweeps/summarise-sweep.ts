/** A sweep as a row of the list: read whole where it is small, counted by the database and remembered where it is large. */
import { summarisePoints, sweepVersion, watchSweep } from '../../../db/queries/point-columns.ts'
import { listDurations, listLiveJobs, listSweepJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { countOpenRepeats } from '../../../db/queries/repeat-evaluations.ts'
import { listPoints, type PointRow } from '../../../db/queries/points.ts'
import { countSweeps, type SweepCounts, type SweepRow } from '../../../db/queries/sweeps.ts'
import type { Database } from '../../../db/client.ts'
import { countPlan } from '../../../domain/sweep/plan.ts'
import type { PointStatus } from '../../../domain/life/run-status.ts'
import { estimateTimeLeft, type TimeLeft } from '../../../domain/life/time-left.ts'
import type { Context } from '../../base/context.ts'
import type { SweepSummary } from '../../../contract/api/sweeps.ts'
import { describeAxes } from '../../base/describe-axes.ts'
import { intervalOf, liveJob, shareOf } from '../../tables/describe-points.ts'

/** A list shows no more cells of a sweep than this. */
const mostCells = 200

type Durations = { training: number[]; evaluation: number[] }
type Known = Pick<SweepSummary, 'cells' | 'best'> & { counts: SweepCounts; durations: Durations }
type Remembered = Known & { version: number; freshUntil: number }
/** What was counted of larger sweeps. */
const remembered = new WeakMap<Database, Map<number, Remembered>>()

/** The sweeps as rows of the list. What can be asked of all at once is. */
export function summariseSweeps(context: Context, sweeps: SweepRow[]): SweepSummary[] {
  const { database } = context
  const live = Map.groupBy(listLiveJobs(database), (job) => job.sweepId)
  const openRepeats = countOpenRepeats(database)
  const counts = countSweeps(
    database,
    sweeps.filter((sweep) => !isRemembered(context, sweep)).map(({ id }) => id),
  )
  return sweeps.map((sweep) => {
    const ofSweep = counts.get(sweep.id)
    if (isSmall(sweep)) {
      const [jobs, points] = [listSweepJobs(database, sweep.id), listPoints(database, sweep.id)]
      return summariseRows(context, sweep, ofSweep!, jobs, points)
    }
    const found = countLarge(context, sweep, ofSweep)
    const its = (live.get(sweep.id) ?? []).filter((job) => job.again === null)
    return {
      // asked afresh: no point changes when one is queued or ends
      ...headOf(sweep, { ...found.counts, openRepeats: openRepeats.get(sweep.id) ?? 0 }),
      cells: found.cells,
      best: found.best,
      shares: sharesOf(found.counts, its),
      timeLeft: timeLeftOf(context, sweep, found.counts, its, found.durations),
    }
  })
}

/** The sweep as a row of the list. */
export function summariseSweep(context: Context, sweep: SweepRow): SweepSummary {
  return summariseSweeps(context, [sweep])[0]!
}

const isSmall = ({ definition }: SweepRow) => countPlan(definition).points <= mostCells

/** Whether nothing of it has to be counted. */
function isRemembered({ database }: Context, sweep: SweepRow): boolean {
  const before = remembered.get(database)?.get(sweep.id)
  return before !== undefined && !database.$client.inTransaction && before.version === sweepVersion(database, sweep.id)
}

/** The same from rows that were read already. */
export function summariseRows(
  context: Context,
  sweep: SweepRow,
  counts: SweepCounts,
  jobs: JobRow[],
  points: PointRow[],
): SweepSummary {
  const { database } = context
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const live = jobs.filter((job) => (job.status === 'starting' || job.status === 'running') && job.again === null)
  const best = points.reduce<PointRow | null>(
    (found, point) => (point.score !== null && (found === null || point.score > found.score!) ? point : found),
    null,
  )
  return {
    ...headOf(sweep, counts),
    cells: points.map((point) => ({
      status: point.status,
      score: point.score,
      progress: shareOf(liveJob(point, byId)),
    })),
    shares: sharesOf(counts, live),
    best: best && { pointId: best.id, score: best.score!, interval: intervalOf(best), params: best.params },
    timeLeft: timeLeftOf(context, sweep, counts, live, isOpen(sweep) ? durationsOf(database, sweep) : none),
  }
}

/** Counted again when something changed; while it changes all the time, at most a tenth of the time goes into it. */
function countLarge(context: Context, sweep: SweepRow, counted: SweepCounts | undefined): Known {
  const { database } = context
  const kept = !database.$client.inTransaction
  const known = remembered.get(database) ?? new Map<number, Remembered>()
  remembered.set(database, known)
  const before = known.get(sweep.id)
  const startedAt = performance.now()
  const resting = sweep.status === 'running' && startedAt < (before?.freshUntil ?? 0)
  if (kept && before && (resting || before.version === sweepVersion(database, sweep.id))) return before
  if (kept && before === undefined) watchSweep(database, sweep.id, { columns: false })
  const version = sweepVersion(database, sweep.id) ?? -1
  const counts = counted ?? countSweeps(database, [sweep.id]).get(sweep.id)!
  const { cells, best } = summarisePoints(database, sweep.id, counts.points, mostCells)
  const now = performance.now()
  const found: Remembered = {
    counts,
    cells: cells.map(({ status, score }) => ({ status: status as PointStatus, score, progress: null })),
    best: best && {
      pointId: best.id,
      score: best.score,
      interval: intervalOf({ intervalLow: best.low, intervalHigh: best.high }),
      params: JSON.parse(best.params) as Record<string, string>,
    },
    durations: isOpen(sweep) ? durationsOf(database, sweep) : none,
    version,
    freshUntil: now + 10 * (now - startedAt),
  }
  if (kept) known.set(sweep.id, found)
  return found
}

function headOf(sweep: SweepRow, counts: SweepCounts) {
  const { points, scored, failed, cancelled, trainings, trainingsDone } = counts
  return {
    id: sweep.id,
    name: sweep.name,
    status: sweep.status,
    origin: sweep.origin,
    pauseReason: sweep.pauseReason,
    axes: describeAxes(sweep),
    trainer: sweep.definition.trainer ?? sweep.definition.train?.command?.join(' ') ?? '',
    counts: { points, scored, failed, cancelled, trainings, trainingsDone },
    slotsHeld: counts.slotsHeld,
    openRepeats: counts.openRepeats,
    createdAt: sweep.createdAt,
    startedAt: sweep.startedAt,
    finishedAt: sweep.finishedAt,
  }
}

function sharesOf(counts: SweepCounts, live: JobRow[]): SweepSummary['shares'] {
  const meanOf = (kind: JobRow['kind']) => {
    const shares = live.filter((job) => job.kind === kind).map((job) => shareOf(job) ?? 0)
    return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length
  }
  const statuses: PointStatus[] = ['scored', 'failed', 'cancelled', 'evaluating', 'training', 'waiting']
  return statuses
    .filter((status) => counts[status] > 0)
    .map((status) => ({
      status,
      points: counts[status],
      progress: status === 'training' ? meanOf('training') : status === 'evaluating' ? meanOf('evaluation') : null,
    }))
}

const none: Durations = { training: [], evaluation: [] }

/** Whether it can be said how long it still takes. */
function isOpen(sweep: SweepRow): boolean {
  return sweep.status === 'running' || sweep.status === 'paused'
}

function durationsOf(database: Database, { id }: SweepRow): Durations {
  return { training: listDurations(database, id, 'training'), evaluation: listDurations(database, id, 'evaluation') }
}

function timeLeftOf(
  context: Context,
  sweep: SweepRow,
  counts: SweepCounts,
  live: JobRow[],
  durations: Durations,
): TimeLeft | null {
  if (!isOpen(sweep)) return null
  const { definition } = sweep
  const evaluated = definition.trainer !== undefined || definition.evaluate?.command !== undefined
  return estimateTimeLeft({
    trainingSeconds: durations.training,
    evaluationSeconds: durations.evaluation,
    live: live.map((job) => ({
      kind: job.kind,
      elapsedSeconds: (Date.now() - (job.startedAt ?? Date.now())) / 1000,
      progress: shareOf(job),
    })),
    trainingsWaiting: counts.trainingsWaiting,
    evaluationsWaiting: counts.evaluationsWaiting + (evaluated ? counts.waiting + counts.training : 0),
    slotsEachTraining: definition.train?.gpus ?? 1,
    slotsEachEvaluation: definition.evaluate?.gpus ?? 1,
    slots: Math.min(context.executors.local.slots.ids.length, definition.max_slots ?? Infinity),
    concurrency: definition.concurrency ?? null,
  })
}
