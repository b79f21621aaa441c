'use client'
import { useEffect, useState } from 'react'
import type { ImpactView } from '../../../../contract/api/impact.ts'
import styles from './impact.module.css'
import type { AskedImpact, useImpactAddress } from './use-impact-address.ts'

const millisecondsAfterTyping = 300

/** What is measured, over which epochs, and from which score on a problem is chosen. */
export function ImpactControls({
  view,
  asked,
  change,
}: {
  view: ImpactView
  asked: AskedImpact
  change: ReturnType<typeof useImpactAddress>['change']
}) {
  const bySteps = 'steps' in view.epochs
  const count = 'steps' in view.epochs ? view.epochs.steps : view.epochs.passes
  return (
    <div className={styles.controls} role="group" aria-label="What is measured">
      <NumberField
        label="Threshold"
        value={asked.threshold}
        step={0.05}
        fits={(value) => value <= 1}
        onTyped={(threshold) => change({ threshold })}
      />
      <label>
        <span>Reward</span>
        <select value={view.by} onChange={(event) => change({ by: event.target.value })}>
          <option value="">reward</option>
          {view.parts.map((part) => (
            <option key={part} value={part}>
              {part}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Epochs</span>
        <select
          value={bySteps ? 'steps' : 'passes'}
          onChange={(event) =>
            event.target.value === 'steps'
              ? change({ steps: Math.max(1, count), passes: null })
              : change({ steps: null, passes: null })
          }
        >
          <option value="passes">passes over the problems</option>
          <option value="steps">of so many steps</option>
        </select>
      </label>
      <NumberField
        label={bySteps ? 'Steps of an epoch' : `Passes, of ${view.passes}`}
        value={count}
        step={1}
        fits={(value) => Number.isSafeInteger(value) && value >= 1}
        onTyped={(value) => change(bySteps ? { steps: value } : { passes: value })}
      />
    </div>
  )
}

/** A number that is taken a moment after the last key, where it fits. */
function NumberField({
  label,
  value,
  step,
  fits,
  onTyped,
}: {
  label: string
  value: number
  step: number
  fits: (value: number) => boolean
  onTyped: (value: number) => void
}) {
  const [text, setText] = useState(String(value))
  const [known, setKnown] = useState(value)
  // changed by other means
  if (value !== known) {
    setKnown(value)
    if (Number(text) !== value) setText(String(value))
  }
  const typed = Number(text)
  const isNumber = text.trim() !== '' && Number.isFinite(typed) && fits(typed)
  useEffect(() => {
    if (!isNumber || typed === value) return undefined
    const timer = setTimeout(() => onTyped(typed), millisecondsAfterTyping)
    return () => clearTimeout(timer)
  }, [isNumber, typed, value, onTyped])
  return (
    <label>
      <span>{label}</span>
      <input
        type="number"
        step={step}
        value={text}
        aria-invalid={!isNumber || undefined}
        onChange={(event) => setText(event.target.value)}
        // whoever goes on to a button has said it
        onBlur={() => isNumber && typed !== value && onTyped(typed)}
      />
    </label>
  )
}
