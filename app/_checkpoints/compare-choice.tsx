'use client'
import { useCallback, useState } from 'react'
import { Link } from '../_shell/link.tsx'
import { type AskedComparison, addressOf } from '../compare/address.ts'

/** The most that stand side by side. */
const most = 8

export type CompareChoice = ReturnType<typeof useCompareChoice>

/** Ids of checkpoints, or of runs, that somebody ticked to compare, in the order ticked. */
export function useCompareChoice() {
  const [chosen, setChosen] = useState<readonly number[]>([])
  const toggle = useCallback((id: number) => {
    setChosen((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]))
  }, [])
  const clear = useCallback(() => setChosen([]), [])
  return { chosen, toggle, clear }
}

type BoxProps = { id: number; name: string; checked: boolean; onToggle: (id: number) => void }

/** The tick beside a row. */
export function CompareBox({ id, name, checked, onToggle }: BoxProps) {
  return (
    <input
      type="checkbox"
      className="compare-box"
      aria-label={`Compare ${name}`}
      title="Tick to compare"
      checked={checked}
      onChange={() => onToggle(id)}
    />
  )
}

type LinkProps = { of?: AskedComparison['of']; chosen: readonly number[]; onClear: () => void }

/** Leads to the page that compares what was ticked; nothing while nothing is. */
export function CompareLink({ of = 'checkpoints', chosen, onClear }: LinkProps) {
  if (chosen.length === 0) return null
  return (
    <>
      {chosen.length > most ? (
        <span className="small ink2" role="status">
          {chosen.length} are ticked; at most {most} can be compared
        </span>
      ) : (
        <Link className="btn sm primary" href={addressOf({ of, ids: [...chosen] })}>
          {chosen.length === 1 ? 'Compare with another' : `Compare ${chosen.length}`}
        </Link>
      )}
      <button type="button" className="btn quiet sm" onClick={onClear}>
        Untick
      </button>
    </>
  )
}
