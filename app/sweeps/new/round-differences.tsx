'use client'
import { Link } from '../../_shell/link.tsx'
import { useState } from 'react'
import { definitionDifferences } from '../../../domain/sweep/definition-differences.ts'
import { roundWarnings } from '../../../domain/sweep/next-round.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { plural } from '../../_words/format.ts'
import type { DraftRound } from './draft.ts'
import { fieldId } from './form-context.tsx'
import styles from './round-differences.module.css'

type Props = {
  round: DraftRound
  /** null while the form is no sweep. */
  sweep: Sweep | null
  init: string
  onLeave: () => void
}

/** Another trainer has other settings, most of them at their defaults: the form must stay in sight. */
const shownAtFirst = 8

/** Which round this would be, from what, and all that differs from the sweep that the checkpoint came from. */
export function RoundDifferences({ round, sweep, init, onLeave }: Props) {
  const [all, setAll] = useState(false)
  const differences = sweep && definitionDifferences(round.before, sweep)
  const warnings = sweep === null ? [] : roundWarnings(round.before, sweep)
  const shown = all ? differences : differences?.slice(0, shownAtFirst)
  const moved = init.trim() !== round.init
  return (
    <section className={`section ${styles.round}`} aria-labelledby="round-title">
      <div className="section-head">
        <h2 id="round-title">Round {round.round}</h2>
        <span className="note">
          from{' '}
          <Link className="link" href={`/runs/${round.runId}`}>
            {round.name}
          </Link>
        </span>
        <div className="actions">
          <button type="button" className="btn quiet sm" onClick={onLeave}>
            Close the comparison
          </button>
        </div>
      </div>
      {moved && (
        <p className={`small ${styles.moved}`}>
          The training starts from <code>{init.trim() || 'nothing'}</code> now, not from there.{' '}
          <a className="link" href={`#${fieldId('init')}`}>
            See the field
          </a>
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} className={`small ${styles.moved}`}>
          {warning}
        </p>
      ))}
      {differences === null ? (
        <p className="ink3">What differs is listed once the form is complete.</p>
      ) : differences.length === 0 ? (
        <p className="ink3">Nothing differs from {round.before.name} but where it starts.</p>
      ) : (
        <div className="table-wrap">
          <table className={styles.differences} aria-label={`Differences from ${round.before.name}`}>
            <thead>
              <tr>
                <th>{plural(differences.length, 'difference')}</th>
                <th>{round.before.name}</th>
                <th>This round</th>
              </tr>
            </thead>
            <tbody>
              {shown?.map(({ key, before, after }) => (
                <tr key={key}>
                  <td className="mono">{key}</td>
                  <td className="mono ink2">{before ?? <span className="ink3">not set</span>}</td>
                  <td className="mono strong">{after ?? <span className="ink3">not set</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {!all && differences.length > shownAtFirst && (
            <button type="button" className={`btn quiet sm ${styles.all}`} onClick={() => setAll(true)}>
              Show all {differences.length} differences
            </button>
          )}
        </div>
      )}
    </section>
  )
}
