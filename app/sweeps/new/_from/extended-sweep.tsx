'use client'
import { Link } from '../../../_shell/link.tsx'
import type { Sweep } from '../../../../domain/sweep/sweep.ts'
import { Differences } from '../_trainer/differences.tsx'
import type { DraftExtended } from '../draft.ts'
import styles from '../_trainer/round-differences.module.css'

/** Which sweep this one extends, and what was changed of it. */
export function ExtendedSweep({ extended, sweep }: { extended: DraftExtended; sweep: Sweep | null }) {
  return (
    <section className={`section ${styles.round}`} aria-labelledby="extended-title">
      <div className="section-head">
        <h2 id="extended-title">What is changed</h2>
        <span className="note">
          of{' '}
          <Link className="link" href={`/sweeps/${extended.id}`}>
            {extended.name}
          </Link>
          , which stays as it is
        </span>
      </div>
      <Differences
        before={extended.before}
        sweep={sweep}
        word="Extended"
        none="yet: add values to an axis or later milestones, or change the baseline, the evaluation or how reports are read"
      />
    </section>
  )
}
