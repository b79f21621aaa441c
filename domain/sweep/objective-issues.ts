import type { Issue } from '../errors.ts'
import { milestoneAxisName } from './axes/axes.ts'
import { type Objective, objectiveOf, scoreName } from './objective.ts'
import type { Sweep } from './sweep.ts'

/** What stands against a metric in place of a score, against several objectives, and against constraints. */
export function objectiveIssues(sweep: Sweep): Issue[] {
  return [...oneIssues(sweep), ...severalIssues(sweep), ...limitIssues(sweep)]
}

function oneIssues(sweep: Sweep): Issue[] {
  const { objective, objectives, score } = sweep
  const issues: Issue[] = []
  if (objective !== undefined && score !== undefined)
    issues.push({
      path: ['objective'],
      message: `The sweep has a score and objective: ${objective.metric}, which stands in its place; expected one of them, or both as objectives.`,
    })
  if (objective !== undefined && objectives !== undefined)
    issues.push({
      path: ['objectives'],
      message: `The sweep has objective: ${objective.metric} and objectives; expected it as one of these.`,
    })
  const primary = objectiveOf(sweep)
  if (primary !== null && sweep.evaluate?.command !== undefined)
    issues.push({
      path: ['evaluate', 'command'],
      message: `Points are done when their training is: ${primary.metric} is read from it, and no evaluation; expected none, or score beside it.`,
    })
  if (objective !== undefined) issues.push(...timeIssues(sweep, objective, ['objective', 'at']))
  return issues
}

function timeIssues({ axes }: Sweep, { metric, at }: Objective, path: Issue['path']): Issue[] {
  if (at !== 'milestone' || milestoneAxisName(axes) !== null) return []
  const message = `at: milestone takes the value of ${metric} at a point's milestone, and the sweep has none; expected at: last or best, or an axis with milestones.`
  return [{ path, message }]
}

function severalIssues(sweep: Sweep): Issue[] {
  const { objectives = [], score, finalists, evaluate } = sweep
  if (objectives.length === 0) return []
  const issues = objectives.flatMap((objective, at): Issue[] => {
    const { metric, goal } = objective
    const path = ['objectives', at, 'metric']
    if (objectives.findIndex((other) => other.metric === metric) < at)
      return [{ path, message: `${metric} stands twice among the objectives; expected each once.` }]
    if (metric === scoreName && score !== undefined && goal !== 'maximize')
      return [{ path: ['objectives', at, 'goal'], message: 'More of a score is better; expected goal: maximize.' }]
    if (metric === scoreName && score !== undefined && objective.at !== 'last')
      return [
        {
          path: ['objectives', at, 'at'],
          message: `A point has one score, of its checkpoint, and at: ${objective.at} says which of several values counts; expected no at.`,
        },
      ]
    return timeIssues(sweep, objective, ['objectives', at, 'at'])
  })
  if (score !== undefined && !objectives.some(({ metric }) => metric === scoreName))
    issues.push({
      path: ['objectives'],
      message: `The sweep has a score, and none of its objectives is it; expected { metric: ${scoreName}, goal: maximize } among them, or no score.`,
    })
  if (finalists !== undefined)
    issues.push({
      path: ['finalists'],
      message:
        'Finalists are who may be the best, and by several objectives nobody is; expected one objective, or no finalists.',
    })
  if (evaluate?.race === true) issues.push(raceIssue('several objectives'))
  return issues
}

function limitIssues({ constraints, evaluate, ...sweep }: Sweep): Issue[] {
  if (constraints === undefined) return []
  const issues: Issue[] = []
  if (sweep.score === undefined && objectiveOf(sweep) === null)
    issues.push({
      path: ['constraints'],
      message:
        'Constraints say which point may be the best, and nothing ranks the points; expected score, objective or objectives beside them.',
    })
  if (evaluate?.race === true) issues.push(raceIssue('constraints'))
  return issues
}

/** A race gives up whoever cannot have the highest score, whatever else it is good for. */
function raceIssue(beside: string): Issue {
  return {
    path: ['evaluate', 'race'],
    message: `A race gives up whoever cannot have the highest score, and with ${beside} that one need not be the best; expected race: false.`,
  }
}
