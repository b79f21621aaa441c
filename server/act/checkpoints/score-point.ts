import { objectiveOf } from '../../../domain/sweep/objective.ts'
import { isScored, scoringOf } from '../../../domain/sweep/scoring.ts'
import { listEvaluations, type EvaluationRow } from '../../../db/queries/checkpoints.ts'
import { updatePoint, type PointRow } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { accuracyOf, scoreResults } from '../../../domain/score/score.ts'
import type { Context } from '../../base/context.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { findCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findJob } from '../../../db/queries/jobs.ts'
import { objectiveValue } from '../../../domain/score/objective-value.ts'
import { whyUnmeasured } from '../../base/preparing/measured-baseline.ts'
import { storeBeside } from './score-beside.ts'

/**
 * Computes a point's score from what its checkpoint was measured to do, and stores it with its parts.
 * `final`: nothing more will be measured, so a benchmark that is missing fails the point; else it goes on waiting.
 * A point of a sweep that scores nothing, or whose baseline is not measured, is done then. Gives whether the point has a score now.
 */
export function scorePoint(
  context: Context,
  sweep: SweepRow,
  point: PointRow,
  options: { final: boolean; evaluations?: EvaluationRow[] },
): boolean {
  const { database } = context
  if (!isScored(sweep.definition)) {
    if (options.final) updatePoint(database, point.id, { status: 'done', error: null })
    return false
  }
  const evaluations =
    options.evaluations ?? (point.checkpointId === null ? [] : listEvaluations(database, [point.checkpointId]))
  storeBeside(context, sweep, point, { ended: options.final, evaluations })
  if (objectiveOf(sweep.definition) !== null) return options.final && scoreByMetric(context, sweep, point)
  const unmeasured = whyUnmeasured(context, sweep)
  if (unmeasured !== null) {
    if (options.final) updatePoint(database, point.id, unscored(unmeasured, evaluations))
    return false
  }
  const { score, ratios, error } = scoreResults({
    aggregate: scoringOf(sweep.definition).aggregate,
    baseline: baselineOf(context, sweep).accuracies,
    results: Object.fromEntries(
      evaluations.map((row) => [row.benchmark, { accuracy: accuracyOf(row), error: row.error }]),
    ),
  })
  if (score === null && !options.final) return false
  updatePoint(database, point.id, {
    status: score === null ? 'failed' : 'scored',
    score,
    ratios,
    error,
    scoredAt: score === null ? null : (point.scoredAt ?? Date.now()),
    ...(score === null ? { intervalLow: null, intervalHigh: null, chanceOfBest: null, tiedWithBest: false } : {}),
  })
  return score !== null
}

/** The value of the sweep's metric in place of a score; of a training that served from an earlier sweep, that one's. */
function scoreByMetric({ database, series }: Context, sweep: SweepRow, point: PointRow): boolean {
  const objective = objectiveOf(sweep.definition)!
  const runId = findJob(database, point.runId)?.reusedFrom ?? point.runId
  const step = point.checkpointId === null ? null : (findCheckpoint(database, point.checkpointId)?.step ?? null)
  const {
    value,
    step: objectiveStep,
    error,
  } = point.milestone !== null && step === null
    ? {
        value: null,
        step: null,
        error: `At which step ${point.milestone} was is not known, so that no value of ${objective.metric} is of it.`,
      }
    : objectiveValue(objective, series.values(runId, objective.metric), point.milestone === null ? null : step)
  updatePoint(database, point.id, {
    status: value === null ? 'failed' : 'scored',
    score: value,
    objectiveStep,
    error,
    scoredAt: value === null ? null : (point.scoredAt ?? Date.now()),
  })
  return value !== null
}

/** A point that is measured is done, and waits for its baseline; one without any result has failed whatever that will be. */
function unscored(reason: string, evaluations: readonly EvaluationRow[]) {
  return evaluations.length > 0
    ? { status: 'done' as const, error: reason }
    : { status: 'failed' as const, error: 'No score: its evaluation reported no benchmark.' }
}
