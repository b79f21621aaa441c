/** A sweep's scores as matrices over its axes. */
import { questionsOf, rungStride } from '../../domain/score/race.ts'
import { listLiveJobs } from '../../db/queries/jobs.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { defaultMap } from '../../domain/picture/heatmap.ts'
import { type MapQuery, scoreMatrix } from '../../domain/picture/score-matrix.ts'
import { addedSeedsOf } from '../../domain/sweep/axes/finalist-seeds.ts'
import { pointStatuses } from '../../domain/life/run-status.ts'
import type { Context } from '../base/context.ts'
import type { PointsMap } from '../../contract/api/points.ts'
import { progressOf } from './describe-points.ts'
import { type PointColumns, pointColumns } from './points-columns.ts'
import { frontOf } from './points-front.ts'

/**
 * Without a query, of the axes as the plan suggests to lay them out. Throws `invalid` for an axis or value that the sweep lacks,
 * and for one shown twice.
 */
export function readPointsMap(context: Context, sweep: SweepRow, asked: MapQuery | null): PointsMap {
  const columns = pointColumns(context, sweep)
  const query = asked ?? defaultMap(columns.axes, sweep.finalists === null ? null : addedSeedsOf(sweep.definition))
  const { best, points, scored, ...matrix } = scoreMatrix(columns, query)
  const at = <Value>(read: (index: number) => Value, none: Value) =>
    Array.from(best, (index) => (index < 0 ? none : read(index)))
  const { score, status } = columns
  const front = frontOf(columns)
  return {
    panel: query.panel,
    down: query.down,
    across: query.across,
    ...matrix,
    ids: at((index) => columns.ids[index]!, 0),
    numbers: at((index) => index + 1, 0),
    scores: at<number | null>((index) => (Number.isNaN(score[index]!) ? null : score[index]!), null),
    states: at((index) => String(status[index]), ' ').join(''),
    progress: progressOfCells(context, columns, best),
    hidden: Object.fromEntries(
      columns.axes.flatMap(({ name }, axis) =>
        [query.panel, query.down, query.across].includes(name)
          ? []
          : [[name, at((index) => columns.positions[axis]![index]!, 0)]],
      ),
    ),
    points: [...points],
    scored: [...scored],
    tied: at((index) => columns.tied[index]!, 0),
    broken: at((index) => columns.broken[index]!, 0),
    front: at((index) => front[index]!, 0),
    asked: Array.from(best, (index): number => (index < 0 ? -1 : columns.asked[index]!)).flatMap((asked, cell) =>
      asked < 0 ? [] : [[cell, asked] as [number, number]],
    ),
    questions: sweep.race === null ? null : questionsOf(sweep.race),
  }
}

/** How far the points shown are that are worked on now. */
function progressOfCells(context: Context, columns: PointColumns, best: Int32Array): PointsMap['progress'] {
  const live = listLiveJobs(context.database).filter((job) => job.sweepId === columns.sweepId && job.again === null)
  if (live.length === 0) return []
  // a point's evaluation has its number
  const evaluations = new Map(
    live.flatMap((job) => (job.kind === 'evaluation' ? [[job.number % rungStride, job]] : [])),
  )
  const trainings = new Map(live.flatMap((job) => (job.kind === 'training' ? [[job.id, job]] : [])))
  const [training, evaluating] = [pointStatuses.indexOf('training'), pointStatuses.indexOf('evaluating')]
  const found: PointsMap['progress'] = []
  best.forEach((index, cell) => {
    const status = columns.status[index]
    const job =
      status === evaluating
        ? evaluations.get(index + 1)
        : status === training
          ? trainings.get(columns.runIds[index]!)
          : undefined
    const progress = progressOf(job)
    if (progress !== null) found.push([cell, progress.done, progress.total])
  })
  return found
}
