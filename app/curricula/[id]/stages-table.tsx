'use client'
import type { CurriculumView, StageView } from '../../../contract/api/curricula.ts'
import { Link } from '../../_shell/link.tsx'
import { formatCount, formatInterval, formatScore, plural } from '../../_words/format.ts'
import { Status } from '../../_words/status.tsx'
import styles from './curriculum.module.css'

/** A row a stage, in the order of the file: its sweep, and what the rule picked of it. */
export function StagesTable({ curriculum }: { curriculum: CurriculumView }) {
  return (
    <section className="section">
      <h2>Stages</h2>
      <div className="table-wrap">
        <table className={styles.stages} aria-label="Stages">
          <thead>
            <tr>
              <th>Stage</th>
              <th>Status</th>
              <th>Picked</th>
              <th className="num">Score</th>
              <th>95 % interval</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {curriculum.stages.map((stage) => (
              <StageRow key={stage.name} stage={stage} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function StageRow({ stage }: { stage: StageView }) {
  const { name, from, rule, sweep, picked, baseline } = stage
  return (
    <tr>
      <td className={styles.name}>
        {sweep === null || sweep.deleted ? (
          <span>{name}</span>
        ) : (
          <Link className="row" href={`/sweeps/${sweep.id}`}>
            {name}
          </Link>
        )}
        <div className="small ink3">{from === null ? 'from the start that the file names' : `from ${from}`}</div>
      </td>
      <td>
        {sweep === null ? (
          <span className="ink3">not started</span>
        ) : (
          <>
            <Status status={sweep.status} />
            <div className="small ink2">
              {sweep.deleted
                ? 'deleted'
                : `${formatCount(sweep.scored)} of ${plural(sweep.points, 'point')}${sweep.failed > 0 ? `, ${formatCount(sweep.failed)} failed` : ''}`}
            </div>
          </>
        )}
      </td>
      <td>
        {picked === null ? (
          <span className="ink3">by the rule {rule}</span>
        ) : (
          <>
            <Link className="link" href={`/runs/${picked.runId}`}>
              {picked.checkpointName}, run {picked.runNumber}
            </Link>
            {baseline !== null && <div className="small ink2">stored as the baseline {baseline}</div>}
          </>
        )}
      </td>
      <td className={`num ${picked === null ? 'ink3' : 'score'}`}>{formatScore(picked?.score ?? null)}</td>
      <td>{picked?.interval ? <span className="interval">{formatInterval(picked.interval)}</span> : null}</td>
      <td className={`small ink2 ${styles.why}`}>{picked !== null && `${rule}: ${picked.reason}`}</td>
    </tr>
  )
}
