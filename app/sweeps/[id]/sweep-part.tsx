'use client'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { Link } from '../../_shell/link.tsx'
import { Ghost, LoadError } from '../../_shell/load-states.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { Status } from '../../_words/status.tsx'

type Props = {
  id: number
  title: string
  /** What stands beside the title. */
  aside?: (sweep: SweepDetail) => string
  /** What stands at the end of the title's line. */
  actions?: ReactNode
  children: (sweep: SweepDetail) => ReactNode
}

/** A page about one side of a sweep, below the sweep's own. */
export function SweepPart({ id, title, aside, actions, children }: Props) {
  const trpc = useTRPC()
  const summary = useQuery(trpc.sweeps.get.queryOptions({ id }))
  const sweep = summary.data
  const name = sweep?.name
  useEffect(() => {
    if (name) document.title = `${title} · ${name} · Sweepboard`
  }, [title, name])

  if (summary.isPending) return <Ghost lines={10} />
  if (!sweep) return <LoadError error={summary.error} what="sweep" retry={() => void summary.refetch()} />
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${id}`}>{sweep.name}</Link> /
      </p>
      <div className="title">
        <h1>{title}</h1>
        <Status status={sweep.status} />
        {aside && <span className="ink2">{aside(sweep)}</span>}
        {actions && <div className="actions">{actions}</div>}
      </div>
      {children(sweep)}
    </>
  )
}

/** What a query has answered, once it has; its error in place of it. */
export function OnceAnswered<View>({
  query,
  children,
}: {
  query: { isError: boolean; error: { message: string } | null; data: View | undefined }
  children: (view: View) => ReactNode
}) {
  if (query.isError)
    return (
      <p className="error" role="alert">
        {query.error!.message}
      </p>
    )
  return query.data === undefined ? <Ghost lines={8} /> : children(query.data)
}
