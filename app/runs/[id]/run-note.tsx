'use client'
import { useMutation } from '@tanstack/react-query'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import { Note } from '../../_words/note.tsx'

/** What a person says of the run. */
export function RunNote({ run: { id, number, note } }: { run: RunDetail }) {
  const trpc = useTRPC()
  const onError = (error: unknown) => showToast({ text: errorSentence(error), tone: 'error' })
  const save = useMutation(trpc.runs.note.mutationOptions({ onError }))
  return <Note on={`run ${number}`} text={note} onSave={(text) => save.mutateAsync({ id, note: text })} />
}
