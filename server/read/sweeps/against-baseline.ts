/** Whether a sweep's best point is better than its baseline, with the luck that the baseline itself had with its questions. */
import { findBaseline } from '../../../db/queries/baselines.ts'
import { findCheckpoint, listEvaluations } from '../../../db/queries/checkpoints.ts'
import { listBestPoints } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { AgainstBaselineView } from '../../../contract/api/baselines.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { type AgainstBaseline, intervalAgainstBaseline } from '../../../domain/score/against-baseline.ts'
import type { Counts } from '../../../domain/score/counted-points.ts'
import { correlationOf } from '../../../domain/score/same-questions.ts'
import { countsOf } from '../../../domain/score/score.ts'
import { accuracyInterval } from '../../../domain/score/uncertainty.ts'
import { goalOf, scoringOf } from '../../../domain/sweep/scoring.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import type { Context } from '../../base/context.ts'
import { resultCounts } from '../../tables/describe-results.ts'
import { seedNoise } from '../../tables/seed-noise.ts'
import { answersOf, pairItems } from '../compare/pair-items.ts'

/** Null where no point of the sweep has a score and accuracies. Reads the answers of both where they are known. */
export async function describeAgainstBaseline(context: Context, sweep: SweepRow): Promise<AgainstBaselineView | null> {
  const [best] = listBestPoints(context.database, sweep.id, 1, goalOf(sweep.definition))
  const checkpointId = best?.checkpointId ?? null
  const evaluations = checkpointId === null ? [] : listEvaluations(context.database, [checkpointId])
  if (evaluations.length === 0) return null
  const { aggregate, questions } = scoringOf(sweep.definition)
  const { id, accuracies } = baselineOf(context, sweep)
  const stored = id === null ? undefined : findBaseline(context.database, id)
  const measured = stored?.checkpointId ?? null
  // the checkpoint may have gone with its sweep
  const theirs =
    measured === null || !findCheckpoint(context.database, measured) ? null : answersOf(context, 'B', measured)
  const ours = answersOf(context, 'A', checkpointId!)
  const seeds = seedNoise(context, sweep)
  const view: AgainstBaselineView = { interval: null, reason: null, baseline: {}, assumed: [], paired: [], seeds }
  const benchmarks: AgainstBaseline[] = []
  for (const [name, accuracy] of Object.entries(accuracies)) {
    const row = evaluations.find(({ benchmark }) => benchmark === name)
    const own = row && resultCounts(row, ownValue(questions, name))
    const told = ownValue(stored?.questions ?? {}, name)
    if (told === undefined && own) view.assumed.push(name)
    const asked = told ?? own?.total
    if (!own || asked === undefined) {
      view.reason ??= `How many questions of ${name} it was asked is not known.`
      continue
    }
    const baseline: Counts = countsOf(accuracy, asked)
    const interval = accuracyInterval(baseline)
    if (interval !== null) view.baseline[name] = interval
    const pairs = theirs && (await pairItems(name, ours, theirs))
    if (pairs?.questions) view.paired.push(name)
    benchmarks.push({ own, baseline, correlation: pairs?.questions ? correlationOf(pairs.counts) : 0 })
  }
  if (view.reason === null && benchmarks.length > 0) view.interval = intervalAgainstBaseline(aggregate, benchmarks)
  return view
}
