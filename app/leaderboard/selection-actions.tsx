import { CompareLink } from '../_components/compare-choice.tsx'

/** What can be done with the checkpoints that are ticked: the place for whatever takes a list of them. */
export function SelectionActions({ ids, onClear }: { ids: number[]; onClear: () => void }) {
  if (ids.length === 0) return <span className="small ink3">Tick rows to compare them.</span>
  return <CompareLink chosen={ids} onClear={onClear} />
}
