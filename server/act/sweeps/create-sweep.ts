import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { transaction } from '../../../db/client.ts'
import { type BaselineRow, findBaselineByName, insertBaseline } from '../../../db/queries/baselines.ts'
import { insertSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { isReportBaseline } from '../../../domain/sweep/sweep.ts'
import { isMeasuredBaseline } from '../../../domain/sweep/measured-baseline.ts'
import { findMeasured } from '../../base/preparing/measured-baseline.ts'
import { insertMeasurement } from '../baselines/measure-baseline.ts'
import { overwriteIssues } from '../../base/preparing/overwrites.ts'
import { planReuse, type HowToReuse } from '../../base/preparing/plan-reuse.ts'
import { fingerprintOf } from '../../base/preparing/same-sweep.ts'
import { reuseTrainings } from './reuse-trainings.ts'
import { settleSweep } from './settle-sweep.ts'
import { racePlanBy, racePlanOf } from '../../base/preparing/race-plan.ts'
import { readBaseReport } from '../../base/evaluation-files/base-report.ts'
import { notify, type Context } from '../../base/context.ts'
import { insertPlan } from './insert-plan.ts'
import { prepareSweep, type Given } from '../../base/preparing/prepare-sweep.ts'

/**
 * Checks what was given and stores it as a sweep with its whole plan as rows: from here on a point cannot be run twice,
 * and no more points can come to be than the grid has. It starts at once unless `paused`.
 * `reuse`: trainings that an earlier sweep of the folder did, or is doing, the same are not repeated, and shorter ones are gone on from
 * where that is the same, or with `continue` where it is not known to be. `overwrite` false: refused where a training would write over a checkpoint that a point of an earlier sweep rests on (docs/growing.md).
 * Throws `invalid` with every issue when it cannot run; then nothing was stored.
 */
export function createSweep(
  context: Context,
  given: Given & HowToReuse & { paused?: boolean; origin?: 'file' | 'form'; overwrite?: boolean },
): SweepRow {
  const { definition, source, directory, issues } = prepareSweep(context, given)
  const sound = definition !== null && issues.length === 0
  const there = sound ? planReuse(context, definition, directory, { ...given, reuse: given.reuse ?? false }) : null
  if (sound && there !== null && given.overwrite === false)
    issues.push(...overwriteIssues(context, definition, directory, there))
  if (definition === null || issues.length > 0) {
    const count = issues.length === 1 ? 'One thing is' : `${issues.length} things are`
    throw new SweepboardError('invalid', `${count} wrong with this sweep; nothing was started.`, issues)
  }
  const { database } = context
  const plan = searchOf(definition).firstPoints(definition)
  const { baseline } = scoringOf(definition)
  const reportBaseline = () => {
    if (!isReportBaseline(baseline)) return null
    return storeReportBaseline(context, definition.name, baseline.report, readBaseReport(definition, directory))
  }
  const isMeasuredBefore = isMeasuredBaseline(baseline) && given.reuse !== false
  const measured = isMeasuredBefore ? findMeasured(context, { definition, directory }) : undefined
  /** Runs that this sweep goes on from, with their sweeps: their pages show it. */
  const startedFrom = new Map<number, number | null>()
  const sweep = transaction(database, () => {
    const row = insertSweep(database, {
      name: definition.name,
      definition,
      source,
      directory,
      fingerprint: fingerprintOf(definition, directory),
      race: isMeasuredBaseline(baseline)
        ? racePlanBy(definition, measured?.accuracies ?? {}).plan
        : racePlanOf(context, definition, directory).plan,
      status: given.paused ? 'paused' : 'waiting',
      pauseReason: given.paused ? 'It was made to start later.' : null,
      baselineId:
        typeof baseline === 'string'
          ? findBaselineByName(database, baseline)!.id
          : (reportBaseline() ?? measured?.id ?? null),
      origin: given.origin ?? (source === null ? 'form' : 'file'),
    })
    if (isMeasuredBaseline(baseline) && measured === undefined) insertMeasurement(context, row)
    insertPlan(context, row, plan, startedFrom)
    if (given.reuse && there !== null) {
      reuseTrainings(context, row, there)
      // all of it may have been done before
      settleSweep(context, row.id)
    }
    return row
  })
  notify(context, sweep.id)
  for (const [runId, sweepId] of startedFrom) notify(context, sweepId, runId)
  context.signals.emit('work')
  return sweep
}

/** A stored baseline of what a report of the base model held, so that it can be seen, edited and used again. Gives its id. */
function storeReportBaseline(
  { database }: Context,
  sweepName: string,
  report: string,
  { accuracies, questions }: Pick<BaselineRow, 'accuracies' | 'questions'>,
): number {
  const same = (row: { accuracies: Record<string, number> }) =>
    JSON.stringify(Object.entries(row.accuracies).toSorted()) === JSON.stringify(Object.entries(accuracies).toSorted())
  for (let number = 1; ; number++) {
    const name = `${sweepName}: ${report}${number === 1 ? '' : ` (${number})`}`
    const stored = findBaselineByName(database, name)
    if (stored && same(stored)) return stored.id
    if (!stored) return insertBaseline(database, { name, accuracies, questions, note: `Read from ${report}.` }).id
  }
}
