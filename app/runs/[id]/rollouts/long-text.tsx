'use client'
import { useQuery } from '@tanstack/react-query'
import { diffWordsWithSpace } from 'diff'
import { Fragment, type ReactNode, useState } from 'react'
import { formatCount } from '../../../_words/format.ts'
import { useTRPC } from '../../../_shell/trpc.ts'
import styles from './rollouts.module.css'

const foldedCharacters = 1_200
const foldedLines = 14
const goneCharacters = 120
const millisecondsForDifferences = 100

/**
 * A prompt or response exactly as it was written: whitespace and LaTeX stay, and nothing in it is markup. A long one is folded;
 * what the list left out is read when it is unfolded.
 */
export function LongText({
  text,
  characters,
  search,
  of: { runId, sampleId, part },
  label,
  before,
}: {
  text: string
  /** Of the whole text. */
  characters: number
  search: string
  of: { runId: number; sampleId: number; part: 'prompt' | 'response' }
  label: string
  /** A text to mark differences from; null: there is none. */
  before?: string | null
}) {
  const trpc = useTRPC()
  const [open, setOpen] = useState(false)
  const folded = foldedOf(text)
  const isLong = folded.length < characters
  const whole = useQuery(
    trpc.samples.one.queryOptions(
      { id: runId, sampleId },
      { enabled: open && text.length < characters, staleTime: Infinity },
    ),
  )
  const shown = open ? (whole.data?.[part] ?? text) : folded
  if (characters === 0) return <p className="ink3">{label}: empty</p>
  return (
    <div className={styles.text}>
      <pre aria-label={label}>
        {before == null ? (
          <Marked text={shown} search={search} />
        ) : (
          <Differences before={open ? before : foldedOf(before)} after={shown} />
        )}
        {isLong && !open && '…'}
      </pre>
      {isLong && (
        <button type="button" className="link small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Fold' : `Show all ${formatCount(characters)} characters`}
        </button>
      )}
      {whole.error && <p className="error">The rest of it could not be read.</p>}
    </div>
  )
}

/** As much as a folded text shows. */
function foldedOf(text: string): string {
  let end = -1
  for (let line = 0; line < foldedLines; line++) {
    end = text.indexOf('\n', end + 1)
    if (end === -1) break
  }
  const lines = end === -1 ? text : text.slice(0, end)
  // a few characters more than the fold are shown rather than hidden
  return lines.length <= 1.2 * foldedCharacters && lines.length === text.length
    ? text
    : lines.slice(0, foldedCharacters).toWellFormed()
}

/** The text with what was searched for marked. */
function Marked({ text, search }: { text: string; search: string }) {
  const wanted = search.trim().toLowerCase()
  const lower = text.toLowerCase()
  // letters that change their length with their case would shift every mark
  if (wanted === '' || lower.length !== text.length) return text
  const parts: ReactNode[] = []
  let from = 0
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>)
    from = at + wanted.length
  }
  return [...parts, text.slice(from)]
}

/** The text with what differs from an earlier one: new words underlined, those that are gone struck out. */
function Differences({ before, after }: { before: string; after: string }) {
  const parts = diffWordsWithSpace(before, after, { timeout: millisecondsForDifferences })
  // too different to be compared word by word in the time there is
  if (!parts) return after
  return parts.map(({ value, added, removed }, at) => (
    <Fragment key={at}>{added ? <ins>{value}</ins> : removed ? <del>{shortened(value)}</del> : value}</Fragment>
  ))
}

/** Of a long passage that is gone its beginning and its length are enough. */
function shortened(gone: string): string {
  if (gone.length <= 2 * goneCharacters) return gone
  const left = gone.length - goneCharacters
  return `${gone.slice(0, goneCharacters).toWellFormed()} … and ${formatCount(left)} characters more `
}
