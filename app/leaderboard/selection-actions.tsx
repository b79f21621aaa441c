'use client'
import { useState } from 'react'
import { CompareLink } from '../_components/compare-choice.tsx'
import { EvaluateAgainDialog } from '../_components/evaluate-again-dialog.tsx'

/** What can be done with the checkpoints that are ticked: the place for whatever takes a list of them. */
export function SelectionActions({ ids, onClear }: { ids: number[]; onClear: () => void }) {
  const [asking, setAsking] = useState(false)
  if (ids.length === 0) return <span className="small ink3">Tick rows to compare them or evaluate them again.</span>
  return (
    <>
      <button type="button" className="btn sm" onClick={() => setAsking(true)}>
        Evaluate again
      </button>
      <CompareLink chosen={ids} onClear={onClear} />
      {asking && <EvaluateAgainDialog checkpointIds={ids} onClose={() => setAsking(false)} />}
    </>
  )
}
