'use client'
import { useMemo } from 'react'
import { useEffect } from 'react'
import { countLeading } from '../../../domain/score/metric-roles.ts'
import { clientTitles } from '../../../domain/sweep/track.ts'
import type { OwnRunDetail } from '../../../contract/api/own-runs.ts'
import type { CurveMarks } from '../../_charts/curve-drawing.ts'
import { Curves } from '../../_charts/curves.tsx'
import { Link } from '../../_shell/link.tsx'
import { formatBytes, formatClock, formatCount, formatDay, formatDuration } from '../../_words/format.ts'
import { LongValue } from '../../_words/long-value.tsx'
import { OwnStatus } from '../../_words/own-status.tsx'
import { useNow } from '../../_words/use-now.ts'
import { MetricsFiles } from './metrics-files.tsx'
import { OwnRunActions, OwnRunTexts } from './own-run-changes.tsx'
import { OwnCheckpoints } from './own-checkpoints.tsx'
import { Start } from './run-head.tsx'
import { Notes } from './run-notes.tsx'
import { UsedAndMade } from './used-and-made.tsx'
import styles from './run.module.css'

/** A run that no sweep started: what its client said of it, and nothing that only a sweep knows. */
export function OwnRunPage({ run }: { run: OwnRunDetail }) {
  useEffect(() => {
    document.title = `${run.name} · ${run.project.name} · Sweepboard`
  }, [run.name, run.project.name])
  return (
    <>
      <Head run={run} />
      <section className="section" aria-labelledby="curves-title">
        <div className="section-head">
          <h2 id="curves-title">Curves</h2>
          {run.metrics.length > 0 && <MetricsFiles id={run.id} />}
        </div>
        {run.metrics.length > 0 ? (
          <CurvesOfOwn run={run} />
        ) : (
          <p className="ink3">
            {run.status === 'running'
              ? 'No metrics yet. They appear as its client sends them.'
              : run.client === 'import'
                ? 'No metrics were imported of it.'
                : 'It logged no metrics.'}
          </p>
        )}
      </section>
      <Parts run={run} />
      <OwnCheckpoints run={run} />
      <UsedAndMade artifacts={run.artifacts} />
      <Notes run={run} />
      <Pairs title="Settings" values={run.settings} />
      <Pairs title="Summary" values={run.summary} />
      <Files run={run} />
    </>
  )
}

function Head({ run }: { run: OwnRunDetail }) {
  const now = useNow(run.status === 'running' ? 1 : 10)
  const { project, startedAt, finishedAt } = run
  const ran = startedAt === null ? null : ((finishedAt ?? run.heardAt) - startedAt) / 1000
  return (
    <>
      <p className="crumb">
        <Link href="/runs">Runs</Link> / <Link href={`/runs?project=${project.id}`}>{project.name}</Link> /
        {run.parent && (
          <>
            {' '}
            <Link href={`/runs/${run.parent.id}`}>{run.parent.name}</Link> /
          </>
        )}
      </p>
      <div className="title">
        <h1>{run.name}</h1>
        <OwnStatus run={run} now={now} />
        <OwnRunActions run={run} />
      </div>
      {run.deleted && <p className="ink2">This run was deleted: no list shows it.</p>}
      <div className={styles.meta}>
        <CameBy run={run} now={now} />
        {run.lastStep !== null && (
          <span>
            <b>Step {formatCount(run.lastStep)}</b>
          </span>
        )}
        {run.group && (
          <span>
            <span className="ink3">group</span> {run.group}
          </span>
        )}
        {run.jobType && (
          <span>
            <span className="ink3">job type</span> {run.jobType}
          </span>
        )}
        {startedAt !== null && (
          <span title={new Date(startedAt).toLocaleString()}>
            {finishedAt === null ? 'Since' : `Ran ${formatDuration(ran!)}, since`} {formatDay(startedAt, now)}{' '}
            {formatClock(startedAt)}
          </span>
        )}
        {finishedAt === null && run.client !== 'import' && (
          <span>
            Last heard {formatDay(run.heardAt, now)} {formatClock(run.heardAt)}
          </span>
        )}
        {run.exitCode !== null && run.exitCode !== 0 && <span>Ended with {run.exitCode}</span>}
      </div>
      <Start run={run} />
      <OwnRunTexts run={run} />
    </>
  )
}

/** Who logged it, or where an import read it. */
function CameBy({ run: { number, client, clientId, heardAt }, now }: { run: OwnRunDetail; now: number }) {
  if (client !== 'import')
    return (
      <span>
        run {formatCount(number)}, logged by {clientTitles[client]}
      </span>
    )
  return (
    <span>
      run {formatCount(number)}, imported {formatDay(heardAt, now)} from{' '}
      <span className="mono">
        <LongValue text={clientId} />
      </span>
    </span>
  )
}

function CurvesOfOwn({ run }: { run: OwnRunDetail }) {
  const marks = useMemo(
    (): CurveMarks => ({
      checkpoints: run.checkpoints.flatMap(({ id, step }) =>
        step === null
          ? []
          : [{ step, label: `Checkpoint, step ${formatCount(step)}`, href: `#checkpoint-${id}`, best: false }],
      ),
      attempts: run.attempts
        .slice(1)
        .flatMap(({ number, firstStep }) =>
          firstStep === null ? [] : [{ step: Math.max(0, firstStep - 1), label: `attempt ${number}` }],
        ),
      now: null,
    }),
    [run.checkpoints, run.attempts],
  )
  return (
    <Curves
      runIds={[run.id]}
      metrics={run.metrics}
      steps={[0, Math.max(1, run.lastStep ?? 0)]}
      marks={marks}
      shownAtFirst={Math.max(8, countLeading(run.metrics))}
    />
  )
}

function Parts({ run: { parts } }: { run: OwnRunDetail }) {
  if (parts.length === 0) return null
  return (
    <section className="section" aria-labelledby="parts-title">
      <div className="section-head">
        <h2 id="parts-title">Runs within it</h2>
      </div>
      <ul>
        {parts.map(({ id, name }) => (
          <li key={id}>
            <Link className="link" href={`/runs/${id}`}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

const pairsAtFirst = 40

/** Names with their values; of very many the first, the others on demand. */
function Pairs({ title, values }: { title: string; values: Record<string, unknown> }) {
  const entries = Object.entries(values)
  if (entries.length === 0) return null
  const list = (some: typeof entries) => (
    <dl className="pairs">
      {some.map(([name, value]) => (
        <div key={name} className={styles.pair}>
          <dt>{name}</dt>
          <dd className="mono">
            <LongValue text={typeof value === 'string' ? value : JSON.stringify(value)} />
          </dd>
        </div>
      ))}
    </dl>
  )
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <h2>{title}</h2>
      </div>
      {list(entries.slice(0, pairsAtFirst))}
      {entries.length > pairsAtFirst && (
        <details>
          <summary>{formatCount(entries.length - pairsAtFirst)} more</summary>
          {list(entries.slice(pairsAtFirst))}
        </details>
      )}
    </section>
  )
}

function Files({ run: { id, client, files, folder } }: { run: OwnRunDetail }) {
  return (
    <section className="section" aria-labelledby="files-title">
      <div className="section-head">
        <h2 id="files-title">Files</h2>
        <span className="note mono">{folder}</span>
      </div>
      {files.length === 0 ? (
        <p className="ink3">{client === 'import' ? 'None were imported.' : 'Its client sent no files.'}</p>
      ) : (
        <dl className="pairs">
          {files.map(({ name, bytes }) => (
            <div key={name} className={styles.pair}>
              <dt>{formatBytes(bytes)}</dt>
              <dd className="mono">
                <a className="link" href={`/files/${id}/1/files/${name.split('/').map(encodeURIComponent).join('/')}`}>
                  {name}
                </a>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
