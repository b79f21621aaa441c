'use client'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '../../../_shell/link.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'

/** What *Curves* reads first: as many points as it has runs for, those that pass the filter. */
export const pointsOfCurves = (trpc: ReturnType<typeof useTRPC>, id: number, filter: string) =>
  trpc.sweeps.points.queryOptions({ id, filter, limit: 1000 })

/** The way to a sweep's *Curves*: what that page reads first is asked for once somebody points here. */
export function CurvesLink({ id }: { id: number }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const readAhead = () => {
    void queryClient.prefetchQuery(pointsOfCurves(trpc, id, ''))
    void queryClient.prefetchQuery(trpc.sweeps.metricNames.queryOptions({ id }))
  }
  return (
    <Link likely className="btn" href={`/sweeps/${id}/curves`} onPointerEnter={readAhead} onFocus={readAhead}>
      Curves of its runs
    </Link>
  )
}
