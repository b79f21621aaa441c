'use client'
import { useQuery } from '@tanstack/react-query'
import { formatCount, plural } from '../../../_words/format.ts'
import { useTRPC } from '../../../_shell/trpc.ts'
import { OnceAnswered, SweepPart } from '../sweep-part.tsx'
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
  const query = useQuery(useTRPC().sweeps.parameters.queryOptions({ id }, askAgainWhilePending))
  return (
    <SweepPart
      id={id}
      title="Which parameter mattered"
      aside={({ counts }) => `${formatCount(counts.scored)} of ${plural(counts.points, 'point')} scored`}
    >
      {(sweep) => (
        <OnceAnswered query={query}>
          {(view) => (
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
        </OnceAnswered>
      )}
    </SweepPart>
  )
}
