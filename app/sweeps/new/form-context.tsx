'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { Issue } from '../../../domain/errors.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { SweepForm } from './sweep-form.ts'
import type { BaselineView } from '../../../contract/api/baselines.ts'
import { TriangleIcon } from '../../_shell/icons.tsx'
import styles from './new-sweep.module.css'

/** What every section of the form works with. */
export type FormContext = {
  form: SweepForm
  change: (update: (form: SweepForm) => SweepForm) => void
  /** Issues to show at the field now: what is only not filled in yet stays quiet until Start was pressed. */
  issuesAt: (field: string) => Issue[]
  fix: (issue: Issue) => void
  /** What is to be put in place of what the field holds, of a form filled in from a starting point. */
  changesAt: (field: string) => string[]
  /** The sweep that this one goes on from, or extends: what differs from it is marked. */
  before: Sweep | null
  slotsAvailable: number | null
  slotKind: 'gpu' | 'cpu'
  baselines: BaselineView[]
  /** Placeholders that a command of this sweep may hold, without `${}`. */
  placeholders: { train: string[]; evaluate: string[]; checkpoint: string[]; track: string[] }
  /** Which clients of trackers do not log here, or not only; sentences. */
  tracking: string[]
  directory: string
  /** The folder that counts where none is given; null until the server has said it. */
  serverDirectory: string | null
  setDirectory: (directory: string) => void
  paused: boolean
  setPaused: (paused: boolean) => void
}

const Context = createContext<FormContext | null>(null)

export const FormProvider = Context.Provider

export function useForm(): FormContext {
  const context = useContext(Context)
  if (!context) throw new Error('useForm needs a FormProvider above it.')
  return context
}

/** The id of the element that shows a field: where links to the field lead. */
export function fieldId(field: string): string {
  return `field-${field.replaceAll(/[^A-Za-z0-9_-]/g, (character) => `.${character.codePointAt(0)!.toString(16)}`)}`
}

/** One part of the form: heading and note at the left, fields at the right. */
export function FormSection({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className="section">
      <div className={styles.section}>
        <div>
          <h2>{title}</h2>
          {note && <p>{note}</p>}
        </div>
        <div>{children}</div>
      </div>
    </section>
  )
}

/** What is wrong with a field, each with its fix as a button. */
export function FieldIssues({ field, className = '' }: { field: string; className?: string }) {
  const { issuesAt, fix, changesAt } = useForm()
  const issues = issuesAt(field)
  const changes = changesAt(field).map((words) => (
    <p key={words} className={styles.toChange}>
      <b>To change:</b> <Quoted text={words} />
    </p>
  ))
  if (issues.length === 0) return changes.length === 0 ? null : <div className={className}>{changes}</div>
  return (
    <div id={`${fieldId(field)}-issues`} role="alert" className={className}>
      {changes}
      {issues.map((issue) => (
        <p className="error" key={`${issue.path.join('/')} ${issue.message}`}>
          <TriangleIcon />
          <span>
            <Quoted text={issue.message} />{' '}
            {issue.fix && (
              <button type="button" onClick={() => fix(issue)}>
                {issue.fix.label}
              </button>
            )}
          </span>
        </p>
      ))}
    </div>
  )
}

/** The sentence with its placeholders in the typeface of commands. */
function Quoted({ text }: { text: string }) {
  return text.split(/(\$\{[^}]*\})/).map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
}

/** Attributes that tie an input to the issues of its field. */
export function useFieldAttributes(field: string) {
  const invalid = useForm().issuesAt(field).length > 0
  return {
    id: fieldId(field),
    'aria-invalid': invalid || undefined,
    'aria-describedby': invalid ? `${fieldId(field)}-issues` : undefined,
  }
}

type TextFieldProps = {
  field: string
  label: string
  value: string
  onChange: (value: string) => void
  placeholder?: string
  mono?: boolean
  numeric?: boolean
  hint?: ReactNode
  /** Completes what is typed (path-names.tsx). */
  names?: { list: string; element: ReactNode; watch: (typed: string) => void }
}

/** A labelled text field with its issues below. */
export function TextField({ field, label, value, onChange, placeholder, mono, numeric, hint, names }: TextFieldProps) {
  return (
    <div>
      <label className="field">
        <span>{label}</span>
        <input
          type="text"
          className={mono ? 'mono' : undefined}
          inputMode={numeric ? 'numeric' : undefined}
          autoComplete="off"
          spellCheck={false}
          value={value}
          placeholder={placeholder}
          list={names?.list}
          onFocus={(event) => names?.watch(event.target.value)}
          onChange={(event) => {
            onChange(event.target.value)
            names?.watch(event.target.value)
          }}
          {...useFieldAttributes(field)}
        />
        {names?.element}
      </label>
      <FieldIssues field={field} />
      {hint && <p className={styles.hint}>{hint}</p>}
    </div>
  )
}

type ChoiceFieldProps<Value extends string> = {
  field: string
  label: string
  value: Value
  /** What may be chosen, with its words, in their order. */
  words: Partial<Record<Value, string>>
  onChange: (value: Value) => void
}

/** A labelled choice among few with its issues below. */
export function ChoiceField<Value extends string>({ field, label, value, words, onChange }: ChoiceFieldProps<Value>) {
  return (
    <div>
      <label className="field">
        <span>{label}</span>
        <select
          aria-label={label}
          value={value}
          onChange={(event) => onChange(event.target.value as Value)}
          {...useFieldAttributes(field)}
        >
          {Object.entries<string | undefined>(words).map(([one, said]) => (
            <option key={one} value={one}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <FieldIssues field={field} />
    </div>
  )
}
