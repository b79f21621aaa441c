/** The rungs of a sweep's evaluations, or why nobody can plan them. */
import { listBaselines } from '../../../db/queries/baselines.ts'
import type { Issue } from '../../../domain/errors.ts'
import { planRace, type RacePlan } from '../../../domain/score/race.ts'
import { isMeasuredBaseline } from '../../../domain/sweep/measured-baseline.ts'
import { isRacing, knownQuestions, raceIssues, raceLacks } from '../../../domain/sweep/race-questions.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { isReportBaseline, ownAccuracies, type Sweep } from '../../../domain/sweep/sweep.ts'
import { readBaseReport } from '../evaluation-files/base-report.ts'
import type { Context } from '../context.ts'
import { findMeasured } from './measured-baseline.ts'

type Planned = { plan: RacePlan | null; issues: Issue[] }

/**
 * By the baseline's rates as they are now, of one that is measured as the same was measured before; `plan` null where the sweep does not
 * race, nothing was measured yet, or where `issues` say why it cannot.
 */
export function racePlanOf(context: Context, definition: Sweep, directory: string): Planned {
  const { baseline } = scoringOf(definition)
  return racePlanBy(
    definition,
    typeof baseline === 'string'
      ? (listBaselines(context.database).find(({ name }) => name === baseline)?.accuracies ?? {})
      : isReportBaseline(baseline)
        ? readBaseReport(definition, directory).accuracies
        : isMeasuredBaseline(baseline)
          ? (findMeasured(context, { definition, directory })?.accuracies ?? {})
          : ownAccuracies(scoringOf(definition)),
  )
}

/** By these rates; `plan` null where the sweep does not race, there are none, or where `issues` say why it cannot. */
export function racePlanBy(definition: Sweep, accuracies: Readonly<Record<string, number>>): Planned {
  if (!isRacing(definition) || raceIssues(definition).length > 0) return { plan: null, issues: [] }
  const names = Object.keys(accuracies)
  const issues = raceLacks(definition, names)
  if (names.length === 0 || issues.length > 0) return { plan: null, issues }
  return { plan: planRace(scoringOf(definition).aggregate, accuracies, knownQuestions(definition)), issues: [] }
}
