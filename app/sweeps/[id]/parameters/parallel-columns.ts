/** The columns of parallel coordinates, where values stand on them, and which points lie within the ranges. */
import type { ParallelView, ParametersView } from '../../../../contract/api/parameters.ts'
import { formatPercent, formatScore } from '../../../_words/format.ts'
import { roundTicks, tickLabel } from '../../../_charts/ticks.ts'
import { measureName, shortValue } from './parameter-words.ts'
import { ownValue } from '../../../../domain/own-value.ts'

export type Column = {
  /** As `sweeps.parallel` names it. */
  key: string
  title: string
  low: number
  high: number
  /** The least move of a range's end. */
  step: number
  /** By point sent. */
  values: (number | null)[]
  ticks: { at: number; label: string }[]
  wordsOf: (value: number) => string
}

/** Inclusive, by column; a column without one keeps everything. */
export type Ranges = Record<string, [number, number]>

const mostTicks = 12

/** The axes that vary, the score, and each benchmark that has figures. `whole` tells the extent, `points` what is drawn. */
export function parallelColumns(view: ParametersView, whole: ParallelView, points: ParallelView): Column[] {
  const axes = view.axes.flatMap((axis, at): Column[] => {
    if (axis.values.length < 2) return []
    const written = axis.order.map((place) => axis.values[place]!)
    const apart = Math.ceil(written.length / mostTicks)
    return [
      {
        key: `axis:${axis.name}`,
        title: axis.name,
        low: 0,
        high: written.length - 1,
        step: 1,
        values: points.ranks[at]!,
        ticks: written.flatMap((label, place) =>
          place % apart === 0 ? [{ at: place, label: shortValue(label) }] : [],
        ),
        wordsOf: (rank) => written[Math.round(rank)] ?? '',
      },
    ]
  })
  const measured = (
    key: string,
    title: string,
    all: (number | null)[],
    values: (number | null)[],
    words: Column['wordsOf'],
  ) => {
    const known = all.filter((value) => value !== null)
    const lowest = known.reduce((a, b) => Math.min(a, b), Infinity)
    const highest = known.reduce((a, b) => Math.max(a, b), -Infinity)
    if (lowest === Infinity) return []
    const air = highest > lowest ? 0 : 0.05
    const [low, high] = [lowest - air, highest + air]
    const ticks = roundTicks(low, high, 6)
    return [
      {
        key,
        title,
        low,
        high,
        step: (high - low) / 200,
        values,
        ticks: ticks.map((at) => ({ at, label: key === 'score' ? tickLabel(at, ticks) : formatPercent(at) })),
        wordsOf: words,
      },
    ]
  }
  return [
    ...axes,
    // beside the axes: a published score may have no accuracies behind it, and its line ends here
    ...measured('score', measureName(view), whole.scores, points.scores, formatScore),
    ...points.benchmarks.flatMap((name) =>
      measured(
        `benchmark:${name}`,
        `${name}, %`,
        whole.accuracies[whole.benchmarks.indexOf(name)] ?? [],
        points.accuracies[points.benchmarks.indexOf(name)]!,
        formatPercent,
      ),
    ),
  ]
}

/** Where a value stands on its column, from 0 (low) to 1. */
export function placeOn({ low, high }: Pick<Column, 'low' | 'high'>, value: number): number {
  return high > low ? (value - low) / (high - low) : 0.5
}

/** The places of the points that lie within every range; what is not known lies in none. */
export function linesWithin(columns: readonly Column[], ranges: Ranges, count: number): number[] {
  const asked = columns.flatMap(({ key, values }) =>
    ownValue(ranges, key) ? [{ values, range: ownValue(ranges, key)! }] : [],
  )
  return Array.from({ length: count }, (_, at) => at).filter((at) =>
    asked.every(({ values, range: [low, high] }) => {
      const value = values[at] ?? null
      return value !== null && value >= low && value <= high
    }),
  )
}

/** The ranges with one end or both of a column set; a range that keeps everything goes. */
export function withRange(ranges: Ranges, column: Column, range: [number, number]): Ranges {
  const { [column.key]: _, ...rest } = ranges
  // an end that rounding left just inside the column's keeps the point that stands there
  const slack = column.step / 2
  const low = Math.min(...range) <= column.low + slack ? column.low : Math.min(...range)
  const high = Math.max(...range) >= column.high - slack ? column.high : Math.max(...range)
  return low === column.low && high === column.high ? rest : { ...rest, [column.key]: [low, high] }
}
