/** What the API gives of the figures beside the checkpoints of a run. */
import type { MetricRole } from '../../domain/score/metric-roles.ts'
import type { PickReasons } from '../../domain/score/pick-reasons.ts'
import type { DifferenceFromBest } from '../../domain/score/score-difference.ts'

export type CheckpointReasons = PickReasons & {
  id: number
  /** null for the best itself, and without a score or its counts. */
  fromBest: DifferenceFromBest | null
}

export type ReasonsView = {
  /** The run's metrics that each figure is taken from. */
  metrics: Partial<Record<MetricRole, string[]>>
  checkpoints: CheckpointReasons[]
}
