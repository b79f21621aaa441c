/** The figures beside the checkpoints of a run: what its curves say up to each of them, and how its score compares with the best. */
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import type { JobRow } from '../../../db/queries/jobs.ts'
import { type MetricRole, rolesOf } from '../../../domain/score/metric-roles.ts'
import { pickReasons } from '../../../domain/score/pick-reasons.ts'
import { differencesFromBest } from '../../../domain/score/score-difference.ts'
import type { Curve } from '../../../domain/stats/trend.ts'
import type { Counts } from '../../../domain/score/counted-points.ts'
import type { ReasonsView } from '../../../contract/api/reasons.ts'
import type { BenchmarkResult } from '../../../contract/api/checkpoints.ts'
import type { Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { describeRun } from './describe-run.ts'

/** Values read of each curve; a longer run gives means of several steps. */
const valuesRead = 1000

/** Figures of every checkpoint. */
export function describeReasons(context: Context, run: JobRow): ReasonsView {
  const { checkpoints, sweep, metrics } = describeRun(context, run)
  const roles = rolesOf(metrics)
  const lastStep = checkpoints.reduce((last, { step }) => Math.max(last, step ?? 0), 0)
  const curves = Object.fromEntries(
    Object.entries(roles).map(([role, names]) => [role, readSum(context, run.id, names, lastStep)]),
  ) as Partial<Record<MetricRole, Curve>>
  const differences = differencesFromBest({
    aggregate: scoringOf(requireSweep(context, sweep.id).definition).aggregate,
    baseline: sweep.baseline,
    points: checkpoints.map(({ score, results }) => ({
      score,
      counts: Object.fromEntries(Object.entries(results).map(([name, result]) => [name, countsOf(result)])),
    })),
  })
  return {
    metrics: roles,
    checkpoints: checkpoints.map(({ id, step }, at) => ({
      id,
      // a checkpoint whose step nobody said has no place on the curves
      ...pickReasons(step === null ? {} : curves, step ?? 0),
      fromBest: differences[at]!,
    })),
  }
}

function countsOf({ correct, total }: BenchmarkResult): Counts | null {
  return correct === null || total === null ? null : { correct, total }
}

/** The sum of metrics at the steps that all of them have. */
function readSum(context: Context, runId: number, names: string[], to: number): Curve {
  const [first, ...others] = names.map((name) => context.series.read(runId, name, { to, buckets: valuesRead }))
  const rest = others.map(({ steps, mean }) => new Map(steps.map((step, at) => [step, mean[at]!])))
  return {
    steps: first!.steps,
    values: first!.steps.map((step, at) =>
      rest.reduce((sum, values) => sum + (values.get(step) ?? NaN), first!.mean[at]!),
    ),
  }
}
