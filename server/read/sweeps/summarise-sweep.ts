/** A sweep as a row of the list: counted by the database, and remembered while nothing of it changes. */
import {
  findBestPoint,
  findScoreRange,
  listCells,
  listSharedCells,
  sweepVersion,
  watchSweep,
} from '../../../db/queries/point-columns.ts'
import { listDurations } from '../../../db/queries/durations.ts'
import { listLiveJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { countOpenRepeats } from '../../../db/queries/repeat-evaluations.ts'
import { countSweeps, type SweepCounts, type SweepRow } from '../../../db/queries/sweeps.ts'
import type { Database } from '../../../db/client.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import { objectiveOf } from '../../../domain/sweep/objective.ts'
import { goalOf, isEvaluated, isScored } from '../../../domain/sweep/scoring.ts'
import { axisSize, milestoneAxisName } from '../../../domain/sweep/axes/axes.ts'
import { isSweepFinished, type PointStatus, pointStatuses } from '../../../domain/life/run-status.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { estimateSlotHours } from '../../../domain/life/slot-hours.ts'
import { estimateTimeLeft, type WorkLeft } from '../../../domain/life/time-left.ts'
import type { Context } from '../../base/context.ts'
import type { CellsView, SweepSummary } from '../../../contract/api/sweeps.ts'
import { pointInterval, shareOf } from '../../tables/describe-points.ts'
import { heldBy } from '../../base/process/held.ts'

/** Of a sweep with more points than there is room for so many marks are drawn, each the best of its share of the plan. */
const sharedCells = 24
/** What takes no longer is counted at every change. */
const quickMilliseconds = 20

type Durations = { training: number[]; evaluation: number[] }
type Known = {
  counts: SweepCounts
  cells: { status: string; score: number | null; liveJob: number | null }[]
  best: SweepSummary['best']
  range: SweepSummary['range']
  durations: Durations
}
type Remembered = Known & { version: number; freshUntil: number }
/** Rows of the list that are remembered: a few kB each. */
const mostRemembered = 5000
const heldOf = heldBy<Database, string, Remembered>(mostRemembered)

/**
 * The sweeps as rows of the list. What can be asked of all at once is. `mostCells`: how many points a row has room for one by
 * one; those of larger sweeps share cells.
 */
export function summariseSweeps(context: Context, sweeps: SweepRow[], mostCells: number): SweepSummary[] {
  const { database } = context
  const live = Map.groupBy(listLiveJobs(database), (job) => job.sweepId)
  const openRepeats = countOpenRepeats(database)
  const unknown = sweeps.filter((sweep) => rememberedOf(context, sweep, mostCells) === undefined)
  const counted = countSweeps(
    database,
    unknown.map(({ id }) => id),
  )
  return sweeps.map((sweep) => {
    const stored = countSweep(context, sweep, mostCells, counted.get(sweep.id))
    const found = { ...stored, counts: withThoseToCome(sweep, stored.counts) }
    const its = (live.get(sweep.id) ?? []).filter((job) => job.again === null)
    return {
      // asked afresh: no point changes when one is queued or ends
      ...headOf(sweep, { ...found.counts, openRepeats: openRepeats.get(sweep.id) ?? 0 }),
      cells: cellsOf(found.cells, its),
      best: found.best,
      range: found.range,
      shares: sharesOf(found.counts, its),
      ...leftOf(context, sweep, found.counts, its, found.durations),
    }
  })
}

/** With the trainings and points that its search has still to propose, as if they waited: while it may. */
function withThoseToCome(sweep: SweepRow, counts: SweepCounts): SweepCounts {
  const { propose, size } = searchOf(sweep.definition)
  if (propose === null || isSweepFinished(sweep.status)) return counts
  const planned = size(sweep.definition)
  const toCome = Math.max(0, planned.trainings - counts.trainings)
  const points = (toCome * planned.points) / planned.trainings
  return {
    ...counts,
    trainings: counts.trainings + toCome,
    trainingsWaiting: counts.trainingsWaiting + toCome,
    points: counts.points + points,
    waiting: counts.waiting + points,
  }
}

/** What is known of it, where that is as of now. */
function rememberedOf({ database }: Context, sweep: SweepRow, mostCells: number): Remembered | undefined {
  const before = heldOf(database).peek(`${sweep.id} ${mostCells}`)
  if (before === undefined || database.$client.inTransaction) return undefined
  const resting = sweep.status === 'running' && performance.now() < before.freshUntil
  return resting || before.version === sweepVersion(database, sweep.id) ? before : undefined
}

/** Counted again when something changed; while it changes all the time, at most a tenth of the time goes into it. */
function countSweep(context: Context, sweep: SweepRow, mostCells: number, counted: SweepCounts | undefined): Known {
  const { database } = context
  const before = rememberedOf(context, sweep, mostCells)
  if (before !== undefined) return before
  const startedAt = performance.now()
  const kept = !database.$client.inTransaction
  const held = heldOf(database)
  const name = `${sweep.id} ${mostCells}`
  if (kept && held.peek(name) === undefined) watchSweep(database, sweep.id, { columns: false })
  const version = sweepVersion(database, sweep.id) ?? -1
  const counts = counted ?? countSweeps(database, [sweep.id]).get(sweep.id)!
  const best = findBestPoint(database, sweep.id, goalOf(sweep.definition))
  const found: Known = {
    counts,
    cells:
      counts.points <= mostCells
        ? listCells(database, sweep.id)
        : listSharedCells(database, sweep.id, {
            points: counts.points,
            cells: sharedCells,
            goal: goalOf(sweep.definition),
          }).map((cell) => ({ ...cell, liveJob: null })),
    best: best
      ? {
          pointId: best.id,
          score: best.score,
          interval: pointInterval({ intervalLow: best.low, intervalHigh: best.high }),
        }
      : null,
    range: findScoreRange(database, sweep.id, goalOf(sweep.definition)),
    durations: isOpen(sweep) ? durationsOf(database, sweep) : none,
  }
  const now = performance.now()
  const took = now - startedAt
  if (kept) held.put(name, { ...found, version, freshUntil: took < quickMilliseconds ? 0 : now + 10 * took })
  return found
}

function cellsOf(cells: Known['cells'], live: JobRow[]): CellsView {
  const shares = new Map(live.map((job) => [job.id, shareOf(job)]))
  return {
    states: cells.map(({ status }) => pointStatuses.indexOf(status as PointStatus)).join(''),
    scores: cells.map(({ score }) => (score === null ? null : Number(score.toPrecision(4)))),
    progress: cells.flatMap(({ liveJob }, cell): [number, number][] => {
      const share = liveJob === null ? null : (shares.get(liveJob) ?? null)
      return share === null ? [] : [[cell, Number(share.toFixed(3))]]
    }),
  }
}

function headOf(sweep: SweepRow, counts: SweepCounts) {
  const { points, scored, done, failed, cancelled, stopped, trainings, trainingsDone, trainingsLive, trainingsFailed } =
    counts
  return {
    id: sweep.id,
    name: sweep.name,
    status: sweep.status,
    origin: sweep.origin,
    pauseReason: sweep.pauseReason,
    axes: Object.fromEntries(Object.entries(sweep.definition.axes).map(([name, axis]) => [name, axisSize(axis)])),
    milestone: milestoneAxisName(sweep.definition.axes),
    isScored: isScored(sweep.definition),
    objective: objectiveOf(sweep.definition),
    counts: {
      points,
      scored,
      done,
      failed,
      cancelled,
      stopped,
      trainings,
      trainingsDone,
      trainingsLive,
      trainingsFailed,
    },
    slotsHeld: counts.slotsHeld,
    slotsQueued: counts.slotsQueued,
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
  const statuses: PointStatus[] = [
    'scored',
    'done',
    'failed',
    'cancelled',
    'stopped',
    'evaluating',
    'training',
    'waiting',
  ]
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

function leftOf(
  context: Context,
  sweep: SweepRow,
  counts: SweepCounts,
  live: JobRow[],
  durations: Durations,
): Pick<SweepSummary, 'timeLeft' | 'slotHoursLeft'> {
  if (!isOpen(sweep)) return { timeLeft: null, slotHoursLeft: null }
  const { definition } = sweep
  const evaluated = isEvaluated(definition)
  const work: WorkLeft = {
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
  }
  // how long a cluster lets them wait, nobody knows
  const isHere = executorNameOf(definition, 'training') === 'local'
  return { timeLeft: isHere ? estimateTimeLeft(work) : null, slotHoursLeft: estimateSlotHours(work) }
}
