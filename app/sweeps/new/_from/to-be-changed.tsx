'use client'
import { plural } from '../../../_words/format.ts'
import { fieldLabel } from '../form-issues.ts'
import type { DraftStart, MarkedChange } from './marked-changes.ts'
import styles from './starting-points.module.css'

type Props = { start: DraftStart; left: MarkedChange[]; onField: (field: string) => void }

/** What still stands as the starting point had it, each leading to its field. */
export function ToBeChanged({ start, left, onField }: Props) {
  if (start.changes.length === 0) return null
  return (
    <section className={`section ${styles.left}`} aria-label="What is to be changed">
      <div className="section-head">
        <h2>From {start.title}</h2>
        <span className="note" aria-live="polite">
          {left.length === 0
            ? 'everything that was to be changed is'
            : `runs as it stands; ${plural(left.length, 'thing')} to change for your own`}
        </span>
      </div>
      {left.length > 0 && (
        <ul>
          {left.map(({ field, words }) => (
            <li key={field} className="small">
              <button type="button" className="link" onClick={() => onField(field)}>
                {fieldLabel(field)}
              </button>
              : {words}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
