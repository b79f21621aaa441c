'use client'
import { useMutation } from '@tanstack/react-query'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import { Note } from '../../_words/note.tsx'

/** What a person says of the sweep. */
export function SweepNote({ sweep: { id, name, note } }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const onError = (error: unknown) => showToast({ text: errorSentence(error), tone: 'error' })
  const save = useMutation(trpc.sweeps.note.mutationOptions({ onError }))
  return <Note on={name} text={note} onSave={(text) => save.mutateAsync({ id, note: text })} />
}
