/** What is read of a point beside its score: the values of several objectives, and whether it keeps its sweep's constraints. */
import { isDeepStrictEqual } from 'node:util'
import { findCheckpoint, listEvaluations, type EvaluationRow } from '../../../db/queries/checkpoints.ts'
import { findJob } from '../../../db/queries/jobs.ts'
import { updatePoint, type PointRow } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { objectiveValue } from '../../../domain/score/objective-value.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import { brokenWords, constraintsOf } from '../../../domain/sweep/constraints.ts'
import { type Objective, scoreName } from '../../../domain/sweep/objective.ts'
import type { Context } from '../../base/context.ts'

/** Whether points of the sweep have anything beside their score. */
export function hasBeside({ definition }: Pick<SweepRow, 'definition'>): boolean {
  return definition.objectives !== undefined || definition.constraints !== undefined
}

/**
 * Reads and stores it; nothing where the sweep has none. `ended`: its training is over, so that what a point without a milestone came to
 * is known.
 */
export function storeBeside(
  context: Context,
  sweep: SweepRow,
  point: PointRow,
  { ended, evaluations }: { ended: boolean; evaluations?: readonly EvaluationRow[] },
): void {
  if (!hasBeside(sweep)) return
  const { score, objectives = [], constraints } = sweep.definition
  const valueOf = valuesOf(context, point, ended)
  const measured =
    evaluations ?? (point.checkpointId === null ? [] : listEvaluations(context.database, [point.checkpointId]))
  const accuracies = new Map(measured.map((row) => [row.benchmark, row.error === null ? accuracyOf(row) : null]))
  const limits = constraintsOf({ constraints })
  const constrained = limits.map(({ name, relation }) =>
    accuracies.has(name)
      ? accuracies.get(name)!
      : valueOf({ metric: name, goal: relation.startsWith('<') ? 'minimize' : 'maximize', at: 'last' }),
  )
  const values = {
    objectives:
      objectives.length === 0
        ? null
        : objectives.map((one) => (score && one.metric === scoreName ? null : valueOf(one))),
    constrained: constraints === undefined ? null : constrained,
    broken: constraints === undefined ? null : brokenWords(limits, constrained),
  }
  const before = { objectives: point.objectives, constrained: point.constrained, broken: point.broken }
  if (!isDeepStrictEqual(values, before)) updatePoint(context.database, point.id, values)
}

/** What a metric of the point's training counts as; null where it is not known, or no finite number. */
function valuesOf({ database, series }: Context, point: PointRow, ended: boolean) {
  const runId = findJob(database, point.runId)?.reusedFrom ?? point.runId
  const step = point.checkpointId === null ? null : (findCheckpoint(database, point.checkpointId)?.step ?? null)
  const until = point.milestone === null ? null : step
  const isKnown = point.milestone === null ? ended : step !== null
  return (objective: Objective): number | null =>
    isKnown ? objectiveValue(objective, series.values(runId, objective.metric), until).value : null
}
