/** Where a run stands, and what it is called there: one of a sweep by its number, one of its own by its name. */
import type { RunHome } from '../../../contract/api/runs.ts'
import type { AnyJobRow } from '../../../db/queries/jobs.ts'
import { findOwnRun } from '../../../db/queries/own-runs.ts'
import type { Context } from '../context.ts'
import { requireSweep } from './find-sweep.ts'

/** `name`: `run 8` in a sweep, else what its client or a person calls it. */
export function runHome(context: Context, run: AnyJobRow): { home: RunHome; name: string } {
  if (run.sweepId !== null) {
    const { id, name } = requireSweep(context, run.sweepId)
    return { home: { kind: 'sweep', id, name }, name: `run ${run.number}` }
  }
  const { own, project } = findOwnRun(context.database, run.id)!
  return { home: { kind: 'project', id: project.id, name: project.name }, name: own.name }
}

/** A run in a sentence: `short-cot, run 8`, or `my-project, seed-1`. */
export function runTitle(context: Context, run: AnyJobRow): string {
  const { home, name } = runHome(context, run)
  return `${home.name}, ${name}`
}
