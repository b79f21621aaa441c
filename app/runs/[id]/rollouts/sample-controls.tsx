'use client'
import { useEffect, useState } from 'react'
import type { SampleOrder, SampleStepsView } from '../../../../contract/api/samples.ts'
import { formatCount } from '../../../_words/format.ts'
import { slashField } from '../../../_shell/keyboard.tsx'
import styles from './rollouts.module.css'
import type { Shown } from './use-address.ts'

const millisecondsAfterTyping = 300
const orderWords: Record<SampleOrder, string> = {
  reported: 'in the order reported',
  highest: 'highest reward first',
  lowest: 'lowest reward first',
  spread: 'widest spread in a group first',
}

/** Which samples are shown, and in which order. */
export function SampleControls({
  shown,
  steps,
  step,
  onChange,
}: {
  shown: Shown
  steps: SampleStepsView
  step: number | 'all' | null
  onChange: (changes: Partial<Shown>) => void
}) {
  const lastStep = steps.steps.step.at(-1)!
  return (
    <div className={styles.controls} role="search">
      <Typed
        label="Search prompts and responses"
        value={shown.search}
        onTyped={(search) => onChange({ search })}
        find
      />
      <Typed
        label="Filter"
        placeholder={`Filter, e.g. ${steps.parts[0] ? `${quoted(steps.parts[0].name)} < 0` : 'reward > 0'}`}
        title={`Known: ${steps.fields.map(quoted).join(', ')}`}
        value={shown.filter}
        onTyped={(filter) => onChange({ filter })}
      />
      <div className="seg" role="group" aria-label="Steps searched">
        <label>
          <input
            type="radio"
            name="scope"
            checked={step !== 'all'}
            onChange={() => onChange({ step: typeof shown.step === 'number' ? shown.step : lastStep })}
          />
          {typeof step === 'number' ? `Step ${formatCount(step)}` : 'One step'}
        </label>
        <label>
          <input type="radio" name="scope" checked={step === 'all'} onChange={() => onChange({ step: 'all' })} />
          All steps
        </label>
      </div>
      <select
        aria-label="Order"
        value={shown.order}
        onChange={(event) => onChange({ order: event.target.value as SampleOrder })}
      >
        {Object.entries(orderWords).map(([order, words]) => (
          <option key={order} value={order}>
            {words}
          </option>
        ))}
      </select>
      {steps.attempts.length > 1 && (
        <select
          aria-label="Attempt"
          value={shown.attempt ?? ''}
          onChange={(event) => onChange({ attempt: event.target.value === '' ? null : Number(event.target.value) })}
        >
          <option value="">newest of each step</option>
          {steps.attempts.map(({ number, superseded }) => (
            <option key={number} value={number}>
              attempt {number}
              {superseded > 0 && `, ${formatCount(superseded)} repeated later`}
            </option>
          ))}
        </select>
      )}
    </div>
  )
}

function quoted(name: string): string {
  return /^[^\s()<>=!~"]+$/.test(name) ? name : `"${name}"`
}

/** A field that says what was typed a moment after the last key. */
function Typed({
  label,
  placeholder = label,
  title,
  value,
  onTyped,
  find = false,
}: {
  label: string
  placeholder?: string
  title?: string
  value: string
  onTyped: (text: string) => void
  find?: boolean
}) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  // the address changed by other means
  if (value !== known) {
    setKnown(value)
    setText(value)
  }
  useEffect(() => {
    if (text === value) return undefined
    const timer = setTimeout(() => onTyped(text), millisecondsAfterTyping)
    return () => clearTimeout(timer)
  }, [text, value, onTyped])
  return (
    <input
      type="search"
      {...(find && slashField)}
      aria-label={label}
      placeholder={placeholder}
      title={title}
      maxLength={500}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => event.key === 'Enter' && onTyped(text)}
    />
  )
}
