'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import type { SweepSummary } from '../../contract/api/sweeps.ts'
import { useTRPC } from '../_shell/trpc.ts'

/** Why a sweep paused, with the two things a person does then: read the log of what failed last, or go on. */
export function PauseReason({ sweep }: { sweep: Pick<SweepSummary, 'id' | 'pauseReason' | 'counts'> }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const resume = useMutation(
    trpc.sweeps.resume.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries(trpc.sweeps.pathFilter()),
    }),
  )
  const seeLog = async () => {
    const { runs } = await queryClient.fetchQuery(trpc.sweeps.get.queryOptions({ id: sweep.id }))
    const failed = runs.filter((run) => run.error !== null || run.status === 'failed')
    const last = failed.toSorted((a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0))[0]
    router.push(last ? `/runs/${last.id}#log` : `/sweeps/${sweep.id}`)
  }
  return (
    <p className="small ink2">
      {pauseSentence(sweep.pauseReason)}{' '}
      {sweep.counts.failed > 0 && (
        <>
          <button type="button" className="link" onClick={() => void seeLog()}>
            See the log
          </button>
          {' · '}
        </>
      )}
      <button type="button" className="link" onClick={() => resume.mutate({ id: sweep.id })}>
        Go on
      </button>
    </p>
  )
}

/** The server's sentence; one that does not begin with the word gets it. */
function pauseSentence(reason: string | null): string {
  if (reason === null) return 'Paused.'
  return /^paused/i.test(reason) ? reason : `Paused: ${reason}`
}
