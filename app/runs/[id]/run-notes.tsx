'use client'
import { useState } from 'react'
import type { OwnClient } from '../../../domain/sweep/track.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { formatCount } from '../../_words/format.ts'
import styles from './run.module.css'

const shownAtFirst = 10
const wordsOf = { note: 'the trainer', unknown: 'unknown event', problem: 'events file' } as const

type Noted = Pick<RunDetail, 'notes'> & { sweep: RunDetail['sweep'] | null; client?: OwnClient }

/** What the trainer noted and what was wrong with its events file, newest first. */
export function Notes({ run }: { run: Noted }) {
  const words = { ...wordsOf, ...(run.client && { note: run.client === 'import' ? 'imported' : 'its client' }) }
  const [all, setAll] = useState(false)
  if (run.notes.length === 0) return null
  const newestFirst = run.notes.toReversed()
  const shown = all ? newestFirst : newestFirst.slice(0, shownAtFirst)
  return (
    <section className="section" aria-labelledby="notes-title">
      <div className="section-head">
        <h2 id="notes-title">Notes and problems</h2>
        <span className="note">newest first{run.notes.length >= 200 ? ', the last 200' : ''}</span>
        {shown.length < newestFirst.length && (
          <div className="actions">
            <button type="button" className="btn sm" onClick={() => setAll(true)}>
              Show all {formatCount(newestFirst.length)}
            </button>
          </div>
        )}
      </div>
      <ul className={styles.notes}>
        {shown.map((note, at) => (
          <li key={at}>
            <span className="ink3 small nowrap">
              {run.sweep !== null && `Attempt ${note.attempt}, `}
              {note.line > 0 && `line ${formatCount(note.line)}, `}
              {words[note.type]}
            </span>
            <span
              className={note.level === 'error' ? styles.danger : note.level === 'warning' ? styles.warning : undefined}
            >
              {note.level !== 'info' && <b>{note.level === 'error' ? 'Error: ' : 'Warning: '}</b>}
              {note.text}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
