'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { CurriculumView } from '../../../contract/api/curricula.ts'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import { CancelDialog } from '../../sweeps/[id]/cancel-dialog.tsx'

/** What can be done with a curriculum in its present state. */
export function CurriculumActions({ curriculum }: { curriculum: CurriculumView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { id, status, current } = curriculum
  const [asking, setAsking] = useState(false)
  // only stopping live work asks, and says what would stop
  const sweep = useQuery(
    trpc.sweeps.get.queryOptions({ id: current?.sweepId ?? 0 }, { enabled: asking && current !== null }),
  ).data
  const options = {
    onSuccess: () => void queryClient.invalidateQueries(trpc.curricula.pathFilter()),
    onError: (error: unknown) => showToast({ text: errorSentence(error), tone: 'error' as const }),
  }
  const pause = useMutation(trpc.curricula.pause.mutationOptions(options))
  const resume = useMutation(trpc.curricula.resume.mutationOptions(options))
  const cancel = useMutation(trpc.curricula.cancel.mutationOptions(options))
  return (
    <div className="actions">
      {status === 'running' && (
        <button type="button" className="btn" disabled={pause.isPending} onClick={() => pause.mutate({ id })}>
          Pause
        </button>
      )}
      {(status === 'paused' || status === 'failed' || status === 'cancelled') && (
        <button type="button" className="btn primary" disabled={resume.isPending} onClick={() => resume.mutate({ id })}>
          {status === 'paused' ? 'Resume' : 'Try again'}
        </button>
      )}
      {(status === 'running' || status === 'paused') && (
        <button
          type="button"
          className="btn"
          disabled={cancel.isPending}
          title="Stops the stage under way; what is scored stays, and Try again goes on from its last checkpoints"
          onClick={() => (current?.status === 'running' ? setAsking(true) : cancel.mutate({ id }))}
        >
          Cancel
        </button>
      )}
      {asking && sweep && (
        <CancelDialog
          sweep={sweep}
          onClose={() => setAsking(false)}
          onCancel={() => {
            setAsking(false)
            cancel.mutate({ id })
          }}
        />
      )}
    </div>
  )
}
