'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type SyntheticEvent, useEffect, useRef, useState } from 'react'
import { CaretIcon } from './icons.tsx'
import { errorSentence, useTRPC } from './trpc.ts'
import { showToast } from './toast.tsx'
import styles from './named-views.module.css'

/** What was kept of this page under names, each with an address of its own, and keeping what it shows now. */
export function NamedViews({ page }: { page: string }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const root = useRef<HTMLDetailsElement>(null)
  const [name, setName] = useState('')
  const views = useQuery(trpc.views.list.queryOptions({ page })).data ?? []
  const again = () => void queries.invalidateQueries(trpc.views.pathFilter())
  const onError = (error: { message: string }) => showToast({ text: errorSentence(error), tone: 'error' })
  const keep = useMutation(trpc.views.keep.mutationOptions({ onSuccess: again, onError }))
  const remove = useMutation(trpc.views.remove.mutationOptions({ onSuccess: again, onError }))

  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) root.current?.removeAttribute('open')
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !root.current?.open) return
      root.current.open = false
      root.current.querySelector('summary')?.focus()
    }
    document.addEventListener('pointerdown', onPointer)
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('pointerdown', onPointer)
      document.removeEventListener('keydown', onKey)
    }
  }, [])

  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    const given = name.trim()
    if (given === '') return
    const search = window.location.search.slice(1)
    keep.mutate(
      { page, name: given, search },
      {
        onSuccess: () => {
          setName('')
          showToast({ text: `Kept ${given}.` })
        },
      },
    )
  }
  return (
    <details ref={root} className={styles.views}>
      <summary className="btn quiet">
        Views{views.length > 0 && ` (${views.length})`}
        <CaretIcon />
      </summary>
      <div className={styles.panel}>
        {views.length > 0 && (
          <ul aria-label="Views">
            {views.map((view) => (
              <li key={view.id}>
                {/* a page of its own: what was typed here does not go over what the address says */}
                <a className="link" href={view.search === '' ? page : `${page}?${view.search}`}>
                  {view.name}
                </a>
                <button
                  type="button"
                  className="btn quiet sm"
                  aria-label={`Remove ${view.name}`}
                  onClick={() =>
                    remove.mutate(
                      { id: view.id },
                      {
                        onSuccess: () =>
                          showToast({
                            text: `Removed ${view.name}.`,
                            undo: () => keep.mutate({ page, name: view.name, search: view.search }),
                          }),
                      },
                    )
                  }
                >
                  Remove
                </button>
              </li>
            ))}
          </ul>
        )}
        <form onSubmit={submit}>
          <input
            type="text"
            aria-label="Name of this view"
            placeholder="Name of this view"
            maxLength={100}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <button type="submit" className="btn sm" disabled={name.trim() === '' || keep.isPending}>
            Keep it
          </button>
        </form>
      </div>
    </details>
  )
}
