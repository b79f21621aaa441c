'use client'
import { useState } from 'react'
import { CompareLink } from '../_checkpoints/compare-choice.tsx'
import { EvaluateAgainDialog } from '../_checkpoints/evaluate-again-dialog.tsx'
import { formatCount } from '../_words/format.ts'

/** What can be done with the checkpoints that are ticked: the place for whatever takes a list of them. */
export function SelectionActions({ ids, onClear }: { ids: number[]; onClear: () => void }) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <span className="small ink2">{formatCount(ids.length)} ticked</span>
      <button type="button" className="btn sm" onClick={() => setAsking(true)}>
        Evaluate again
      </button>
      <CompareLink chosen={ids} onClear={onClear} />
      {asking && <EvaluateAgainDialog checkpointIds={ids} onClose={() => setAsking(false)} />}
    </>
  )
}
