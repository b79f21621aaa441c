import type { UsedArtifact } from '../../../contract/api/runs.ts'
import { LongValue } from '../../_words/long-value.tsx'
import styles from './run.module.css'

/** What a run used, and what it made beside its checkpoints; nothing where its client said of none. */
export function UsedAndMade({ artifacts }: { artifacts: UsedArtifact[] }) {
  if (artifacts.length === 0) return null
  return (
    <section className="section" aria-labelledby="artifacts-title">
      <div className="section-head">
        <h2 id="artifacts-title">Used and made</h2>
        <span className="note">data sets, models and other artifacts, as its client said</span>
      </div>
      <dl className="pairs">
        {artifacts.map(({ role, name, kind, about, folder }) => (
          <div key={JSON.stringify([role, name, kind, about, folder])} className={styles.pair}>
            <dt>
              {role}, {kind}
            </dt>
            <dd className="mono">
              <LongValue text={about === '' ? name : `${name} (${about})`} />
              {folder !== null && <span className="ink3"> in {folder}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
