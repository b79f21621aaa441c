/** Scored points as lines over axes, score and benchmarks; of many a sample that holds the best. */
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { ranksOfValues } from '../../domain/sweep/axes/axis-scale.ts'
import { goalOf } from '../../domain/sweep/scoring.ts'
import { sortedBy } from '../../domain/asking/order.ts'
import { SweepboardError } from '../../domain/errors.ts'
import type { Context } from '../base/context.ts'
import type { ParallelView } from '../../contract/api/parameters.ts'
import { baselineOf } from '../base/finding/baseline-of.ts'
import { type ScoredPoints, scoredPoints } from './scored-points.ts'

/** More lines than this hide each other. */
const mostLines = 2000
/** Of a sample so many are the best; the others stand at even ranks behind them. */
const bestLines = 200

/**
 * `ranges` keeps the points within each, both ends included: of `axis:NAME` by the values' places in their order
 * (sorted where they are numbers), of `score` and `benchmark:NAME` by their figures. Throws `invalid` for one that the sweep lacks.
 */
export function readParallelPoints(
  context: Context,
  sweep: SweepRow,
  ranges: Record<string, [number, number]>,
): ParallelView {
  const points = scoredPoints(context, sweep, { accuracies: true })
  const { scores } = points
  const rows = passingRows(points, ranges)
  const ranked = sortedBy(rows, scores, goalOf(sweep.definition) === 'maximize')
  const shown =
    ranked.length <= mostLines
      ? ranked
      : Uint32Array.from({ length: mostLines }, (_, at) => {
          if (at < bestLines) return ranked[at]!
          const share = (at - bestLines + 1) / (mostLines - bestLines)
          return ranked[bestLines - 1 + Math.round(share * (ranked.length - bestLines))]!
        })
  const { accuracies: ofBaseline } = baselineOf(context, sweep)
  const benchmarks = [...new Set([...Object.keys(ofBaseline), ...points.accuracies.keys()])].filter((name) =>
    points.accuracies.has(name),
  )
  const numbers = (of: ArrayLike<number>) => Array.from(shown, (row) => of[row]!)
  const orNull = (of: Float64Array) => Array.from(shown, (row) => (Number.isNaN(of[row]!) ? null : of[row]!))
  return {
    scored: scores.length,
    passing: ranked.length,
    benchmarks,
    ids: numbers(points.ids),
    runIds: numbers(points.runIds),
    runNumbers: numbers(points.runNumbers),
    ranks: points.axes.map(({ values }, at) => {
      const ranks = ranksOfValues(values)
      return Array.from(shown, (row) => ranks[points.positions[at]![row]!]!)
    }),
    scores: numbers(scores),
    low: orNull(points.low),
    high: orNull(points.high),
    accuracies: benchmarks.map((name) => orNull(points.accuracies.get(name)!)),
  }
}

function passingRows(points: ScoredPoints, ranges: Record<string, [number, number]>): Uint32Array {
  const passes = new Uint8Array(points.scores.length).fill(1)
  for (const [key, [low, high]] of Object.entries(ranges)) {
    const column = columnOf(points, key)
    for (let row = 0; row < passes.length; row++) {
      const value = column[row]!
      // what is not known lies in no range
      if (!(value >= low && value <= high)) passes[row] = 0
    }
  }
  const rows = new Uint32Array(passes.length)
  let passing = 0
  for (let row = 0; row < passes.length; row++) if (passes[row] === 1) rows[passing++] = row
  return rows.subarray(0, passing)
}

function columnOf(points: ScoredPoints, key: string): ArrayLike<number> {
  const { axes, scores, accuracies } = points
  if (key === 'score') return scores
  const [kind, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
  const axis = axes.findIndex((candidate) => candidate.name === name)
  if (kind === 'axis' && axis >= 0) return ranksOf(points, axis)
  const accuracy = accuracies.get(name)
  if (kind === 'benchmark' && accuracy !== undefined) return accuracy
  throw new SweepboardError('invalid', `The sweep has no column ${key} to keep points by.`)
}

/** By point: the place of its value among the axis' values in their order. */
function ranksOf({ axes, positions }: ScoredPoints, axis: number): Uint32Array {
  const ranks = ranksOfValues(axes[axis]!.values)
  return positions[axis]!.map((position) => ranks[position]!)
}
