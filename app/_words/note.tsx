'use client'
import { useState } from 'react'
import { Markdown } from './markdown.tsx'
import styles from './note.module.css'

type NoteProps = {
  /** What it is a note on, for whoever cannot see where it stands. */
  on: string
  text: string
  /** Keeps it; where it rejects, what was typed is there again. */
  onSave: (text: string) => Promise<unknown>
}

/** A note in Markdown: read as it is meant, written as it is. What is typed is kept when the field is left; Escape drops it. */
export function Note({ on, text, onSave }: NoteProps) {
  // null: it is read; a text: what is being typed
  const [typed, setTyped] = useState<string | null>(null)
  if (typed === null)
    return (
      <div className={styles.note}>
        {text !== '' && <Markdown text={text} />}
        <button
          type="button"
          className="btn quiet sm"
          aria-label={`${text === '' ? 'Add a note' : 'Edit the note'} on ${on}`}
          onClick={() => setTyped(text)}
        >
          {text === '' ? 'Add a note' : 'Edit note'}
        </button>
      </div>
    )
  const save = () => {
    if (typed.trim() !== text) onSave(typed.trim()).catch(() => setTyped((newer) => newer ?? typed))
    setTyped(null)
  }
  return (
    <textarea
      // the button that was pressed has gone: who pressed it writes here
      autoFocus
      className={styles.field}
      aria-label={`Note on ${on}, in Markdown`}
      placeholder="Markdown: **bold**, `code`, lists, tables, links"
      rows={Math.min(16, Math.max(3, typed.split('\n').length))}
      maxLength={20_000}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setTyped(null)
        else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save()
      }}
    />
  )
}
