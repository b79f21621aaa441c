'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isSweepFinished } from '../../../../domain/life/run-status.ts'
import { spaceOf } from '../../../../domain/search/space.ts'
import { useTRPC } from '../../../_shell/trpc.ts'
import { OnceAnswered, SweepPart } from '../sweep-part.tsx'
import { BestSoFar } from './best-so-far.tsx'
import { Proposals } from './proposals.tsx'
import { ProposePoint } from './propose-point.tsx'
import { SearchMapFigure } from './search-map.tsx'
import { searchWords } from './search-words.ts'
import styles from './search.module.css'

/** What the search found for its cost, what it expects where, and why it takes what next. */
export function SearchPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.sweeps.search.queryOptions({ id }))
  const [chosen, setChosen] = useState<Record<string, string>>({})
  return (
    <SweepPart id={id} title="How it searches">
      {(sweep) => (
        <OnceAnswered query={query}>
          {(view) => (
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
        </OnceAnswered>
      )}
    </SweepPart>
  )
}
