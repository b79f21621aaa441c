'use client'
import { useEffect, useRef } from 'react'
import { isJobLive } from '../../../domain/life/run-status.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { formatDuration, listWords, plural, trainingWords } from '../../_words/format.ts'

/** Asks before live work is stopped, and says how much of it there is. */
export function CancelDialog(props: { sweep: SweepDetail; onClose: () => void; onCancel: () => void }) {
  const { sweep, onClose, onCancel } = props
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])

  const live = sweep.runs.filter((run) => isJobLive(run.status))
  const evaluating = sweep.shares.find((share) => share.status === 'evaluating')?.points ?? 0
  const { points, scored } = sweep.counts
  const stops = [
    live.length > 0 ? plural(live.length, 'training') : '',
    evaluating > 0 ? plural(evaluating, 'evaluation') : '',
  ].filter(Boolean)
  const runs = live.slice(0, 4).map((run) => {
    const share = trainingWords(run.progress, sweep.axes)
    return `run ${run.number}${share ? ` at ${share}` : ''}`
  })
  if (live.length > runs.length) runs.push(`${live.length - runs.length} more`)
  const worked = live.reduce((sum, run) => sum + (run.startedAt === null ? 0 : Date.now() - run.startedAt), 0) / 1_000
  return (
    <dialog ref={dialog} aria-labelledby="cancel-title" onClose={onClose}>
      <h2 id="cancel-title">Cancel {sweep.name}?</h2>
      <p>
        {stops.length > 0 && (
          <>
            {listWords(stops)} would stop{runs.length > 0 && `: ${listWords(runs)}`}.{' '}
            {worked >= 60 && `That is ${formatDuration(worked)} of training so far. `}
          </>
        )}
        {plural(points - scored, 'point')} would stay without a score. What is scored is kept, and a trainer is given
        time to save before it is stopped.
      </p>
      <div className="actions">
        <button type="button" className="btn" onClick={() => dialog.current?.close()}>
          Keep it running
        </button>
        <button type="button" className="btn danger" onClick={onCancel}>
          Cancel the sweep
        </button>
      </div>
    </dialog>
  )
}
