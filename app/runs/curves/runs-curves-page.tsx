'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { useDeferredValue, useState } from 'react'
import { mostRuns, RunBundle } from '../../_charts/run-bundle.tsx'
import { useBundleAddress } from '../../_charts/use-bundle-address.ts'
import { Link } from '../../_shell/link.tsx'
import { Ghost, LoadError } from '../../_shell/load-states.tsx'
import { NamedViews } from '../../_shell/named-views.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { formatCount, formatScore, plural } from '../../_words/format.ts'
import { ChooseWhose, putWhose, whoseOf, whoseWords, type WhoseRuns } from '../whose-runs.tsx'
import { axesOf } from './axes-of.ts'
import { linedUp } from './lined-up.ts'

/** Settings that differ, as many as a table has room for. */
const mostSettings = 12

/** Curves over each other of any runs: those of a project, of a filter across projects and sweeps, or some that were ticked. */
export function RunsCurvesPage() {
  const trpc = useTRPC()
  const address = useSearchParams()
  const [asked, change] = useBundleAddress()
  const [chosen, setChosen] = useState<WhoseRuns | null>(null)
  const filter = useDeferredValue(asked.filter)
  const whose = chosen ?? whoseOf(address)
  const ids = (address.get('ids') ?? '')
    .split(',')
    .filter((part) => /^\d{1,15}$/.test(part))
    .map(Number)
  const projects = useQuery(trpc.ownRuns.projects.queryOptions())
  const list = useQuery(
    trpc.runs.list.queryOptions(
      {
        // what was ticked is shown, whosever it is
        of: ids.length > 0 ? 'all' : whose.of,
        ...(whose.projectId !== null && { projectId: whose.projectId }),
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
  const known = projects.data ?? []
  const project = known.find(({ id }) => id === whose.projectId)
  const runs = linedUp(page.rows)
  const isScored = page.rows.some(({ score }) => score !== null)
  const scores = new Map(page.rows.map(({ id, score }) => [id, score]))
  const choose = (next: WhoseRuns) => {
    setChosen(next)
    const url = new URL(window.location.href)
    putWhose(url.searchParams, next)
    window.history.replaceState(null, '', url)
  }
  return (
    <>
      <p className="crumb">
        <Link href={whose.of === 'all' ? '/runs?of=all' : '/runs'}>Runs</Link> /{' '}
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
          {ids.length === 0 && whoseWords(whose, known)}
        </span>
        <div className="actions">
          <NamedViews page="/runs/curves" />
        </div>
      </div>
      <RunBundle
        runs={runs}
        axes={axesOf(runs)}
        metrics={page.metrics}
        asked={asked}
        change={change}
        whose={ids.length === 0 && <ChooseWhose whose={whose} projects={known} onChoose={choose} />}
        example={whose.of === 'all' ? 'sweep = short-cot or project = scripts' : 'loss < 0.5 and status = done'}
        error={page.error}
        {...(isScored && {
          last: {
            head: 'Score',
            of: ({ runs: ofLine }) => formatScore(ofLine.length === 1 ? (scores.get(ofLine[0]!.id) ?? null) : null),
          },
        })}
      />
    </>
  )
}
