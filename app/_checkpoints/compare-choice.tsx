'use client'
import { useCallback, useState } from 'react'
import { Link } from '../_shell/link.tsx'

/** The most that stand side by side. */
const most = 8

/** Checkpoints that somebody ticked to compare, in the order ticked. */
export function useCompareChoice() {
  const [chosen, setChosen] = useState<readonly number[]>([])
  const toggle = useCallback((checkpointId: number) => {
    setChosen((before) =>
      before.includes(checkpointId) ? before.filter((id) => id !== checkpointId) : [...before, checkpointId],
    )
  }, [])
  const clear = useCallback(() => setChosen([]), [])
  return { chosen, toggle, clear }
}

type BoxProps = { checkpointId: number; name: string; checked: boolean; onToggle: (checkpointId: number) => void }

/** The tick beside a row. */
export function CompareBox({ checkpointId, name, checked, onToggle }: BoxProps) {
  return (
    <input
      type="checkbox"
      className="compare-box"
      aria-label={`Compare ${name}`}
      title="Tick to compare"
      checked={checked}
      onChange={() => onToggle(checkpointId)}
    />
  )
}

/** Leads to the page that compares what was ticked; nothing while nothing is. */
export function CompareLink({ chosen, onClear }: { chosen: readonly number[]; onClear: () => void }) {
  if (chosen.length === 0) return null
  return (
    <>
      {chosen.length > most ? (
        <span className="small ink2" role="status">
          {chosen.length} are ticked; at most {most} can be compared
        </span>
      ) : (
        <Link className="btn sm primary" href={`/compare?checkpoints=${chosen.join(',')}`}>
          {chosen.length === 1 ? 'Compare with another' : `Compare ${chosen.length}`}
        </Link>
      )}
      <button type="button" className="btn quiet sm" onClick={onClear}>
        Untick
      </button>
    </>
  )
}
