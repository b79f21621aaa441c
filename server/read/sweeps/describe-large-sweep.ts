/** A sweep with more points than a page can be sent: its summary, its best point, and what is known of all of them. */
import { listBestScores, listForemostTrainings } from '../../../db/queries/point-parts.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Context } from '../../base/context.ts'
import type { LargeSweep } from '../../../contract/api/sweeps.ts'
import { baselineOf } from '../../base/baseline-of.ts'
import { describeRunRow } from '../../tables/describe-points.ts'
import { type PointColumns, pointColumns, pointStatuses } from '../../tables/points-columns.ts'
import { pointOrder } from '../../tables/points-order.ts'
import { describePointsAt } from './points-page.ts'
import { summariseSweep } from './summarise-sweep.ts'

const mostRuns = 200
/** More marks than this would share pixels. */
const mostRanks = 600

/** All but what every sweep has alike. */
export function describeLargeSweep(context: Context, sweep: SweepRow) {
  const summary = summariseSweep(context, sweep)
  const columns = pointColumns(context, sweep)
  const byScore = pointOrder(columns, { key: 'score', descending: true })
  const best = byScore[0]
  const hasBest = best !== undefined && !Number.isNaN(columns.score[best]!)
  const points = hasBest ? describePointsAt(context, sweep, columns, [best]) : []
  const trainings = listForemostTrainings(context.database, sweep.id, mostRuns)
  const scores = listBestScores(
    context.database,
    trainings.map((job) => job.id),
  )
  const measured = Object.keys(points[0]?.results ?? {})
  const { extremes, tied, rounded, scored, failed } = countColumns(columns)
  const large: LargeSweep = {
    tiedWithBest: tied,
    rounded,
    benchmarks: [...new Set([...Object.keys(baselineOf(context, sweep).accuracies), ...measured])],
    extremes,
    ranks: sampleRanks(columns, byScore, scored),
    failedRun: failed < 0 ? null : { id: columns.runIds[failed]!, number: columns.runNumbers[failed]! },
    rescored: sweep.rescoredTo === null ? null : sweep.rescoredTo / columns.count,
  }
  return {
    ...summary,
    // the summary may be a moment older than the columns
    best: points[0]
      ? { pointId: points[0].id, score: points[0].score!, interval: points[0].interval, params: points[0].params }
      : null,
    runs: trainings
      .map((job) => describeRunRow(job, scores.get(job.id) ?? null))
      .toSorted((a, b) => a.number - b.number),
    points,
    large,
  }
}

function countColumns({ score, low, high, tied, rounded, status, count }: PointColumns) {
  const found = { extremes: null as [number, number] | null, tied: 0, rounded: 0, scored: 0, failed: -1 }
  let [lowest, highest] = [Infinity, -Infinity]
  const failed = pointStatuses.indexOf('failed')
  for (let index = 0; index < count; index++) {
    if (status[index] === failed && found.failed < 0) found.failed = index
    const value = score[index]!
    if (Number.isNaN(value)) continue
    found.scored += 1
    found.tied += tied[index]!
    found.rounded += rounded[index]!
    const [from, to] = Number.isNaN(low[index]!) ? [value, value] : [low[index]!, high[index]!]
    if (from < lowest) lowest = from
    if (to > highest) highest = to
  }
  if (found.scored > 0) found.extremes = [lowest, highest]
  return found
}

function sampleRanks(columns: PointColumns, byScore: Uint32Array, scored: number): LargeSweep['ranks'] {
  const length = Math.min(mostRanks, scored)
  return Array.from({ length }, (_, at) => {
    const rank = length === 1 ? 0 : Math.round((at * (scored - 1)) / (length - 1))
    const index = byScore[rank]!
    const low = columns.low[index]!
    return {
      id: columns.ids[index]!,
      rank,
      score: columns.score[index]!,
      interval: Number.isNaN(low) ? null : ([low, columns.high[index]!] as [number, number]),
    }
  })
}
