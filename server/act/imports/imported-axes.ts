/** The axes of a sweep that is made of points which were scored elsewhere. */
import { SweepboardError } from '../../../domain/errors.ts'
import { parseSweep } from '../../../domain/sweep/files/parse-sweep.ts'
import { compareDecimals, parseDecimal } from '../../../domain/sweep/axes/decimal.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { StagedRun } from './staged-runs.ts'

type Params = Record<string, string>
export type ImportedSweep = {
  definition: Sweep
  /** Of each run, its values and those of its points. */
  params: { run: Params; points: Params[] }[]
  milestone: string | null
}

/** Throws `invalid` where the points cannot stand in one sweep. */
export function importedSweep(name: string, runs: StagedRun[]): ImportedSweep {
  const scoring = runs.find((run) => run.scoring !== null)?.scoring ?? null
  if (runs.some((run) => run.scoring !== null && JSON.stringify(run.scoring) !== JSON.stringify(scoring)))
    throw new SweepboardError('invalid', 'The files score against different baselines; expected one sweep at a time.')
  const others = { name, train: { command: ['true'] }, ...(scoring && { score: scoring }) }
  const own = ownAxes(runs)
  if (own === null)
    throw new SweepboardError(
      'invalid',
      'The files tell of points with other axes, or twice of one; expected one sweep at a time.',
    )
  const milestone = milestoneOf(runs)
  const axes = Object.fromEntries(
    own.map((axis) => {
      const values = [...new Set(runs.flatMap((run) => pointsOf(run).map((params) => params[axis]!)))]
      return [axis, axis === milestone ? { milestones: values.toSorted(byNumber) } : values]
    }),
  )
  const { definition, issues } = parseSweep({ ...others, axes })
  if (definition === null) throw new SweepboardError('invalid', issues.map((issue) => issue.message).join(' '), issues)
  return { definition, milestone, params: runs.map((run) => ({ run: run.told.params!, points: pointsOf(run) })) }
}

const byNumber = (a: string, b: string) => {
  const [left, right] = [parseDecimal(a), parseDecimal(b)]
  return left && right ? compareDecimals(left, right) : 0
}

const pointsOf = ({ points, told }: StagedRun): Params[] =>
  points.length > 0 ? points.map(({ params }) => params) : [told.params!]

/** The axes that every run has values on, where these tell all points apart; null where they do not. */
function ownAxes(runs: StagedRun[]): string[] | null {
  const all = runs.flatMap((run) => (run.told.params === undefined ? [null] : pointsOf(run)))
  const names = Object.keys(all[0] ?? {})
  const keys = new Set<string>()
  for (const params of all) {
    if (params === null || names.length === 0 || Object.keys(params).length !== names.length) return null
    if (!names.every((name) => Object.hasOwn(params, name))) return null
    keys.add(JSON.stringify(names.map((name) => params[name])))
  }
  return keys.size === all.length ? names : null
}

/** The axis whose values differ between points of one run; null where there is none. */
function milestoneOf(runs: StagedRun[]): string | null {
  for (const { points } of runs) {
    const [first, ...others] = points
    const differs = (name: string) => others.some((point) => point.params[name] !== first!.params[name])
    const found = Object.keys(first?.params ?? {}).find(differs)
    if (found !== undefined) return found
  }
  return null
}
