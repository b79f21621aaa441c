'use client'
import { useState } from 'react'
import { failureReason } from '../../../domain/life/failure-reason.ts'
import { plural } from '../../_words/format.ts'
import styles from './run.module.css'
import { toneOf } from '../../_files/log-text.ts'

export type LogPlaces = {
  /** The line that is marked and gone to, or null. */
  line: number | null
  query: string
  search: (query: string) => void
  /** Lines that hold what is searched for; without a search, errors. */
  found: readonly number[]
  /** To the found line after, or before, the marked one; round at the ends. */
  go: (by: 1 | -1) => void
  /** Marks nothing but what is marked of itself. */
  forget: () => void
}

/**
 * Places in a log: where what is searched for stands, or else its errors. A log of an attempt that failed opens at the line that
 * names the cause; `onGo` is told whenever somebody goes to a line.
 */
export function useLogPlaces(lines: readonly string[], failed: boolean, onGo: () => void): LogPlaces {
  const [query, setQuery] = useState('')
  const [asked, setLine] = useState<{ line: number | null } | null>(null)
  const cause = failed && asked === null && query === '' ? (failureReason(lines)?.line ?? null) : null
  const line = asked === null ? cause : asked.line
  const wanted = query.trim().toLowerCase()
  const found = lines.flatMap((text, at) =>
    (wanted === '' ? toneOf(text) === 'danger' : text.toLowerCase().includes(wanted)) ? [at] : [],
  )
  const goTo = (next: number | undefined) => {
    setLine({ line: next ?? null })
    if (next !== undefined) onGo()
  }
  return {
    line,
    query,
    found,
    search: (text) => {
      setQuery(text)
      const last =
        text.trim() === '' ? -1 : lines.findLastIndex((one) => one.toLowerCase().includes(text.trim().toLowerCase()))
      goTo(last < 0 ? undefined : last)
    },
    forget: () => setLine(null),
    go: (by) => {
      const from = line ?? lines.length
      goTo(by > 0 ? (found.find((at) => at > from) ?? found[0]) : (found.findLast((at) => at < from) ?? found.at(-1)))
    },
  }
}

/** The field that searches a log, and the buttons that go from one place to the next. */
export function LogFinder({ places: { query, search, found, go, line } }: { places: LogPlaces }) {
  const at = line === null ? -1 : found.indexOf(line)
  const what = query.trim() === '' ? 'error' : 'match'
  const words = plural(found.length, what, what === 'match' ? 'matches' : 'errors')
  return (
    <span className={styles.logFinder}>
      <input
        type="search"
        aria-label="Search the log"
        placeholder="Search the log"
        value={query}
        onChange={(event) => search(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          go(event.shiftKey ? 1 : -1)
        }}
      />
      <span aria-live="polite">{at < 0 ? words : `${at + 1} of ${words}`}</span>
      {found.length > 0 && (
        <>
          <button type="button" className="link" onClick={() => go(-1)}>
            Earlier {what}
          </button>
          <button type="button" className="link" onClick={() => go(1)}>
            Later {what}
          </button>
        </>
      )}
    </span>
  )
}
