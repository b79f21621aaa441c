'use client'
import { CopyButton } from './copy-button.tsx'
import styles from './patch-text.module.css'
import { saveText } from './save-text.ts'

/** More lines than this are in the file that can be saved. */
const mostLines = 5000

/** A difference of files, added and removed lines told by their colour and their first letter. */
export function PatchText({ text, name, label }: { text: string; name: string; label: string }) {
  const lines = text.replace(/\n$/, '').split('\n')
  const shown = lines.slice(0, mostLines)
  return (
    <>
      <p className={styles.actions}>
        <CopyButton text={text} label={`Copy: ${label}`} />
        <button type="button" className="btn quiet sm" onClick={() => saveText(name, text)}>
          Save
        </button>
      </p>
      <pre className={styles.patch} tabIndex={0} aria-label={label}>
        {shown.map((line, at) => (
          <span key={at} className={classOf(line)}>
            {line || ' '}
          </span>
        ))}
      </pre>
      {lines.length > shown.length && (
        <p className="small ink3">{lines.length - shown.length} more lines are in the saved file.</p>
      )}
    </>
  )
}

function classOf(line: string): string | undefined {
  if (/^(diff --git|index |--- |\+\+\+ |old mode|new mode|new file|deleted file|Only |=====)/.test(line))
    return styles.head
  if (line.startsWith('@@')) return styles.place
  if (line.startsWith('+')) return styles.added
  return line.startsWith('-') ? styles.removed : undefined
}
