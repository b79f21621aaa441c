'use client'
import type { ProjectView } from '../../contract/api/own-runs.ts'

/** Whose runs a page shows: those of a project, those of every project, or those of sweeps as well. */
export type WhoseRuns = { projectId: number | null; of: 'own' | 'all' }

/** Reads `?project=3` and `?of=all`. */
export function whoseOf(address: { get: (name: string) => string | null }): WhoseRuns {
  const project = address.get('project') ?? ''
  const projectId = /^\d{1,15}$/.test(project) ? Number(project) : null
  return { projectId, of: projectId === null && address.get('of') === 'all' ? 'all' : 'own' }
}

/** Writes them; what is as usual is left out. */
export function putWhose(search: URLSearchParams, { projectId, of }: WhoseRuns): void {
  search.delete('project')
  search.delete('of')
  if (projectId !== null) search.set('project', String(projectId))
  else if (of === 'all') search.set('of', 'all')
}

/** In words beside a count of runs. */
export function whoseWords({ projectId, of }: WhoseRuns, projects: readonly ProjectView[]): string {
  const project = projects.find(({ id }) => id === projectId)
  if (project) return ` of ${project.name}`
  if (of === 'all') return ' of projects and sweeps'
  return projects.length > 1 ? ` of ${projects.length} projects` : ''
}

type Props = { whose: WhoseRuns; projects: readonly ProjectView[]; onChoose: (whose: WhoseRuns) => void }

export function ChooseWhose({ whose: { projectId, of }, projects, onChoose }: Props) {
  return (
    <select
      aria-label="Whose runs"
      value={projectId ?? of}
      onChange={({ target: { value } }) =>
        onChoose(
          value === 'own' || value === 'all' ? { projectId: null, of: value } : { projectId: Number(value), of: 'own' },
        )
      }
    >
      <option value="own">Every project</option>
      <option value="all">Every project and sweep</option>
      {projects.map(({ id, name, runs }) => (
        <option key={id} value={id}>
          {name} ({runs})
        </option>
      ))}
    </select>
  )
}
