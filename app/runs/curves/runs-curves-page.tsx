'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { useDeferredValue } from 'react'
import { mostRuns, RunBundle } from '../../_charts/run-bundle.tsx'
import { useBundleAddress } from '../../_charts/use-bundle-address.ts'
import { Link } from '../../_shell/link.tsx'
import { Ghost, LoadError } from '../../_shell/load-states.tsx'
import { NamedViews } from '../../_shell/named-views.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { formatCount, plural } from '../../_words/format.ts'
import { axesOf } from './axes-of.ts'

/** Settings that differ, as many as a table has room for. */
const mostSettings = 12

/** The curves of runs of their own over each other: those of a project, of a filter, or some that were ticked. */
export function RunsCurvesPage() {
  const trpc = useTRPC()
  const address = useSearchParams()
  const [asked, change] = useBundleAddress()
  const filter = useDeferredValue(asked.filter)
  const numbers = (name: string) =>
    (address.get(name) ?? '')
      .split(',')
      .filter((part) => /^\d{1,15}$/.test(part))
      .map(Number)
  const ids = numbers('ids')
  const [projectId] = numbers('project')
  const projects = useQuery(trpc.ownRuns.projects.queryOptions())
  const list = useQuery(
    trpc.ownRuns.list.queryOptions(
      {
        ...(projectId !== undefined && { projectId }),
        ...(ids.length > 0 && { ids }),
        filter,
        settings: mostSettings,
        limit: mostRuns,
      },
      { placeholderData: keepPreviousData },
    ),
  )
  const page = list.data
  if (list.isPending) return <Ghost lines={10} />
  if (!page) return <LoadError error={list.error} what="list of runs" retry={() => void list.refetch()} />
  const project = projects.data?.find(({ id }) => id === projectId)
  return (
    <>
      <p className="crumb">
        <Link href="/runs">Runs</Link> /{' '}
        {project && (
          <>
            <Link href={`/runs?project=${project.id}`}>{project.name}</Link> /
          </>
        )}
      </p>
      <div className="title">
        <h1>Curves</h1>
        <span className="ink2">
          {page.total > page.rows.length
            ? `the newest ${formatCount(page.rows.length)} of ${plural(page.total, 'run')}`
            : plural(page.total, 'run')}
        </span>
        <div className="actions">
          <NamedViews page="/runs/curves" />
        </div>
      </div>
      <RunBundle
        runs={page.rows}
        axes={axesOf(page.rows)}
        metrics={page.metrics}
        asked={asked}
        change={change}
        example="loss < 0.5 and status = done"
        error={page.error}
      />
    </>
  )
}
