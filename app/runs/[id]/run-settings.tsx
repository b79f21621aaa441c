'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import { LongValue } from '../../_words/long-value.tsx'
import styles from './run.module.css'

/** How the run was started: its parameters, command, folder and job file. */
export function RunSettingsList({ run }: { run: RunDetail }) {
  const imported = run.sweep.origin === 'imported'
  return (
    <section className="section" aria-labelledby="settings-title">
      <div className="section-head">
        <h2 id="settings-title">{imported ? 'Where it comes from' : 'How it was started'}</h2>
      </div>
      <dl className="pairs">
        {Object.entries({ ...run.params, ...run.settings }).map(([name, value]) => (
          <div key={name} className={styles.pair}>
            <dt>{name}</dt>
            <dd className="mono">
              <LongValue text={value} />
            </dd>
          </div>
        ))}
        {run.command && (
          <div className={styles.pair}>
            <dt>Command</dt>
            <dd className={styles.command}>
              {run.command.map((argument, at) => (
                <span key={at}>{argument === '' ? '""' : <LongValue text={argument} />}</span>
              ))}
            </dd>
          </div>
        )}
        {run.backend && (
          <div className={styles.pair}>
            <dt>Back end</dt>
            <dd>{run.backend}</dd>
          </div>
        )}
        <div className={styles.pair}>
          <dt>Folder</dt>
          <dd className="mono">{run.folder}</dd>
        </div>
      </dl>
      {!imported && run.attempts.length > 0 && <JobFile run={run} />}
    </section>
  )
}

function JobFile({ run }: { run: RunDetail }) {
  const trpc = useTRPC()
  const [open, setOpen] = useState(false)
  const [attempt, setAttempt] = useState(run.attempts.at(-1)!.number)
  const query = useQuery({ ...trpc.runs.jobFile.queryOptions({ id: run.id, attempt }), enabled: open })
  return (
    <details className={styles.jobFile} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Job file</summary>
      {run.attempts.length > 1 && (
        <select aria-label="Which attempt" value={attempt} onChange={(event) => setAttempt(Number(event.target.value))}>
          {run.attempts.map(({ number }) => (
            <option key={number} value={number}>
              Attempt {number}
            </option>
          ))}
        </select>
      )}
      {query.data && (
        <>
          <p className="small ink3 mono">{query.data.path}</p>
          <pre tabIndex={0} aria-label="Job file">
            {query.data.text}
          </pre>
        </>
      )}
      {query.data === null && <p className="small ink3">The attempt has no job file: its folder was removed.</p>}
      {query.error && <p className="error">{errorSentence(query.error)}</p>}
    </details>
  )
}
