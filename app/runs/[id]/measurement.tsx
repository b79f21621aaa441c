'use client'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { TriangleIcon } from '../../_shell/icons.tsx'
import { Link } from '../../_shell/link.tsx'
import { formatPercent } from '../../_words/format.ts'
import { Status } from '../../_words/status.tsx'
import { Attempts } from './attempts.tsx'
import { type LogSource, RunLog } from './run-log.tsx'
import { Notes } from './run-notes.tsx'
import { WhatWasRunSection } from './what-was-run.tsx'
import styles from './run.module.css'

type MeasurementProps = { run: RunDetail; source: LogSource | null; onSource: (source: LogSource | null) => void }

/** The evaluation that measures a sweep's baseline: its log, and what it gave. */
export function MeasurementPage({ run, source, onSource }: MeasurementProps) {
  const [checkpoint] = run.checkpoints
  const results = Object.entries(checkpoint?.results ?? {})
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${run.sweep.id}`}>{run.sweep.name}</Link> /
      </p>
      <div className="title">
        <h1>{run.sweep.name} · baseline</h1>
        <Status status={run.status} />
      </div>
      <p className="ink2">
        Evaluates <span className="mono">{checkpoint?.path}</span>: what every score of the sweep compares with.
      </p>
      {results.length > 0 && (
        <p className={styles.params}>
          {results.map(([benchmark, { accuracy, correct, total }]) => (
            <span key={benchmark}>
              <span className="ink3">{benchmark}</span>{' '}
              <span>
                {accuracy === null ? 'no accuracy' : `${formatPercent(accuracy)} %`}
                {correct !== null && total !== null && ` (${correct} of ${total})`}
              </span>
            </span>
          ))}
        </p>
      )}
      {run.error && (
        <p className={`error ${styles.why}`} role="alert">
          <TriangleIcon />
          <span>{run.error}</span>
        </p>
      )}
      <section className="section" aria-label="Log">
        <div className={`cols ${styles.two}`}>
          <RunLog run={run} source={source} onSource={onSource} />
          <div>
            <Attempts run={run} onLog={onSource} />
          </div>
        </div>
      </section>
      <Notes run={run} />
      {run.attempts.length > 0 && <WhatWasRunSection run={run} />}
    </>
  )
}
