'use client'
import { useQuery } from '@tanstack/react-query'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { spaceOf } from '../../../domain/search/space.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { Ghost } from '../../_shell/load-states.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { SearchMapFigure } from './search/search-map.tsx'

/** In place of heatmaps where an axis has no values but those that the search chose: each would be a row of its own. */
export function SearchedMap({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.sweeps.search.queryOptions({ id: sweep.id }))
  if (query.isError)
    return (
      <p className="error" role="alert">
        {query.error.message}
      </p>
    )
  if (!query.data) return <Ghost lines={8} />
  return (
    <SearchMapFigure
      id={sweep.id}
      space={spaceOf(sweep.definition)}
      trainings={query.data.trainings}
      isOver={isSweepFinished(sweep.status)}
      goal={query.data.goal}
      hasBaseline={sweep.objective === null}
    />
  )
}
