'use client'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { CleanUpView } from '../../../contract/api/checkpoints.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { formatBytes, formatCount, listWords, plural } from '../../_words/format.ts'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import styles from './keep-rules-dialog.module.css'

/** Which checkpoints stay, said before any is deleted: files cannot be had back. */
export function KeepRulesDialog({ sweep, onClose }: { sweep: SweepDetail; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState({ last: '1', best: '1' })
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  const rule = { last: wholeOf(typed.last), best: wholeOf(typed.best) }
  const valid = rule.last !== null && rule.best !== null
  const input = { sweepId: sweep.id, last: rule.last ?? 0, best: rule.best ?? 0 }
  const query = useQuery(
    trpc.checkpoints.planCleanUp.queryOptions(input, {
      enabled: valid,
      placeholderData: keepPreviousData,
      staleTime: 0,
    }),
  )
  const plan = valid ? query.data : undefined
  const remove = useMutation(
    trpc.checkpoints.cleanUp.mutationOptions({
      onSuccess: ({ removed, bytes }) => {
        void queryClient.invalidateQueries(trpc.runs.get.pathFilter())
        showToast({ text: `Deleted ${plural(removed, 'checkpoint')}, ${formatBytes(bytes)}.` })
        dialog.current?.close()
      },
      onError: (error) => {
        showToast({ text: errorSentence(error), tone: 'error' })
        void query.refetch()
      },
    }),
  )
  const field = (key: 'last' | 'best', label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        type="text"
        inputMode="numeric"
        value={typed[key]}
        aria-invalid={rule[key] === null || undefined}
        onChange={(event) => setTyped({ ...typed, [key]: event.target.value })}
      />
    </label>
  )
  const fresh = plan !== undefined && !query.isPlaceholderData
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="keep-title" onClose={onClose}>
      <h2 id="keep-title">Free disk space of {sweep.name}</h2>
      <p>What is picked, and what a round started from, always stays. Scores and curves stay in any case.</p>
      <div className={styles.rule}>
        {field('best', 'Best of each run')}
        {field('last', 'Last of each run')}
      </div>
      {!valid && <p className="error">Expected whole numbers of 0 or more.</p>}
      {query.error && <p className="error">{errorSentence(query.error)}</p>}
      {plan && <Plan plan={plan} />}
      <div className="actions">
        <button type="button" className="btn" autoFocus onClick={() => dialog.current?.close()}>
          Keep everything
        </button>
        {plan && plan.remove.length > 0 && (
          <button
            type="button"
            className="btn danger"
            disabled={!fresh || remove.isPending}
            onClick={() => remove.mutate({ ...input, checkpointIds: plan.remove.map(({ id }) => id) })}
          >
            Delete {plural(plan.remove.length, 'checkpoint')}, {formatBytes(plan.bytes)}
          </button>
        )}
      </div>
    </dialog>
  )
}

function Plan({ plan: { remove, kept } }: { plan: CleanUpView }) {
  const reasons: Record<keyof typeof kept, string> = {
    picked: 'picked',
    used: 'used by a round',
    needed: 'needed to go on',
    best: 'among the best',
    last: 'among the last',
    elsewhere: 'outside the run’s own folder',
  }
  const words = (Object.keys(reasons) as (keyof typeof kept)[]).flatMap((reason) =>
    kept[reason] > 0 ? [`${formatCount(kept[reason])} ${reasons[reason]}`] : [],
  )
  return (
    <>
      <p>
        {words.length > 0 ? `Stays: ${listWords(words)}.` : 'None of its checkpoints has files on disk.'}
        {remove.length === 0 && words.length > 0 && ' There is nothing to delete.'}
      </p>
      {remove.length > 0 && (
        <ul className={styles.list} tabIndex={0} aria-label="Files that would be deleted">
          {remove.map(({ id, runNumber, name, path, sizeBytes }) => (
            <li key={id} title={path}>
              <span>
                Run {runNumber}, {name}
              </span>
              <span className="ink3">{sizeBytes === null ? '' : formatBytes(sizeBytes)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function wholeOf(text: string): number | null {
  return /^\d{1,6}$/.test(text.trim()) ? Number(text) : null
}
