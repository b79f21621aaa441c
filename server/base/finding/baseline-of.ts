import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { findBaseline } from '../../../db/queries/baselines.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { ownAccuracies } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../context.ts'

export type SweepBaseline = { id: number | null; name: string | null; accuracies: Record<string, number> }

/** What a sweep's scores compare with: the stored baseline it uses, read afresh, else the one its definition carries. */
export function baselineOf(context: Context, sweep: SweepRow): SweepBaseline {
  const stored = sweep.baselineId === null ? undefined : findBaseline(context.database, sweep.baselineId)
  if (stored) return { id: stored.id, name: stored.name, accuracies: stored.accuracies }
  return { id: null, name: null, accuracies: ownAccuracies(scoringOf(sweep.definition)) }
}
