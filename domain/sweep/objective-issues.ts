import type { Issue } from '../errors.ts'
import { milestoneAxisName } from './axes.ts'
import type { Sweep } from './sweep.ts'

/** What stands against a metric in place of a score. */
export function objectiveIssues(sweep: Sweep): Issue[] {
  const { objective, score, evaluate } = sweep
  if (objective === undefined) return []
  const issues: Issue[] = []
  if (score !== undefined)
    issues.push({
      path: ['objective'],
      message: `The sweep has a score and objective: ${objective.metric}, which stands in its place; expected one of them.`,
    })
  if (evaluate?.command !== undefined)
    issues.push({
      path: ['evaluate', 'command'],
      message: `Points are done when their training is: objective reads ${objective.metric} from it, and no evaluation; expected none, or score in place of objective.`,
    })
  if (objective.at === 'milestone' && milestoneAxisName(sweep.axes) === null)
    issues.push({
      path: ['objective', 'at'],
      message: `at: milestone takes the value of ${objective.metric} at a point's milestone, and the sweep has none; expected at: last or best, or an axis with milestones.`,
    })
  return issues
}
