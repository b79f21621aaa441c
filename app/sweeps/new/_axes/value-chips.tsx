'use client'
import { type ClipboardEvent, type KeyboardEvent, useId, useRef, useState } from 'react'
import { splitValues } from '../field-values.ts'
import { cutMiddle, formatCount } from '../../../_words/format.ts'
import styles from './axes.module.css'

/** Of very many values the first and the last ones stand there until all are asked for. */
const shownFirst = 100
const shownLast = 10

/** Letters of a value that are shown: the whole is its title, and goes into the file. */
const mostOfChip = 60

type Props = {
  values: string[]
  onChange: (values: string[]) => void
  /** What the values belong to, e.g. "batch_size". */
  label: string
  placeholder: string
  /** Places of the values that something is wrong with. */
  wrong: Set<number>
  /** Whether a comma ends a value; it does not where values may hold one. */
  commaAdds?: boolean
  /** What is wrong with a value that is being typed, a sentence; null where nothing is. */
  problemOf?: (value: string) => string | null
}

/**
 * Values exactly as typed, one a chip. Enter or a comma adds, Backspace in the empty box takes back the last, and a pasted
 * list is split.
 */
export function ValueChips({ values, onChange, label, placeholder, wrong, commaAdds = true, problemOf }: Props) {
  const [text, setText] = useState('')
  const [wanted, setAll] = useState(false)
  const all = wanted || values.length <= shownFirst + shownLast
  const box = useRef<HTMLInputElement>(null)

  const problem = problemOf?.(text.trim()) ?? null
  const problemId = useId()

  const add = (added: string[]) => {
    if (added.length > 0) onChange([...values, ...added])
    setText('')
  }
  const commit = () => add(commaAdds ? splitValues(text) : [text.trim()].filter((value) => value !== ''))

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' || (event.key === ',' && commaAdds)) {
      event.preventDefault()
      commit()
    } else if (event.key === 'Backspace' && text === '' && values.length > 0) {
      event.preventDefault()
      setText(values.at(-1)!)
      onChange(values.slice(0, -1))
    } else if (event.key === 'Escape') setText('')
  }
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData('text')
    const parts = splitValues(text + pasted)
    if (parts.length < 2 || !commaAdds) return
    event.preventDefault()
    add(parts)
  }
  const remove = (index: number) => {
    onChange(values.filter((_, at) => at !== index))
    box.current?.focus()
  }
  return (
    <div className={styles.chips} role="group" aria-label={`Values of ${label}`}>
      {values.map((value, index) => {
        if (!all && index >= shownFirst && index < values.length - shownLast && !wrong.has(index)) return null
        return (
          <span className={`chip ${styles.chip} ${wrong.has(index) ? styles.chipWrong : ''}`} key={`${index} ${value}`}>
            <span title={value}>{cutMiddle(value, mostOfChip)}</span>
            <button type="button" aria-label={`Remove ${value}`} onClick={() => remove(index)}>
              ×
            </button>
          </span>
        )
      })}
      {!all && (
        <button type="button" className="btn quiet sm" onClick={() => setAll(true)}>
          Show all {formatCount(values.length)} values
        </button>
      )}
      <input
        ref={box}
        type="text"
        className={`mono ${styles.add}`}
        placeholder={placeholder}
        aria-label={`Add a value to ${label}`}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onBlur={commit}
        aria-describedby={problem === null ? undefined : problemId}
      />
      {problem !== null && (
        <p id={problemId} className={styles.typed} role="status">
          {problem}
        </p>
      )}
    </div>
  )
}
