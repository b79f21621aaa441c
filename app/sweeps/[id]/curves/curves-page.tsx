'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect } from 'react'
import { milestoneAxisName } from '../../../../domain/sweep/axes.ts'
import type { Line } from '../../../_charts/line-bundle.ts'
import { mostRuns, RunBundle } from '../../../_charts/run-bundle.tsx'
import { useBundleAddress } from '../../../_charts/use-bundle-address.ts'
import { formatCount, formatScore, plural } from '../../../_words/format.ts'
import { Link } from '../../../_shell/link.tsx'
import { Ghost, LoadError } from '../../../_shell/load-states.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { Status } from '../../../_words/status.tsx'
import { runsOf } from './runs-shown.ts'

/** The curves of a sweep's runs over each other, in the colours of an axis. */
export function CurvesPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const [asked, change] = useBundleAddress()
  const filter = useDeferredValue(asked.filter)
  const summary = useQuery(trpc.sweeps.get.queryOptions({ id }))
  const points = useQuery({
    ...trpc.sweeps.points.queryOptions({ id, filter, limit: 1000 }),
    placeholderData: keepPreviousData,
  })
  const names = useQuery(trpc.sweeps.metricNames.queryOptions({ id }))
  const sweep = summary.data
  const name = sweep?.name
  useEffect(() => {
    if (name) document.title = `Curves · ${name} · Sweepboard`
  }, [name])

  if (summary.isPending || (points.isPending && !points.error)) return <Ghost lines={10} />
  if (!sweep) return <LoadError error={summary.error} what="sweep" retry={() => void summary.refetch()} />
  const milestone = milestoneAxisName(sweep.definition.axes)
  const axes = sweep.axes.filter((axis) => axis.name !== milestone && axis.values.length > 1)
  const found = runsOf(
    (points.data?.rows ?? []).map(({ point }) => point),
    milestone,
  )
  const runs = found.slice(0, mostRuns)
  const isCut = found.length > mostRuns || (points.data?.total ?? 0) > (points.data?.rows.length ?? 0)
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${id}`}>{sweep.name}</Link> /
      </p>
      <div className="title">
        <h1>Curves</h1>
        <Status status={sweep.status} />
        <span className="ink2">
          {isCut
            ? `the best ${formatCount(runs.length)} runs of ${formatCount(sweep.counts.trainings)}`
            : plural(runs.length, 'run')}
        </span>
      </div>
      <RunBundle
        runs={runs}
        axes={axes}
        metrics={names.data}
        asked={asked}
        change={change}
        example="score > 1 and batch_size = 128"
        error={points.data?.error ?? null}
        last={{ head: 'Best score', of: (line) => formatScore(bestOf(line, found)) }}
      />
    </>
  )
}

function bestOf({ runs }: Line, found: ReturnType<typeof runsOf>): number | null {
  const ids = new Set(runs.map(({ id }) => id))
  return found.reduce<number | null>(
    (best, { id, score }) => (ids.has(id) && score !== null && score > (best ?? -Infinity) ? score : best),
    null,
  )
}
