import { listOwnRuns, listProjects } from '../../../db/queries/own-runs.ts'
import type { ProjectView } from '../../../contract/api/own-runs.ts'
import type { Context } from '../../base/context.ts'

/** The projects with runs in them, the one that was heard last first. */
export function listProjectViews({ database }: Context): ProjectView[] {
  const runs = Map.groupBy(listOwnRuns(database), ({ project }) => project.id)
  return listProjects(database)
    .flatMap(({ id, name, deletedAt }): ProjectView[] => {
      const own = runs.get(id) ?? []
      if (deletedAt !== null || own.length === 0) return []
      const running = own.filter(({ job }) => job.status === 'running').length
      const lastHeardAt = own.reduce((last, run) => Math.max(last, run.own.heardAt), 0)
      return [{ id, name, runs: own.length, running, lastHeardAt }]
    })
    .toSorted((a, b) => b.lastHeardAt! - a.lastHeardAt!)
}
