'use client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../../../_shell/link.tsx'
import { useEffect } from 'react'
import { formatCount } from '../../../_words/format.ts'
import { Ghost, LoadError } from '../../../_shell/load-states.tsx'
import { Status } from '../../../_words/status.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { Contour } from './contour.tsx'
import { EffectsTable } from './effects-table.tsx'
import { Interaction } from './interaction.tsx'
import { MainEffects } from './main-effects.tsx'
import { Parallel } from './parallel.tsx'
import { askAgainWhilePending } from './ask-again.ts'
import { answerWords, methodWords } from './parameter-words.ts'
import styles from './parameters.module.css'

/** Which parameter mattered, and how sure is that? */
export function ParametersPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const summary = useQuery(trpc.sweeps.get.queryOptions({ id }))
  const query = useQuery(trpc.sweeps.parameters.queryOptions({ id }, askAgainWhilePending))
  const sweep = summary.data
  const view = query.data
  const name = sweep?.name
  useEffect(() => {
    if (name) document.title = `Which parameter mattered · ${name} · Sweepboard`
  }, [name])

  if (summary.isPending) return <Ghost lines={10} />
  if (!sweep) return <LoadError error={summary.error} what="sweep" retry={() => void summary.refetch()} />
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${id}`}>{sweep.name}</Link> /
      </p>
      <div className="title">
        <h1>Which parameter mattered</h1>
        <Status status={sweep.status} />
        <span className="ink2">
          {formatCount(sweep.counts.scored)} of {formatCount(sweep.counts.points)} points scored
        </span>
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
            {answerWords(view)}
          </p>
          {methodWords(view).length > 0 && (
            <p className={`small ink3 ${styles.method}`}>{methodWords(view).join(' ')}</p>
          )}
          {view.effects.length > 0 && <EffectsTable view={view} sweepId={id} />}
          {view.pending && <MainEffects view={view} />}
          {view.scored > 1 && view.method !== null && !view.pending && (
            <>
              <MainEffects view={view} />
              <div className={styles.two}>
                <Interaction view={view} id={id} />
                <Contour view={view} id={id} name={sweep.name} />
              </div>
            </>
          )}
          {view.scored > 0 && <Parallel view={view} id={id} />}
        </>
      )}
    </>
  )
}
