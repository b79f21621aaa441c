/** The rungs of a sweep's evaluations, or why nobody can plan them. */
import { listBaselines } from '../../../db/queries/baselines.ts'
import type { Issue } from '../../../domain/errors.ts'
import { planRace, type RacePlan } from '../../../domain/score/race.ts'
import { isRacing, knownQuestions, raceIssues, raceLacks } from '../../../domain/sweep/race-questions.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { isReportBaseline, ownAccuracies, type Sweep } from '../../../domain/sweep/sweep.ts'
import { readBaseReport } from '../evaluation-files/base-report.ts'
import type { Context } from '../context.ts'

/** By the baseline's rates as they are now; `plan` null where the sweep does not race or where `issues` say why it cannot. */
export function racePlanOf(
  context: Context,
  definition: Sweep,
  directory: string,
): { plan: RacePlan | null; issues: Issue[] } {
  if (!isRacing(definition) || raceIssues(definition).length > 0) return { plan: null, issues: [] }
  const { aggregate, baseline } = scoringOf(definition)
  const accuracies =
    typeof baseline === 'string'
      ? (listBaselines(context.database).find(({ name }) => name === baseline)?.accuracies ?? {})
      : isReportBaseline(baseline)
        ? readBaseReport(definition, directory).accuracies
        : ownAccuracies(scoringOf(definition))
  const names = Object.keys(accuracies)
  const issues = raceLacks(definition, names)
  if (names.length === 0 || issues.length > 0) return { plan: null, issues }
  return { plan: planRace(aggregate, accuracies, knownQuestions(definition)), issues: [] }
}
