/** Trainings that would write over the checkpoint that a point of an earlier sweep rests on. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { listScoredAtPaths } from '../../../db/queries/lineage.ts'
import type { Issue } from '../../../domain/errors.ts'
import { checkpointTemplate, initPath } from '../../../domain/sweep/commands/commands.ts'
import { placeholdersOf, substitute } from '../../../domain/sweep/commands/placeholders.ts'
import { tellingPlan } from '../../../domain/sweep/plan.ts'
import { isPattern } from '../../../domain/sweep/commands/shared-paths.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../context.ts'
import { isReused, type ReusePlan } from './plan-reuse.ts'

/** What of the plan is there already, by `reuse`, is not written. Patterns and paths with `${run}` in them are each training's own. */
export function overwriteIssues(context: Context, definition: Sweep, directory: string, reuse: ReusePlan): Issue[] {
  const template = definition.checkpoint
  if (template === undefined || isPattern(template)) return []
  if (placeholdersOf(template).some(({ name }) => name === 'run')) return []
  const paths = tellingPlan(definition)
    .points.filter((point) => !isReused(reuse, point))
    .map(({ params }) => {
      const { values } = checkpointTemplate(definition, params, { run: 0, init: initPath(definition, params) })!
      return path.resolve(directory, substitute(template, values))
    })
  const found = listScoredAtPaths(context.database, paths).find((point) => existsSync(point.path))
  if (found === undefined) return []
  return [
    {
      path: ['checkpoint'],
      message: `A training would write over ${found.path}, and point ${found.pointNumber} of sweep ${found.sweepId} (${found.sweepName}) rests on it. Expected a place of its own, e.g. with \${run} in the path, or to be told that it may be written over (--overwrite).`,
      overwrite: true,
    },
  ]
}
