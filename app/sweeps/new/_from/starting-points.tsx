'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { StartingPointView } from '../../../../contract/api/starting-points.ts'
import { putDroppedFile } from '../../../_files/dropped-file.ts'
import { showToast } from '../../../_shell/toast.tsx'
import { errorSentence, useTRPC, useTRPCClient } from '../../../_shell/trpc.ts'
import { markedChanges } from './marked-changes.ts'
import { formOfSweep } from '../sweep-form.ts'
import styles from './starting-points.module.css'
import type { DraftActions } from '../use-draft.ts'

/** Sweeps that the form can be filled in with: the project's examples, and a person's own. */
export function StartingPoints({ draft, open }: { draft: DraftActions; open: boolean }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const router = useRouter()
  const points = useQuery(trpc.examples.startingPoints.queryOptions()).data ?? []
  const choose = (point: StartingPointView) => {
    const { definition, curriculum, directory, title, changes } = point
    if (definition === null) return router.push(putDroppedFile({ name: title, text: curriculum }))
    const form = formOfSweep(definition)
    const start = { title, changes: markedChanges(form, directory, changes) }
    draft.fill(form, `Filled in from ${title}.`, { directory, start })
  }
  const again = () => queries.invalidateQueries(trpc.examples.startingPoints.pathFilter())
  const remove = async ({ id, title, definition, directory }: StartingPointView) => {
    const keep = () =>
      client.examples.keepStartingPoint
        .mutate({ name: title, definition, directory })
        .then(again, (error: unknown) => showToast({ text: errorSentence(error), tone: 'error' }))
    try {
      await client.examples.removeStartingPoint.mutate({ id: Number(id) })
      await again()
      showToast({ text: `Removed ${title}.`, undo: () => void keep() })
    } catch (error) {
      showToast({ text: errorSentence(error), tone: 'error' })
    }
  }
  return (
    <details className={styles.gallery} open={open || undefined}>
      <summary>Starting points</summary>
      <ul aria-label="Starting points">
        {points.map((point) => (
          <li key={point.id}>
            <button type="button" className={styles.point} onClick={() => choose(point)}>
              <b>{point.title}</b>
              <span>{point.description}</span>
            </button>
            {typeof point.id === 'number' && (
              <button
                type="button"
                className="btn quiet sm"
                aria-label={`Remove ${point.title}`}
                onClick={() => void remove(point)}
              >
                Remove
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Keeps what the form holds as a starting point, under a name. */
export function KeepAsStart({ draft, definition, name }: { draft: DraftActions; definition: unknown; name: string }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const [typed, setTyped] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const shown = typed ?? name
  const keep = async () => {
    setProblem(null)
    try {
      const { directory } = draft.current
      await client.examples.keepStartingPoint.mutate({ name: shown, definition, directory })
      await queries.invalidateQueries(trpc.examples.startingPoints.pathFilter())
      showToast({ text: `Kept as ${shown.trim()}, under Starting points.` })
    } catch (error) {
      setProblem(errorSentence(error))
    }
  }
  return (
    <details>
      <summary>Keep as a starting point</summary>
      <div className={styles.keep}>
        <input
          type="text"
          aria-label="Name of the starting point"
          aria-invalid={problem !== null || undefined}
          aria-describedby={problem === null ? undefined : 'keep-problem'}
          placeholder="a name, e.g. our SFT"
          autoComplete="off"
          value={shown}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="button" className="btn" onClick={() => void keep()} disabled={shown.trim() === ''}>
          Keep
        </button>
      </div>
      {problem !== null && (
        <p id="keep-problem" role="alert" className="error">
          {problem}
        </p>
      )}
    </details>
  )
}
