/** Scores over two axes of a sweep, for interaction plots and contours: one pass over the points. */
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { goalOf } from '../../../domain/sweep/scoring.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../../base/context.ts'
import type { SurfaceView } from '../../../contract/api/parameters.ts'
import { scoredPoints } from '../../tables/scored-points.ts'

export type SurfaceQuery = { down: string; across: string; others: 'mean' | 'best' }

/** Throws `invalid` for an axis that the sweep lacks, and where both are the same. */
export function readSurface(context: Context, sweep: SweepRow, { down, across, others }: SurfaceQuery): SurfaceView {
  const { axes, positions, scores, low, high } = scoredPoints(context, sweep)
  const sign = goalOf(sweep.definition) === 'maximize' ? 1 : -1
  const [row, column] = [down, across].map((name) => {
    const at = axes.findIndex((axis) => axis.name === name)
    if (at >= 0) return at
    const known = axes.map((axis) => axis.name).join(', ')
    throw new SweepboardError('invalid', `The sweep has no axis ${name}; it has ${known}.`)
  }) as [number, number]
  if (row === column) throw new SweepboardError('invalid', `The axis ${down} is shown twice; expected two axes.`)
  const columns = axes[column]!.values.length
  const cells = axes[row]!.values.length * columns
  const sums = new Float64Array(cells)
  const variances = new Float64Array(cells)
  const counts = new Uint32Array(cells)
  const best = scores.reduce((first, score, at) => (sign * score > sign * scores[first]! ? at : first), 0)
  const held = axes.flatMap((_, at) => (at === row || at === column || scores.length === 0 ? [] : [at]))
  for (let index = 0; index < scores.length; index++) {
    if (others === 'best' && held.some((at) => positions[at]![index] !== positions[at]![best])) continue
    const cell = positions[row]![index]! * columns + positions[column]![index]!
    sums[cell]! += scores[index]!
    // a sum of squared half widths is that of the sum
    variances[cell]! += ((high[index]! - low[index]!) / 2) ** 2
    counts[cell]! += 1
  }
  const orNull = (value: number) => (Number.isNaN(value) ? null : value)
  return {
    down,
    across,
    others,
    means: Array.from(sums, (sum, cell) => orNull(sum / counts[cell]!)),
    counts: [...counts],
    halves: Array.from(variances, (variance, cell) => orNull(Math.sqrt(variance) / counts[cell]!)),
    held: Object.fromEntries(held.map((at) => [axes[at]!.name, axes[at]!.values[positions[at]![best]!]!])),
  }
}
