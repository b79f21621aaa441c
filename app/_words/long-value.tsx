'use client'
import { useState } from 'react'
import { CopyButton } from '../_files/copy-button.tsx'
import { cutMiddle, formatCount } from './format.ts'
import styles from './long-value.module.css'

type Props = {
  text: string
  /** Characters that are shown at first. */
  most?: number
  /** In a row of a fixed height nothing can open: the whole value is its title. */
  fixed?: boolean
}

/**
 * A value that may be long (a prompt, a path, an argument): cut in its middle, as values differ at either end, and whole on demand,
 * to be read and copied. A short one is its text alone.
 */
export function LongValue({ text, most = 120, fixed = false }: Props) {
  const [open, setOpen] = useState(false)
  const cut = cutMiddle(text, most)
  if (cut === text) return text
  if (fixed) return <span title={text}>{cut}</span>
  return (
    <span className={open ? styles.open : undefined}>
      {open ? text : cut}{' '}
      <span className={styles.actions}>
        <button
          type="button"
          className="link small"
          aria-expanded={open}
          aria-label={open ? undefined : `Show all ${formatCount(text.length)} characters`}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Show less' : 'Show all'}
        </button>
        {open && <CopyButton text={text} label="Copy the whole value" />}
      </span>
    </span>
  )
}
