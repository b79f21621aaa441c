import { findBaseline } from '../../../db/queries/baselines.ts'
import { findCheckpoint, listEvaluations } from '../../../db/queries/checkpoints.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { MeasuredBaselineView } from '../../../contract/api/baselines.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import { measuredCheckpoint } from '../../../domain/sweep/measured-baseline.ts'
import type { Context } from '../../base/context.ts'
import { measurementOf, whyUnmeasured } from '../../base/preparing/measured-baseline.ts'

/** How the measuring of a sweep's baseline stands; null where it measures none. */
export function describeMeasured(context: Context, sweep: SweepRow): MeasuredBaselineView | null {
  const checkpoint = measuredCheckpoint(sweep.definition)
  if (checkpoint === null) return null
  const { database } = context
  const job = measurementOf(context, sweep.id)
  const baseline = sweep.baselineId === null ? undefined : findBaseline(database, sweep.baselineId)
  const own = job !== null && job.reusedFrom === null ? job.id : null
  const measured = baseline?.checkpointId == null ? undefined : findCheckpoint(database, baseline.checkpointId)
  const results = measured === undefined ? [] : listEvaluations(database, [measured.id])
  return {
    checkpoint,
    status: baseline === undefined && job?.status === 'done' ? 'failed' : (job?.status ?? 'done'),
    reason: whyUnmeasured(context, sweep),
    runId: own ?? measured?.runId ?? null,
    reused: own === null,
    results: Object.fromEntries(
      results.map((row) => [row.benchmark, { correct: row.correct, total: row.total, accuracy: accuracyOf(row) }]),
    ),
  }
}
