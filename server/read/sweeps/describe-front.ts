/** The points of a sweep by several objectives, for a picture of two of them. */
import type { FrontView } from '../../../contract/api/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Context } from '../../base/context.ts'
import { pointColumns } from '../../tables/points-columns.ts'
import { frontOf } from '../../tables/points-front.ts'

/** Marks beside each other that the eye still tells apart; of more a sample is drawn, whoever is on the front first. */
const mostMarks = 1500

/** Of points of which every objective is known. No objectives where the sweep has not several. */
export function describeFront(context: Context, sweep: SweepRow): FrontView {
  const columns = pointColumns(context, sweep)
  const front = frontOf(columns)
  const { objectives, broken, count } = columns
  const known: number[] = []
  for (let point = 0; point < count && objectives.length > 0; point++)
    if (objectives.every(({ values }) => !Number.isNaN(values[point]!))) known.push(point)
  const onFront = known.filter((point) => front[point] === 1)
  const others = known.filter((point) => front[point] === 0)
  const room = Math.max(0, mostMarks - onFront.length)
  const every = Math.max(1, Math.ceil(others.length / Math.max(1, room)))
  const shown = [...onFront.slice(0, mostMarks), ...others.filter((_, at) => at % every === 0).slice(0, room)]
  return {
    objectives: objectives.map(({ metric, goal }) => ({ metric, goal })),
    total: known.length,
    onFront: onFront.length,
    points: shown.map((point) => ({
      id: columns.ids[point]!,
      number: point + 1,
      params: Object.fromEntries(
        columns.axes.map(({ name, values }, axis) => [name, values[columns.positions[axis]![point]!]!]),
      ),
      values: objectives.map(({ values }) => values[point]!),
      onFront: front[point] === 1,
      broken: broken[point] === 1,
    })),
  }
}
