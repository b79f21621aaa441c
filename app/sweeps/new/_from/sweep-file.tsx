'use client'
import type { RefObject } from 'react'
import { placeholdersOf } from '../../../../domain/sweep/commands/placeholders.ts'
import type { Preview } from '../../../../contract/api/sweeps.ts'
import type { Issue } from '../../../../domain/errors.ts'
import { IssueList } from '../../../_shell/issue-list.tsx'
import { ChooseFile, sweepFiles } from '../../../_files/choose-file.tsx'
import { textOfFile } from '../../../_files/text-of-file.ts'
import styles from '../_plan/preview.module.css'

/** The sweep as a file, as it stands in the form now. */
export function AsFile({ yaml, known }: { yaml: string | null; known: Set<string> }) {
  const parts: { text: string; wrong: boolean }[] = []
  let from = 0
  for (const { name, start, end } of placeholdersOf(yaml ?? '')) {
    if (known.has(name)) continue
    parts.push({ text: yaml!.slice(from, start), wrong: false }, { text: yaml!.slice(start, end), wrong: true })
    from = end
  }
  parts.push({ text: (yaml ?? '').slice(from), wrong: false })
  return (
    <details>
      <summary>As a file</summary>
      {yaml ? (
        <pre className={styles.file} tabIndex={0} aria-label="The sweep as a file">
          {parts.map((part, at) => (part.wrong ? <mark key={at}>{part.text}</mark> : part.text))}
        </pre>
      ) : (
        <p className="small ink3">The file is written here once the name, an axis and a baseline are filled in.</p>
      )}
    </details>
  )
}

type PasteProps = {
  details: RefObject<HTMLDetailsElement | null>
  text: string
  onText: (text: string) => void
  /** Why the text could not become a form; empty when it did. */
  issues: Issue[]
  /** Of a sweep file of W&B: what of it is in the form, and what is not. */
  converted: Preview['converted']
  reading: boolean
}

/** What became of a sweep file of W&B: first what is still to be written, then what is in the form. */
function ConvertedFile({ taken, notes, isFilled }: NonNullable<Preview['converted']> & { isFilled: boolean }) {
  return (
    <div className={styles.converted} role="status">
      <p>
        <b>A sweep file of W&amp;B{isFilled ? ', turned into ours.' : ': nothing of it can be run as it stands.'}</b>{' '}
        {notes.length > 0 ? 'What to look at:' : 'All of it is in the form:'}
      </p>
      <ConvertedList label="What to look at" lines={notes} />
      {isFilled && notes.length > 0 && <p>In the form:</p>}
      <ConvertedList label="In the form" lines={isFilled ? taken : []} />
    </div>
  )
}

function ConvertedList({ label, lines }: { label: string; lines: string[] }) {
  if (lines.length === 0) return null
  return (
    <ul aria-label={label}>
      {lines.map((line) => {
        const end = line.indexOf(': ')
        return (
          <li key={line}>
            <code>{line.slice(0, end)}</code>
            {line.slice(end)}
          </li>
        )
      })}
    </ul>
  )
}

/** A sweep file to paste or to choose: the form fills in as the text changes. */
export function PasteFile({ details, text, onText, issues, converted, reading }: PasteProps) {
  const onFile = async (file: File) => {
    const chosen = await textOfFile(file)
    if (chosen !== null) onText(chosen)
  }
  return (
    <details ref={details} className={styles.paste}>
      <summary>Paste a file</summary>
      <textarea
        aria-label="Sweep file"
        aria-invalid={issues.length > 0 || undefined}
        aria-describedby={issues.length > 0 ? 'paste-issues' : undefined}
        placeholder="YAML or JSON. The form fills in as you paste."
        spellCheck={false}
        autoCapitalize="off"
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
      <IssueList id="paste-issues" issues={issues} most={8} />
      {converted && <ConvertedFile {...converted} isFilled={issues.length === 0} />}
      <div className={styles.pasteActions}>
        <ChooseFile label="Upload from this computer" className="btn sm" accept={sweepFiles} onFile={onFile} />
        <span>{reading ? 'Reading …' : 'or drop one on the page'}</span>
      </div>
    </details>
  )
}
