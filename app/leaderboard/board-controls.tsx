'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { BoardQuery } from '../../domain/asking/board-query.ts'
import type { BoardChoices } from '../../contract/api/leaderboard.ts'
import { slashField } from '../_shell/keyboard.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import styles from './leaderboard.module.css'

type Props = {
  query: BoardQuery
  onChange: (changes: Partial<BoardQuery>) => void
  choices: BoardChoices | undefined
  error: string | null
}

/** Baseline, filters and grouping: everything but the order. */
export function BoardControls({ query, onChange, choices, error }: Props) {
  const trpc = useTRPC()
  const baselines = useQuery(trpc.baselines.list.queryOptions()).data ?? []
  const several = query.sweepIds.length > 1
  return (
    <div className={styles.controls} role="group" aria-label="What is shown">
      <FilterField value={query.filter} invalid={error !== null} onChange={(filter) => onChange({ filter })} />
      <select
        aria-label="Baseline"
        value={query.baselineId ?? ''}
        onChange={({ target }) => onChange({ baselineId: target.value === '' ? null : Number(target.value) })}
      >
        <option value="">Each sweep’s own baseline</option>
        {baselines.map(({ id, name }) => (
          <option key={id} value={id}>
            Baseline {name}
          </option>
        ))}
      </select>
      <select
        aria-label="Sweep"
        value={several ? 'several' : (query.sweepIds[0] ?? '')}
        onChange={({ target }) => onChange({ sweepIds: target.value === '' ? [] : [Number(target.value)] })}
      >
        <option value="">Every sweep</option>
        {several && <option value="several">{query.sweepIds.length} sweeps</option>}
        {choices?.sweeps.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      {(choices?.trainers.length ?? 0) > 1 && (
        <Choice
          label="Trainer"
          every="Every trainer"
          value={query.trainer}
          values={choices!.trainers}
          onChange={(trainer) => onChange({ trainer })}
        />
      )}
      {((choices?.tags.length ?? 0) > 0 || query.tag !== '') && (
        <Choice
          label="Tag"
          every="Any tag or none"
          value={query.tag}
          values={choices?.tags ?? []}
          onChange={(tag) => onChange({ tag })}
        />
      )}
      <label className={styles.day}>
        from
        <input
          type="date"
          value={query.from ?? ''}
          onChange={({ target }) => onChange({ from: target.value || null })}
        />
      </label>
      <label className={styles.day}>
        to
        <input type="date" value={query.to ?? ''} onChange={({ target }) => onChange({ to: target.value || null })} />
      </label>
      <label className={styles.check}>
        <input type="checkbox" checked={query.picked} onChange={({ target }) => onChange({ picked: target.checked })} />
        Picked
      </label>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={query.grouped}
          onChange={({ target }) => onChange({ grouped: target.checked, byCommit: false })}
        />
        Group over seeds
      </label>
      {query.grouped && (
        <label className={styles.check}>
          <input
            type="checkbox"
            checked={query.byCommit}
            onChange={({ target }) => onChange({ byCommit: target.checked })}
          />
          each commit apart
        </label>
      )}
    </div>
  )
}

type ChoiceProps = {
  label: string
  every: string
  value: string
  values: string[]
  onChange: (value: string) => void
}

function Choice({ label, every, value, values, onChange }: ChoiceProps) {
  const all = value === '' || values.includes(value) ? values : [value, ...values]
  return (
    <select aria-label={label} value={value} onChange={({ target }) => onChange(target.value)}>
      <option value="">{every}</option>
      {all.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  )
}

const millisecondsOfPause = 250

/** What is typed is asked once a person pauses. */
function FilterField({
  value,
  invalid,
  onChange,
}: {
  value: string
  invalid: boolean
  onChange: (value: string) => void
}) {
  const [typed, setTyped] = useState(value)
  const [seen, setSeen] = useState(value)
  // another address, by a link or the back button, wins over what stands here
  if (value !== seen) {
    setSeen(value)
    if (value !== typed.trim()) setTyped(value)
  }
  const ask = useEffectEvent(() => {
    if (typed.trim() !== value) onChange(typed.trim())
  })
  useEffect(() => {
    const pause = setTimeout(ask, millisecondsOfPause)
    return () => clearTimeout(pause)
  }, [typed])
  return (
    <input
      {...slashField}
      type="search"
      className={styles.filter}
      placeholder="learning_rate < 1e-4 and score > 1"
      aria-label="Filter the leaderboard"
      aria-invalid={invalid}
      aria-describedby={invalid ? 'filter-error' : undefined}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onKeyDown={({ key }) => {
        if (key === 'Escape') setTyped('')
      }}
    />
  )
}
