'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OwnRunDetail } from '../../../contract/api/own-runs.ts'
import { Note } from '../../_words/note.tsx'
import { isQuiet } from '../../_words/own-run-words.ts'
import { Link } from '../../_shell/link.tsx'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import { useNow } from '../../_words/use-now.ts'
import styles from './run.module.css'

function useReadAgain() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return (id: number) => {
    void queryClient.invalidateQueries(trpc.runs.get.queryFilter({ id }))
    void queryClient.invalidateQueries(trpc.ownRuns.pathFilter())
    void queryClient.invalidateQueries(trpc.runs.list.pathFilter())
  }
}

/** Rollouts, a comparison, and what can be done with the run: deleting takes effect at once and can be taken back. */
export function OwnRunActions({ run }: { run: OwnRunDetail }) {
  const trpc = useTRPC()
  const readAgain = useReadAgain()
  const now = useNow(10)
  const { id, name } = run
  const onSuccess = () => readAgain(id)
  const restore = useMutation(trpc.ownRuns.restore.mutationOptions({ onSuccess }))
  const remove = useMutation(
    trpc.ownRuns.remove.mutationOptions({
      onSuccess: () => {
        onSuccess()
        showToast({ text: `Deleted ${name}.`, undo: () => restore.mutate({ ids: [id] }) })
      },
    }),
  )
  const end = useMutation(trpc.ownRuns.end.mutationOptions({ onSuccess }))
  return (
    <div className="actions">
      {run.hasSamples && (
        <Link className="btn" href={`/runs/${id}/rollouts`}>
          Rollouts
        </Link>
      )}
      <Link className="btn" href={`/compare?runs=${id}`}>
        Compare
      </Link>
      {isQuiet(run, now) && (
        <button
          type="button"
          className="btn"
          title="Should its client say something again, it goes on"
          disabled={end.isPending}
          onClick={() => end.mutate({ id })}
        >
          Mark as ended
        </button>
      )}
      {run.deleted ? (
        <button type="button" className="btn" onClick={() => restore.mutate({ ids: [id] })}>
          Bring back
        </button>
      ) : (
        <button type="button" className="btn" disabled={remove.isPending} onClick={() => remove.mutate({ ids: [id] })}>
          Delete
        </button>
      )}
    </div>
  )
}

/** Its tags and its note, each written where it stands. */
export function OwnRunTexts({ run }: { run: OwnRunDetail }) {
  const trpc = useTRPC()
  const readAgain = useReadAgain()
  const [typed, setTyped] = useState('')
  const change = useMutation(
    trpc.ownRuns.change.mutationOptions({
      onSuccess: () => readAgain(run.id),
      onError: (error) => showToast({ text: errorSentence(error), tone: 'error' }),
    }),
  )
  const { id, tags, name } = run
  const add = () => {
    const tag = typed.trim()
    setTyped('')
    if (tag !== '' && !tags.includes(tag)) change.mutate({ id, tags: [...tags, tag] })
  }
  return (
    <div className={styles.texts}>
      <div className="chips">
        {tags.map((tag) => (
          <span key={tag} className="chip">
            {tag}
            <button
              type="button"
              aria-label={`Remove the tag ${tag}`}
              onClick={() => change.mutate({ id, tags: tags.filter((other) => other !== tag) })}
            >
              ×
            </button>
          </span>
        ))}
        <input
          type="text"
          aria-label={`Add a tag to ${name}`}
          placeholder="Add a tag"
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== ',') return
            event.preventDefault()
            add()
          }}
        />
      </div>
      <Note on={name} text={run.note} onSave={(note) => change.mutateAsync({ id, note })} />
    </div>
  )
}
