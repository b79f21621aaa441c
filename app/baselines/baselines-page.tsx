'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ownValue } from '../../domain/own-value.ts'
import type { BaselineView } from '../../contract/api/baselines.ts'
import { formatCount, formatPercent, plural } from '../_words/format.ts'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { showToast } from '../_shell/toast.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { BaselineEditor } from './baseline-editor.tsx'
import styles from './baselines.module.css'

/** The stored baselines: what scores compare with. */
export function BaselinesPage() {
  const trpc = useTRPC()
  const query = useQuery(trpc.baselines.list.queryOptions())
  // the id of the baseline that is edited, or 'new'
  const [editing, setEditing] = useState<number | 'new' | null>(null)
  const close = () => setEditing(null)
  if (!query.data)
    return query.error ? (
      <LoadError error={query.error} what="list of baselines" retry={() => void query.refetch()} />
    ) : (
      <Ghost />
    )
  const baselines = query.data
  return (
    <>
      <div className="title">
        <h1>Baselines</h1>
        {baselines.length > 0 && (
          <div className="actions">
            <button type="button" className="btn primary" onClick={() => setEditing('new')}>
              New baseline
            </button>
          </div>
        )}
      </div>
      <p className={styles.intro}>
        The accuracy on each benchmark that scores compare with, under a name that sweeps can share. A change recomputes
        the scores of every sweep that uses it.
      </p>
      {editing === 'new' && (
        <section className="section" aria-label="New baseline">
          <BaselineEditor baseline={null} onClose={close} />
        </section>
      )}
      {baselines.length === 0 && editing === null && (
        <div className="message">
          <p>
            No baseline is stored yet. Store the accuracies of the model you start from, and its name is offered in
            every new sweep.
          </p>
          <div className="actions">
            <button type="button" className="btn primary" onClick={() => setEditing('new')}>
              New baseline
            </button>
          </div>
        </div>
      )}
      {baselines.map((baseline) => (
        <section className="section" key={baseline.id} aria-labelledby={`baseline-${baseline.id}`}>
          {editing === baseline.id ? (
            <BaselineEditor baseline={baseline} onClose={close} />
          ) : (
            <Baseline baseline={baseline} onEdit={() => setEditing(baseline.id)} />
          )}
        </section>
      ))}
    </>
  )
}

function usedWords({ usedBySweeps }: BaselineView): string {
  return usedBySweeps === 0 ? 'not used by any sweep' : `used by ${plural(usedBySweeps, 'sweep')}`
}

function Baseline({ baseline, onEdit }: { baseline: BaselineView; onEdit: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const refresh = () => void queryClient.invalidateQueries(trpc.baselines.list.queryFilter())
  const save = useMutation(trpc.baselines.save.mutationOptions({ onSuccess: refresh }))
  const remove = useMutation(trpc.baselines.remove.mutationOptions({ onSuccess: refresh }))
  const { id, name, accuracies, questions, note } = baseline
  const asked = (benchmark: string) => ownValue(questions, benchmark)
  const onRemove = () =>
    remove.mutate(
      { id },
      {
        onSuccess: () =>
          showToast({
            text: `Removed the baseline ${name}.`,
            undo: () => save.mutate({ name, accuracies, questions, note }),
          }),
      },
    )
  return (
    <>
      <div className="section-head">
        <h2 id={`baseline-${id}`}>{name}</h2>
        <span className="note">{usedWords(baseline)}</span>
        <div className="actions">
          <button type="button" className="btn sm" aria-label={`Edit ${name}`} onClick={onEdit}>
            Edit
          </button>
          {baseline.usedBySweeps === 0 && (
            <button type="button" className="btn quiet sm" aria-label={`Remove ${name}`} onClick={onRemove}>
              Remove
            </button>
          )}
        </div>
      </div>
      {note && <p className={`ink2 ${styles.note}`}>{note}</p>}
      <dl className={styles.accuracies}>
        {Object.entries(accuracies).map(([benchmark, accuracy]) => (
          <div key={benchmark}>
            <dt>{benchmark}</dt>
            <dd>
              {formatPercent(accuracy)} <span className="ink3">%</span>
            </dd>
            {asked(benchmark) !== undefined && <dd className="small ink3">of {formatCount(asked(benchmark)!)}</dd>}
          </div>
        ))}
      </dl>
    </>
  )
}
