'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { showToast } from '../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'

type Named = { id: number; picked: boolean }
type Described = { id: number; tags: string[]; note: string }

/** Picking, tagging and noting a checkpoint, wherever it is shown; each can be undone from the toast. */
export function useCheckpointChanges() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const settled = {
    // in the order of the clicks: an undo that is slow must not take back what came after it
    scope: { id: 'checkpoint' },
    onSuccess: () => {
      const shown = [trpc.runs.get, trpc.sweeps, trpc.lineage, trpc.leaderboard]
      for (const filter of shown.map((part) => part.pathFilter())) {
        void queryClient.invalidateQueries(filter)
      }
    },
    onError: (error: unknown) => showToast({ text: errorSentence(error), tone: 'error' }),
  }
  const pick = useMutation(trpc.checkpoints.pick.mutationOptions(settled))
  const tag = useMutation(trpc.checkpoints.tag.mutationOptions(settled))
  return {
    /** Picks it, or takes the pick back. `name`: as the toast says it. */
    togglePick({ id, picked }: Named, name: string) {
      const say = () =>
        showToast({
          text: picked ? `${name} is not picked any more.` : `Picked ${name}.`,
          undo: () => pick.mutate({ id, picked }),
        })
      pick.mutate({ id, picked: !picked }, { onSuccess: say })
    },
    /** Writes tags, a note, or both; `before` is what an undo puts back. Rejects where it cannot, when that has been told. */
    describe(before: Described, changes: { tags?: string[]; note?: string }, said: string) {
      const { id, tags, note } = before
      const undo = () => tag.mutate({ id, tags, note })
      return tag.mutateAsync({ id, ...changes }).then(() => showToast({ text: said, undo }))
    },
    pending: pick.isPending || tag.isPending,
  }
}
