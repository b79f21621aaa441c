'use client'
import { Link } from '../_shell/link.tsx'
import { differenceWords } from '../../domain/sweep/settings/definition-differences.ts'
import { nothingChanged } from '../../domain/life/lineage.ts'
import type { LineageRunView } from '../../contract/api/lineage.ts'
import { formatCount, formatInterval, formatScore } from '../_words/format.ts'
import { Whisker, whiskerDomain } from '../_charts/whisker.tsx'
import { placeOfCheckpoint, trainerName } from './lineage-words.ts'
import { LongValue } from '../_words/long-value.tsx'
import styles from './lineage.module.css'

/** The line as a table: what each run started from, changed and reached. */
export function RoundsTable({ chain, base }: { chain: LineageRunView[]; base: string }) {
  const chosen = chain.flatMap((run) => run.chosen ?? [])
  const domain = whiskerDomain(chosen)
  const noted = chosen.some(({ note }) => note !== '')
  return (
    <section className="section" aria-labelledby="rounds-title">
      <div className="section-head">
        <h2 id="rounds-title">What each run did</h2>
        <span className="note">from {base} on, in the order of the line</span>
      </div>
      <div className="table-wrap">
        <table className={styles.rounds} aria-labelledby="rounds-title">
          <thead>
            <tr>
              <th>Round</th>
              <th>Run</th>
              <th>Started from</th>
              <th>Changed from the run before</th>
              <th className="num">Steps</th>
              <th>Checkpoint</th>
              <th className="num">Score</th>
              <th>95 % interval, line at 1.0</th>
              {noted && <th>Note</th>}
            </tr>
          </thead>
          <tbody>
            {chain.map((run, at) => (
              <Row key={run.id} run={run} parent={chain[at - 1] ?? null} domain={domain} noted={noted} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

type RowProps = { run: LineageRunView; parent: LineageRunView | null; domain: [number, number]; noted: boolean }

function Row({ run, parent, domain, noted }: RowProps) {
  const { chosen } = run
  const start = parent?.checkpoints.find(({ id }) => id === run.startCheckpointId)
  return (
    <tr>
      <td data-label="Round">{run.round ?? trainerName(run.trainer)}</td>
      <td className={styles.run}>
        <Link className="row" href={`/runs/${run.id}`}>
          {run.home.name}
        </Link>
        <span className="ink3"> {run.runName}</span>
      </td>
      <td className="ink2" data-label="Started from">
        {start ? placeOfCheckpoint(start) : (run.base ?? '–')}
      </td>
      <td className={styles.changes} data-label="Changed">
        {parent === null ? <span className="ink3">–</span> : <Changes run={run} parent={parent} />}
      </td>
      <td className="num" data-label="Steps">
        {run.lastStep === null ? '–' : formatCount(run.lastStep)}
      </td>
      <td data-label="Checkpoint">
        {chosen === null ? (
          <span className="ink3">none yet</span>
        ) : (
          <>
            {placeOfCheckpoint(chosen)}
            <span className="ink3">{chosen.picked ? ' picked' : ''}</span>
            {chosen.tags.map((tag) => (
              <span key={tag} className={styles.tag}>
                {tag}
              </span>
            ))}
          </>
        )}
      </td>
      <td
        className="num score"
        data-label="Score"
        title={chosen?.rounded ? 'From published figures, known only rounded' : undefined}
      >
        {chosen?.rounded && '≈ '}
        {formatScore(chosen?.score ?? null)}
      </td>
      <td data-label="95 % interval">
        {chosen && chosen.score !== null && (
          <span className={styles.whisker}>
            <Whisker score={chosen.score} interval={chosen.interval} domain={domain} width={112} />
            {chosen.interval && <span className="interval">{formatInterval(chosen.interval)}</span>}
          </span>
        )}
      </td>
      {noted && (
        <td className={styles.changes} data-label="Note">
          {chosen?.note}
        </td>
      )}
    </tr>
  )
}

/** More than this are folded. */
const mostChanges = 3

function Changes({ run: { changes, home }, parent }: { run: LineageRunView; parent: LineageRunView }) {
  if (changes.length === 0) return <span className="ink3">{nothingChanged(parent.home.kind, home.kind)}</span>
  const lines = changes.map((change) => (
    <div key={change.key}>
      <LongValue text={differenceWords(change)} most={160} />
    </div>
  ))
  if (changes.length <= mostChanges) return lines
  return (
    <>
      {lines.slice(0, mostChanges - 1)}
      <details>
        <summary>{changes.length - mostChanges + 1} more</summary>
        {lines.slice(mostChanges - 1)}
      </details>
    </>
  )
}
