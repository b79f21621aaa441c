'use client'
import { type ClipboardEvent, type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import { splitCommand } from '../field-values.ts'
import { placeholdersOf } from '../../../../domain/sweep/commands/placeholders.ts'
import { usePathNames } from './path-names.tsx'
import { FieldIssues, fieldId, useFieldAttributes } from '../form-context.tsx'
import styles from './command.module.css'

type Props = {
  field: string
  label: string
  values: string[]
  onChange: (values: string[]) => void
  /** Placeholders that are known here, without `${}`; offered below. null: boxes without placeholders of their own. */
  known: string[]
  offer?: boolean
  addWord: string
  itemWord: string
  /** What is done with a line of several words that is pasted into empty boxes, in place of taking it apart here. */
  onLine?: (line: string) => void
  /** Whether a box that holds a path completes it. */
  completePaths?: boolean
}

/**
 * A list of texts, one a box: a command's arguments, or NAME=value pairs. A space at the end, or Enter, begins the next box;
 * within quotes a space stays. Backspace in an empty box takes it away, and a pasted command line is split.
 */
export function ArgumentBoxes(props: Props) {
  const { field, label, values, onChange, known, offer = false, addWord, itemWord, onLine, completePaths } = props
  const paths = usePathNames()
  const boxes = useRef<(HTMLInputElement | null)[]>([])
  const focusNext = useRef<{ box: number; caret: number } | null>(null)
  const lastFocused = useRef<{ box: number; caret: number }>({ box: values.length, caret: 0 })
  const [draft, setDraft] = useState('')
  const attributes = useFieldAttributes(field)
  const labelId = `${fieldId(field)}-label`

  useEffect(() => {
    const wanted = focusNext.current
    if (!wanted) return
    focusNext.current = null
    const box = boxes.current[wanted.box]
    box?.focus()
    box?.setSelectionRange(wanted.caret, wanted.caret)
  })

  const isDraft = (at: number) => at === values.length
  const textOf = (at: number) => (isDraft(at) ? draft : values[at]!)
  /** Puts texts in place of box `at`, and the caret into the last of them or the box after. */
  const replace = (at: number, texts: string[], next: { box: number; caret: number }) => {
    focusNext.current = next
    if (isDraft(at)) setDraft('')
    onChange([...values.slice(0, at), ...texts, ...values.slice(at + 1)])
  }
  const write = (at: number, text: string) => {
    if (isDraft(at)) setDraft(text)
    else onChange(values.map((value, index) => (index === at ? text : value)))
  }

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>, at: number) => {
    const { selectionStart, selectionEnd, value } = event.currentTarget
    const caret = selectionStart === selectionEnd ? selectionStart : null
    if (event.nativeEvent.isComposing) return
    const ends =
      event.key === 'Enter' || (event.key === ' ' && !event.shiftKey && caret === value.length && !insideQuotes(value))
    if (ends) {
      event.preventDefault()
      if (value === '') return
      const texts = isDraft(at) ? [unquoted(value)] : [unquoted(value), '']
      // between two boxes a new one opens; at the end the box for the next argument stands ready
      if (at === values.length - 1 && !isDraft(at)) replace(at, [unquoted(value)], { box: at + 1, caret: 0 })
      else replace(at, texts, { box: at + 1, caret: 0 })
    } else if (event.key === 'Backspace' && value === '' && at > 0) {
      event.preventDefault()
      const before = { box: at - 1, caret: values[at - 1]!.length }
      if (isDraft(at)) {
        boxes.current[before.box]?.focus()
        boxes.current[before.box]?.setSelectionRange(before.caret, before.caret)
      } else replace(at, [], before)
    } else if (event.key === 'ArrowLeft' && caret === 0 && at > 0) {
      event.preventDefault()
      const box = boxes.current[at - 1]
      box?.focus()
      box?.setSelectionRange(box.value.length, box.value.length)
    } else if (event.key === 'ArrowRight' && caret === value.length && at < values.length) {
      event.preventDefault()
      boxes.current[at + 1]?.focus()
      boxes.current[at + 1]?.setSelectionRange(0, 0)
    }
  }
  const onPaste = (event: ClipboardEvent<HTMLInputElement>, at: number) => {
    const pasted = event.clipboardData.getData('text')
    const { selectionStart, selectionEnd, value } = event.currentTarget
    if (!/\s/.test(pasted.trim()) && !/^\[.*\]$/.test(pasted.trim())) return
    event.preventDefault()
    if (onLine && values.length === 0 && value === '' && !/^\[.*\]$/.test(pasted.trim())) return onLine(pasted)
    const parts = splitCommand(pasted)
    if (parts.length === 0) return
    parts[0] = value.slice(0, selectionStart ?? 0) + parts[0]!
    const tail = value.slice(selectionEnd ?? value.length)
    const caret = parts.at(-1)!.length
    parts[parts.length - 1] += tail
    replace(at, parts, tail === '' ? { box: at + parts.length, caret: 0 } : { box: at + parts.length - 1, caret })
  }
  const onBlur = (at: number, caret: number | null) => {
    lastFocused.current = { box: at, caret: caret ?? textOf(at).length }
    if (isDraft(at)) {
      if (draft !== '') {
        setDraft('')
        onChange([...values, unquoted(draft)])
        lastFocused.current = { box: at, caret: draft.length }
      }
    } else if (unquoted(values[at]!) !== values[at]) write(at, unquoted(values[at]!))
  }
  const onBackground = (event: MouseEvent) => {
    if (event.target === event.currentTarget) boxes.current[values.length]?.focus()
  }
  /** The placeholder goes where the caret last stood. */
  const insert = (name: string) => {
    const focused = boxes.current.findIndex((element) => element !== null && element === document.activeElement)
    const { box, caret } =
      focused < 0 ? lastFocused.current : { box: focused, caret: boxes.current[focused]!.selectionStart ?? 0 }
    const text = `\${${name}}`
    if (box >= values.length) return replace(values.length, [text], { box: values.length + 1, caret: 0 })
    const value = values[box]!
    write(box, value.slice(0, caret) + text + value.slice(caret))
    focusNext.current = { box, caret: caret + text.length }
  }

  return (
    <div>
      <span className="label" id={labelId}>
        {label}
      </span>
      <div
        className={`${styles.arguments} ${attributes['aria-invalid'] ? styles.argumentsWrong : ''}`}
        role="group"
        aria-labelledby={labelId}
        id={attributes.id}
        aria-describedby={attributes['aria-describedby']}
        onMouseDown={(event) => event.target === event.currentTarget && event.preventDefault()}
        onClick={onBackground}
      >
        {[...values, draft].map((value, at) => {
          const names = placeholdersOf(value).map((placeholder) => placeholder.name)
          const wrong = names.some((name) => !known.includes(name))
          const look = wrong ? styles.unknown : names.length > 0 ? styles.placeholder : ''
          const empty = isDraft(at) && value === ''
          return (
            <input
              key={at}
              ref={(element) => {
                boxes.current[at] = element
              }}
              type="text"
              className={`${styles.argument} ${look} ${empty ? styles.empty : ''}`}
              style={{ '--length': value.length } as React.CSSProperties}
              aria-label={isDraft(at) ? `${addWord}` : `${itemWord} ${at + 1} of ${label}`}
              aria-invalid={wrong || undefined}
              placeholder={empty ? addWord.replace(/^Add/, 'add') : undefined}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              value={value}
              list={completePaths ? paths.list : undefined}
              onChange={(event) => {
                write(at, event.target.value)
                // a bare word is seldom a path
                paths.watch(completePaths && event.target.value.includes('/') ? event.target.value : null)
              }}
              onKeyDown={(event) => onKeyDown(event, at)}
              onPaste={(event) => onPaste(event, at)}
              onBlur={(event) => onBlur(at, event.target.selectionStart)}
            />
          )
        })}
      </div>
      {completePaths && paths.element}
      <FieldIssues field={field} />
      {offer && (
        <p className={styles.offers}>
          Put in:
          {known.map((name) => (
            // the press must not take the focus, or the caret's place is lost
            <button
              type="button"
              key={name}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => insert(name)}
            >
              {`\${${name}}`}
            </button>
          ))}
        </p>
      )}
    </div>
  )
}

/** Whether the text begins with a quote that is still open. */
function insideQuotes(text: string): boolean {
  const quote = text[0]
  return (quote === '"' || quote === "'") && !(text.length > 1 && text.endsWith(quote))
}

/** A text with blanks in it and quotes around it, without the quotes. */
function unquoted(text: string): string {
  const match = /^(["'])(.*\s.*)\1$/.exec(text)
  return match ? match[2]! : text
}
