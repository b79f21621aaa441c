import type { ReactNode } from 'react'
import type { OwnRunDetail } from '../../../contract/api/own-runs.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { Link } from '../../_shell/link.tsx'

export type AnyRun = RunDetail | OwnRunDetail

/** The way to a page below a run's, of a sweep or of its own. `children`: what lies between the run and the page. */
export function BelowRunCrumb({ run, children }: { run: AnyRun; children?: ReactNode }) {
  return (
    <p className="crumb">
      {run.sweep === null ? (
        <>
          <Link href="/runs">Runs</Link> / <Link href={`/runs?project=${run.project.id}`}>{run.project.name}</Link>
        </>
      ) : (
        <>
          <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${run.sweep.id}`}>{run.sweep.name}</Link>
        </>
      )}{' '}
      / <Link href={`/runs/${run.id}`}>{run.sweep === null ? run.name : `run ${run.number}`}</Link> /{children}
    </p>
  )
}
