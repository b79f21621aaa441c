'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatScore } from '../_words/format.ts'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'
import type { RunHome } from '../../contract/api/runs.ts'
import { Link } from '../_shell/link.tsx'
import { type AskedComparison, addressOf } from './address.ts'
import styles from './compare.module.css'

type Props = {
  asked: AskedComparison
  /** The runs that are compared already, where that is known: what leads to comparing them in place of their checkpoints. */
  runIds?: number[]
  onChoose: (id: number) => void
}

/** A checkpoint or a run of any sweep or project, to be put beside the others. */
export function ChooseCompared({ asked, runIds, onChoose }: Props) {
  const trpc = useTRPC()
  const [home, setHome] = useState<Pick<RunHome, 'kind' | 'id'> | null>(null)
  const query = useQuery({
    ...trpc.compare.candidates.queryOptions({ of: asked.of, home, beside: asked.ids[0] ?? null }),
    placeholderData: keepPreviousData,
  })
  const { data } = query
  const what = asked.of === 'runs' ? 'run' : 'checkpoint'
  const [sweeps, projects] = (['sweep', 'project'] as const).map(
    (kind) => data?.homes.filter((one) => one.kind === kind) ?? [],
  ) as [RunHome[], RunHome[]]
  const listed = data?.listed.filter(({ id }) => !asked.ids.includes(id)) ?? []
  return (
    <div className={styles.chooser} role="group" aria-label={`Add a ${what}`}>
      {query.error && <p className="error">{errorSentence(query.error)}</p>}
      <label className="field">
        <span>{projects.length > 0 ? 'Sweep or project' : 'Sweep'}</span>
        <select
          value={data?.chosen ? keyOf(data.chosen) : ''}
          onChange={(event) => setHome(homeIn(event.target.value))}
        >
          {projects.length > 0 ? (
            <>
              {sweeps.length > 0 && <optgroup label="Sweeps">{sweeps.map(homeOption)}</optgroup>}
              <optgroup label="Projects, of runs of their own">{projects.map(homeOption)}</optgroup>
            </>
          ) : (
            sweeps.map(homeOption)
          )}
        </select>
      </label>
      <label className="field">
        <span>
          {asked.of === 'runs' ? 'Run' : data?.chosen?.kind === 'project' ? 'Checkpoint' : 'Checkpoint, best first'}
        </span>
        <select
          value=""
          disabled={listed.length === 0}
          onChange={(event) => event.target.value !== '' && onChoose(Number(event.target.value))}
        >
          <option value="">{listed.length === 0 ? noneWords(what, data?.chosen ?? null) : `Choose a ${what}`}</option>
          {listed.map(({ id, name, score }) => (
            <option key={id} value={id}>
              {score === null ? '' : `${formatScore(score)}: `}
              {name}
            </option>
          ))}
        </select>
      </label>
      {runIds && asked.of === 'checkpoints' && data?.chosen?.kind === 'project' && listed.length === 0 && (
        <Link className="btn" href={addressOf({ of: 'runs', ids: runIds })}>
          Compare the runs in place of checkpoints
        </Link>
      )}
    </div>
  )
}

const keyOf = ({ kind, id }: Pick<RunHome, 'kind' | 'id'>) => `${kind} ${id}`

function homeIn(key: string): Pick<RunHome, 'kind' | 'id'> {
  const [kind, id] = key.split(' ')
  return { kind: kind as RunHome['kind'], id: Number(id) }
}

const homeOption = (home: RunHome) => (
  <option key={keyOf(home)} value={keyOf(home)}>
    {home.name}
  </option>
)

function noneWords(what: 'run' | 'checkpoint', chosen: RunHome | null): string {
  if (what === 'run') return 'There is no other run'
  return chosen?.kind === 'project'
    ? 'None of its runs has another checkpoint with evaluations'
    : 'There is no other checkpoint with a score'
}
