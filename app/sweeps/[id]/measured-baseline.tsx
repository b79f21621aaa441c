'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { isJobFinished } from '../../../domain/life/run-status.ts'
import { TriangleIcon } from '../../_shell/icons.tsx'
import { Link } from '../../_shell/link.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import styles from './sweep.module.css'

/** How the measuring of its baseline stands, while there are no scores for want of it. */
export function MeasuredBaseline({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const retry = useMutation(
    trpc.sweeps.retryFailed.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries(trpc.sweeps.pathFilter()),
    }),
  )
  const { measured } = sweep.score
  if (measured === null || measured.reason === null) return null
  const ended = isJobFinished(measured.status)
  return (
    <div className={styles.measured} role={measured.status === 'failed' ? 'alert' : 'status'}>
      <p className={measured.status === 'failed' ? 'error' : 'ink2'}>
        {measured.status === 'failed' && <TriangleIcon />}
        <span>{measured.reason}</span>
      </p>
      <div className="actions">
        {measured.runId !== null && (
          <Link className="btn sm" href={`/runs/${measured.runId}`}>
            See its log
          </Link>
        )}
        {ended && (
          <button
            type="button"
            className="btn sm"
            disabled={retry.isPending}
            onClick={() => retry.mutate({ id: sweep.id })}
          >
            Measure it again
          </button>
        )}
      </div>
    </div>
  )
}
