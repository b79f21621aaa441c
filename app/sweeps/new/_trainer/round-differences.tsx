'use client'
import { Link } from '../../../_shell/link.tsx'
import { roundWarnings } from '../../../../domain/sweep/rounds/next-round.ts'
import type { Sweep } from '../../../../domain/sweep/sweep.ts'
import { Differences } from './differences.tsx'
import type { DraftRound } from '../draft.ts'
import { fieldId } from '../form-context.tsx'
import styles from './round-differences.module.css'

type Props = {
  round: DraftRound
  /** null while the form is no sweep. */
  sweep: Sweep | null
  init: string
  onLeave: () => void
}

/** Which round this would be, from what, and all that differs from the sweep that the checkpoint came from. */
export function RoundDifferences({ round, sweep, init, onLeave }: Props) {
  const warnings = sweep === null ? [] : roundWarnings(round.before, sweep)
  const moved = init.trim() !== round.init
  return (
    <section className={`section ${styles.round}`} aria-labelledby="round-title">
      <div className="section-head">
        <h2 id="round-title">{round.round === null ? 'Another training' : `Round ${round.round}`}</h2>
        <span className="note">
          from{' '}
          <Link className="link" href={`/runs/${round.runId}`}>
            {round.name}
          </Link>
        </span>
        <div className="actions">
          <button type="button" className="btn quiet sm" onClick={onLeave}>
            {round.before === null ? 'Close' : 'Close the comparison'}
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
      {round.unknown?.map((sentence) => (
        <p key={sentence} className={`small ${styles.unknown}`}>
          {sentence}
        </p>
      ))}
      {warnings.map((warning) => (
        <p key={warning} className={`small ${styles.moved}`}>
          {warning}
        </p>
      ))}
      {round.before !== null && (
        <Differences before={round.before} sweep={sweep} word="This round" none="but where it starts" />
      )}
    </section>
  )
}
