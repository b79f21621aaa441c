'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatScore } from '../_words/format.ts'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'
import type { Asked } from './address.ts'
import styles from './compare.module.css'

/** A checkpoint or a run of any sweep, best first, to be put beside the others. */
export function ChooseCompared({ asked, onChoose }: { asked: Asked; onChoose: (id: number) => void }) {
  const trpc = useTRPC()
  const [sweepId, setSweepId] = useState<number | null>(null)
  const query = useQuery({
    ...trpc.compare.candidates.queryOptions({ of: asked.of, sweepId }),
    placeholderData: keepPreviousData,
  })
  const { data } = query
  const what = asked.of === 'runs' ? 'run' : 'checkpoint'
  const listed = data?.listed.filter(({ id }) => !asked.ids.includes(id)) ?? []
  return (
    <div className={styles.chooser} role="group" aria-label={`Add a ${what}`}>
      {query.error && <p className="error">{errorSentence(query.error)}</p>}
      <label className="field">
        <span>Sweep</span>
        <select value={data?.sweepId ?? ''} onChange={(event) => setSweepId(Number(event.target.value))}>
          {data?.sweeps.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{asked.of === 'runs' ? 'Run' : 'Checkpoint, best first'}</span>
        <select
          value=""
          disabled={listed.length === 0}
          onChange={(event) => event.target.value !== '' && onChoose(Number(event.target.value))}
        >
          <option value="">
            {listed.length === 0 ? `There is no other ${what} with a score` : `Choose a ${what}`}
          </option>
          {listed.map(({ id, name, score }) => (
            <option key={id} value={id}>
              {score === null ? '' : `${formatScore(score)}: `}
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
