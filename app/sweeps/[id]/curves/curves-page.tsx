'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import { milestoneAxisName } from '../../../../domain/sweep/axes/axes.ts'
import { isBetter } from '../../../../domain/stopping/method.ts'
import type { Goal } from '../../../../domain/sweep/stop-early.ts'
import type { SweepDetail } from '../../../../contract/api/sweeps.ts'
import type { Line } from '../../../_charts/line-bundle.ts'
import { mostRuns, RunBundle } from '../../../_charts/run-bundle.tsx'
import { useBundleAddress } from '../../../_charts/use-bundle-address.ts'
import { formatCount, formatScore, plural } from '../../../_words/format.ts'
import { Link } from '../../../_shell/link.tsx'
import { Ghost } from '../../../_shell/load-states.tsx'
import { NamedViews } from '../../../_shell/named-views.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { SweepPart } from '../sweep-part.tsx'
import { pointsOfCurves } from './curves-link.tsx'
import { shownRuns } from './runs-shown.ts'

/** The curves of a sweep's runs over each other, in the colours of an axis. */
export function CurvesPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const [asked, change] = useBundleAddress()
  const filter = useDeferredValue(asked.filter)
  const points = useQuery({
    ...pointsOfCurves(trpc, id, filter),
    placeholderData: keepPreviousData,
  })
  const names = useQuery(trpc.sweeps.metricNames.queryOptions({ id }))
  const rows = points.data?.rows ?? []
  const isCut = (points.data?.total ?? 0) > rows.length
  const foundIn = ({ definition }: SweepDetail) =>
    shownRuns(
      rows.map(({ point }) => point),
      milestoneAxisName(definition.axes),
    )
  return (
    <SweepPart
      id={id}
      title="Curves"
      actions={<CurvesActions id={id} />}
      aside={(sweep) => (points.isPending ? '' : countWords(foundIn(sweep).length, isCut, sweep.counts.trainings))}
    >
      {(sweep) => {
        if (points.isPending) return <Ghost lines={8} />
        const found = foundIn(sweep)
        const milestone = milestoneAxisName(sweep.definition.axes)
        return (
          <RunBundle
            runs={found.slice(0, mostRuns)}
            axes={sweep.axes.filter((axis) => axis.name !== milestone && axis.values.length > 1)}
            metrics={names.data}
            asked={asked}
            change={change}
            example="score > 1 and batch_size = 128"
            error={points.data?.error ?? null}
            last={{
              head: `Best ${sweep.objective?.metric ?? 'score'}`,
              of: (line) => formatScore(bestOf(line, found, sweep.objective?.goal ?? 'maximize')),
            }}
          />
        )
      }}
    </SweepPart>
  )
}

function CurvesActions({ id }: { id: number }) {
  const sweep = useQuery(useTRPC().sweeps.get.queryOptions({ id })).data
  return (
    <>
      <NamedViews page={`/sweeps/${id}/curves`} />
      {sweep && (
        <Link
          className="btn"
          href={besideOthers(sweep.name)}
          title="In one chart with runs of other sweeps and of projects"
        >
          With other runs
        </Link>
      )}
    </>
  )
}

/** *Curves* of any runs, with those of this sweep; a quote mark cannot stand in a filter. */
function besideOthers(name: string): string {
  const search = new URLSearchParams({ of: 'all' })
  if (!name.includes('"')) search.set('filter', `sweep = "${name}"`)
  return `/runs/curves?${search}`
}

/** How many runs are drawn, and of how many, where that is not all. */
function countWords(found: number, isCut: boolean, trainings: number): string {
  const drawn = Math.min(mostRuns, found)
  if (!isCut && drawn === found) return plural(drawn, 'run')
  return `the best ${formatCount(drawn)} runs of ${formatCount(trainings)}`
}

function bestOf({ runs }: Line, found: ReturnType<typeof shownRuns>, goal: Goal): number | null {
  const ids = new Set(runs.map(({ id }) => id))
  return found.reduce<number | null>(
    (best, { id, score }) =>
      ids.has(id) && score !== null && (best === null || isBetter(goal, score, best)) ? score : best,
    null,
  )
}
