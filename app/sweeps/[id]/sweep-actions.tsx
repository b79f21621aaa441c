'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '../../_shell/link.tsx'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { isJobLive, isSweepFinished } from '../../../domain/life/run-status.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { Menu } from '../../_shell/menu.tsx'
import { showToast } from '../../_shell/toast.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { KeepRulesDialog } from './keep-rules-dialog.tsx'

/** What can be done with a sweep in its present state. */
export function SweepActions({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [cleaning, setCleaning] = useState(false)
  const { id, name, status, counts } = sweep
  const onSuccess = () => void queryClient.invalidateQueries(trpc.sweeps.pathFilter())
  const pause = useMutation(trpc.sweeps.pause.mutationOptions({ onSuccess }))
  const resume = useMutation(trpc.sweeps.resume.mutationOptions({ onSuccess }))
  const cancel = useMutation(trpc.sweeps.cancel.mutationOptions({ onSuccess }))
  const retry = useMutation(trpc.sweeps.retryFailed.mutationOptions({ onSuccess }))
  const restore = useMutation(trpc.sweeps.restore.mutationOptions({ onSuccess }))
  const remove = useMutation(
    trpc.sweeps.remove.mutationOptions({
      onSuccess: () => {
        onSuccess()
        showToast({ text: `Deleted ${name}.`, undo: () => restore.mutate({ id }) })
        router.push('/')
      },
    }),
  )

  const imported = sweep.origin === 'imported'
  const finished = isSweepFinished(status)
  const live = sweep.slotsHeld > 0 || sweep.runs.some((run) => isJobLive(run.status))
  const unsuccessful = counts.failed + counts.cancelled
  return (
    <div className="actions">
      <Menu
        label="Download"
        items={[
          ...(imported ? [] : [{ label: 'Sweep file (YAML)', href: `/export/sweeps/${id}.yaml` }]),
          { label: 'Page to hand on (HTML)', href: `/export/sweeps/${id}.html` },
          { label: 'Leaderboard (CSV)', href: `/export/sweeps/${id}.csv` },
          { label: 'Leaderboard (JSON)', href: `/export/sweeps/${id}.json` },
          { label: 'Metrics of every run (CSV)', href: `/export/sweeps/${id}/metrics.csv` },
          { label: 'Metrics of every run (JSONL)', href: `/export/sweeps/${id}/metrics.jsonl` },
          { label: 'Metrics of every run (Parquet)', href: `/export/sweeps/${id}/metrics.parquet` },
        ]}
      />
      {!imported && (
        <Link className="btn" href={`/sweeps/new?extend=${id}`}>
          Extend
        </Link>
      )}
      <Link className="btn quiet" href={`/sweeps/new?from=${id}`}>
        Duplicate
      </Link>
      {!imported && unsuccessful > 0 && !(status === 'cancelled' && live) && (
        <button type="button" className="btn" disabled={retry.isPending} onClick={() => retry.mutate({ id })}>
          {counts.failed > 0 ? 'Retry failed' : 'Run what was cancelled'}
        </button>
      )}
      {(status === 'running' || status === 'waiting') && (
        <button type="button" className="btn" disabled={pause.isPending} onClick={() => pause.mutate({ id })}>
          Pause
        </button>
      )}
      {status === 'paused' && (
        <button type="button" className="btn primary" disabled={resume.isPending} onClick={() => resume.mutate({ id })}>
          Resume
        </button>
      )}
      {!finished && (
        <button
          type="button"
          className="btn"
          disabled={cancel.isPending}
          // only stopping live work asks; what merely waits can be run again at any time
          onClick={() => (live ? setAsking(true) : cancel.mutate({ id }))}
        >
          Cancel
        </button>
      )}
      {!imported && finished && !live && (
        <button type="button" className="btn quiet" onClick={() => setCleaning(true)}>
          Free disk space
        </button>
      )}
      {cleaning && <KeepRulesDialog sweep={sweep} onClose={() => setCleaning(false)} />}
      {finished && !live && (
        <button type="button" className="btn" disabled={remove.isPending} onClick={() => remove.mutate({ id })}>
          Delete
        </button>
      )}
      {asking && (
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
