'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { isContinuous } from '../../../domain/sweep/axes/axes.ts'
import { Ghost, LoadError } from '../../_shell/load-states.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { AgainstBaselineSection } from './against-baseline.tsx'
import { SweepAnswer } from './answer.tsx'
import { EvaluationWorthSection } from './evaluation-worth.tsx'
import { FinalistsSection } from './finalists.tsx'
import { FrontChart } from './front-chart.tsx'
import { MeasuredBaseline } from './measured-baseline.tsx'
import { ParametersAnswer } from './parameters/parameters-answer.tsx'
import { Leaderboard } from './leaderboard.tsx'
import { PointBars } from './point-bars.tsx'
import { SweepRunsTable } from './runs-table.tsx'
import { ScoreMaps } from './score-maps.tsx'
import { SearchedMap } from './searched-map.tsx'
import { SweepHeader } from './sweep-header.tsx'
import { firstPoints } from './use-held-pages.ts'
import styles from './sweep.module.css'

/** Which settings are best, and how sure is that? */
export function SweepPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.sweeps.get.queryOptions({ id }))
  const queryClient = useQueryClient()
  useEffect(() => {
    // the first rows and the heatmaps come beside it, not after it
    void queryClient.prefetchQuery(trpc.sweeps.points.queryOptions(firstPoints(id)))
    void queryClient.prefetchQuery(trpc.sweeps.map.queryOptions({ id }))
  }, [queryClient, trpc, id])
  const sweep = query.data
  const [pinned, setPinned] = useState<number | null>(null)

  const name = sweep?.name
  useEffect(() => {
    if (name) document.title = `${name} · Sweepboard`
  }, [name])

  /** Pins a point, which marks its cell and its row; the pinned one again lets go. */
  const pin = useCallback((pointId: number | null) => setPinned((before) => (before === pointId ? null : pointId)), [])

  if (query.isPending) return <Ghost lines={10} />
  if (!sweep) return <LoadError error={query.error} what="sweep" retry={() => query.refetch()} />
  // a published round without accuracies: there is nothing to compare
  if (sweep.origin === 'imported' && sweep.best === null) {
    return (
      <>
        <SweepHeader sweep={sweep} />
        <SweepAnswer sweep={sweep} />
        <SweepRunsTable sweep={sweep} />
      </>
    )
  }
  // nothing is scored: the runs and their curves are what there is
  if (!sweep.isScored) {
    return (
      <>
        <SweepHeader sweep={sweep} />
        <SweepAnswer sweep={sweep} />
        <SweepRunsTable sweep={sweep} />
      </>
    )
  }
  return (
    <>
      <SweepHeader sweep={sweep} />
      <SweepAnswer sweep={sweep} />
      <MeasuredBaseline sweep={sweep} />
      <ParametersAnswer sweep={sweep} />
      {Object.values(sweep.definition.axes).some(isContinuous) ? (
        <SearchedMap sweep={sweep} />
      ) : (
        <ScoreMaps sweep={sweep} pinned={pinned} onPin={pin} />
      )}
      {sweep.definition.objectives && <FrontChart sweep={sweep} pinned={pinned} onPin={pin} />}
      {sweep.best && sweep.objective === null && (
        <section className="section">
          <div className={`cols ${styles.charts}`}>
            <PointBars sweep={sweep} pinned={pinned} onPin={pin} />
            <AgainstBaselineSection sweep={sweep} />
          </div>
        </section>
      )}
      <FinalistsSection sweep={sweep} />
      <Leaderboard sweep={sweep} pinned={pinned} />
      <EvaluationWorthSection sweep={sweep} />
      <SweepRunsTable sweep={sweep} />
    </>
  )
}
