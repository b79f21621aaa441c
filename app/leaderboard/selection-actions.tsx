import Link from 'next/link'
import { formatCount } from '../_components/format.ts'

/** A comparison of more shows nothing that one can read. */
const mostCompared = 12

/** What can be done with the checkpoints that are chosen. */
export function SelectionActions({ ids, onClear }: { ids: number[]; onClear: () => void }) {
  if (ids.length === 0) return <span className="small ink3">Choose rows to compare them.</span>
  const tooMany = ids.length > mostCompared
  return (
    <>
      <span className="small ink2" role="status">
        {formatCount(ids.length)} chosen{tooMany && `; at most ${mostCompared} can be compared`},{' '}
        <button type="button" className="link" onClick={onClear}>
          none
        </button>
      </span>
      {tooMany || ids.length < 2 ? (
        <button type="button" className="btn primary" disabled>
          Compare
        </button>
      ) : (
        <Link className="btn primary" href={`/compare?checkpoints=${ids.join(',')}`}>
          Compare
        </Link>
      )}
    </>
  )
}
