import type { ListedRun } from '../../../contract/api/listed-runs.ts'
import type { RunHome } from '../../../contract/api/runs.ts'
import type { BundledRun } from '../../_charts/line-bundle.ts'

/** The axis that tells runs of several sweeps and projects apart. */
const homeAxis = 'sweep or project'

/** Runs as charts draw them: where they are of several sweeps or projects, that is a setting of theirs, and stands before the names of runs of sweeps. */
export function linedUp(rows: readonly ListedRun[]): BundledRun[] {
  const homes = new Map(rows.map(({ home }) => [keyOf(home), home]))
  if (homes.size === 1) return rows.map(({ id, number, name, params }) => ({ id, number, name, params }))
  const named = Map.groupBy(homes.values(), ({ name }) => name)
  // sweeps may be called alike
  const nameOf = ({ kind, id, name }: RunHome) => (named.get(name)!.length === 1 ? name : `${name} (${kind} ${id})`)
  return rows.map(({ id, number, name, home, params }) => ({
    id,
    number,
    name: home.kind === 'sweep' ? `${nameOf(home)}, ${name}` : name,
    params: { [homeAxis]: nameOf(home), ...params },
  }))
}

const keyOf = ({ kind, id }: RunHome) => `${kind} ${id}`
