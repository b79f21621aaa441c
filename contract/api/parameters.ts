/** What the API gives of a sweep's axes: which mattered, and how scores lie over them. */
import type { AxisScale } from '../../domain/sweep/axes/axis-scale.ts'
import type { Objective } from '../../domain/sweep/objective.ts'
import type { ParameterEffects } from '../../domain/stats/parameter-effects.ts'
import type { Aggregate } from '../../domain/sweep/sweep.ts'
import type { AxisView } from './points.ts'

/** `order`: the values' places when sorted as numbers; as written where they are names. */
export type ScaledAxis = AxisView & { scale: AxisScale; order: number[] }

export type ParametersView = ParameterEffects & {
  /** Its effects are still being computed: `effects` is empty, and asking again gives them. */
  pending: boolean
  axes: ScaledAxis[]
  /** Of the whole plan. */
  points: number
  aggregate: Aggregate
  /** The metric that stands in place of the score, and which way it is better; null: the score, where more is better. */
  objective: Objective | null
}

/** Scores over two axes: a matrix row by row, `down` values down, `across` values across, both in the file's order. */
export type SurfaceView = {
  down: string
  across: string
  /** Over the other axes the mean, or only their values at the best point. */
  others: 'mean' | 'best'
  /** Mean score of each cell; null where it has none. */
  means: (number | null)[]
  /** Scored points of each cell. */
  counts: number[]
  /** Half the width of each mean's 95 % interval by the questions; null where that is not known. */
  halves: (number | null)[]
  /** The values of the other axes at the best point. */
  held: Record<string, string>
}

/** Scored points as lines over axes, score and benchmarks: all that pass, or a sample of them. */
export type ParallelView = {
  /** Scored points, and those within every range. */
  scored: number
  passing: number
  benchmarks: string[]
  /** The points sent, best first. */
  ids: number[]
  runIds: number[]
  runNumbers: number[]
  /** By axis: the place of the value in the axis' order. */
  ranks: number[][]
  scores: number[]
  low: (number | null)[]
  high: (number | null)[]
  /** By benchmark. */
  accuracies: (number | null)[][]
}
