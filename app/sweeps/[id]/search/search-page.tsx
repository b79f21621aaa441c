'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isSweepFinished } from '../../../../domain/life/run-status.ts'
import { spaceOf } from '../../../../domain/search/space.ts'
import { Ghost, LoadError } from '../../../_shell/load-states.tsx'
import { Link } from '../../../_shell/link.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { Status } from '../../../_words/status.tsx'
import { BestSoFar } from './best-so-far.tsx'
import { Proposals } from './proposals.tsx'
import { ProposePoint } from './propose-point.tsx'
import { SearchMapFigure } from './search-map.tsx'
import { searchWords } from './search-words.ts'
import styles from './search.module.css'

/** What the search found for its cost, what it expects where, and why it takes what next. */
export function SearchPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const summary = useQuery(trpc.sweeps.get.queryOptions({ id }))
  const query = useQuery(trpc.sweeps.search.queryOptions({ id }))
  const sweep = summary.data
  const view = query.data
  const [chosen, setChosen] = useState<Record<string, string>>({})
  const name = sweep?.name
  useEffect(() => {
    if (name) document.title = `How it searches · ${name} · Sweepboard`
  }, [name])

  if (summary.isPending) return <Ghost lines={10} />
  if (!sweep) return <LoadError error={summary.error} what="sweep" retry={() => void summary.refetch()} />
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${id}`}>{sweep.name}</Link> /
      </p>
      <div className="title">
        <h1>How it searches</h1>
        <Status status={sweep.status} />
      </div>
      {query.isError ? (
        <p className="error" role="alert">
          {query.error.message}
        </p>
      ) : !view ? (
        <Ghost lines={8} />
      ) : (
        <>
          <p className={styles.answer} role="status">
            {searchWords(view)}
          </p>
          <div className={styles.two}>
            <BestSoFar view={view} hasBaseline={sweep.objective === null} />
            <SearchMapFigure
              id={id}
              space={spaceOf(sweep.definition)}
              trainings={view.trainings}
              isOver={isSweepFinished(sweep.status)}
              goal={view.goal}
              hasBaseline={sweep.objective === null}
              chosen={chosen}
              onChoose={(values) => setChosen((before) => ({ ...before, ...values }))}
            />
          </div>
          {sweep.status !== 'cancelled' && (
            <ProposePoint
              sweep={sweep}
              view={view}
              chosen={chosen}
              onChoose={(values) => setChosen((before) => ({ ...before, ...values }))}
              onDone={() => setChosen({})}
            />
          )}
          <Proposals view={view} names={spaceOf(sweep.definition).dimensions.map((dimension) => dimension.name)} />
        </>
      )}
    </>
  )
}
