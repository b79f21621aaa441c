'use client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { AlertRule } from '../../domain/life/alerts.ts'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'
import { ruleTitles } from './alert-words.ts'
import styles from './alerts.module.css'

const kinds = Object.keys(ruleTitles) as AlertRule['kind'][]
const firstNumber: Partial<Record<AlertRule['kind'], string>> = { silent: '30', disk: '90' }

/** A rule to add: what it is of, and what that needs. */
export function NewRule() {
  const trpc = useTRPC()
  const add = useMutation(trpc.alerts.addRule.mutationOptions())
  const [kind, setKind] = useState<AlertRule['kind']>('run-failed')
  const [metric, setMetric] = useState('')
  const [number, setNumber] = useState('')
  const withMetric = kind === 'above' || kind === 'below' || kind === 'not-finite'
  const numberLabel = { above: 'Value', below: 'Value', silent: 'Minutes', disk: '% used' }[kind as string]
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate(ruleOf(kind, metric.trim(), Number(number.trim() === '' ? NaN : number)), {
      onSuccess: () => setMetric(''),
    })
  }
  return (
    <form className={styles.form} onSubmit={submit} aria-label="New rule">
      <label>
        Tell me when
        <select
          value={kind}
          onChange={({ target }) => {
            setKind(target.value as AlertRule['kind'])
            setNumber(firstNumber[target.value as AlertRule['kind']] ?? '')
            add.reset()
          }}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {ruleTitles[one]}
            </option>
          ))}
        </select>
      </label>
      {withMetric && (
        <label>
          Metric
          <input
            type="text"
            value={metric}
            required={kind !== 'not-finite'}
            placeholder={kind === 'not-finite' ? 'any' : 'train/loss'}
            onChange={({ target }) => setMetric(target.value)}
          />
        </label>
      )}
      {numberLabel !== undefined && (
        <label className={styles.number}>
          {numberLabel}
          <input inputMode="decimal" required value={number} onChange={({ target }) => setNumber(target.value)} />
        </label>
      )}
      <button type="submit" className="btn" disabled={add.isPending}>
        Add rule
      </button>
      {add.error && <p className="error">{errorSentence(add.error)}</p>}
    </form>
  )
}

function ruleOf(kind: AlertRule['kind'], metric: string, number: number): AlertRule {
  if (kind === 'above' || kind === 'below') return { kind, metric, value: number }
  if (kind === 'not-finite') return { kind, metric: metric === '' ? null : metric }
  if (kind === 'silent') return { kind, minutes: number }
  return kind === 'disk' ? { kind, percent: number } : { kind }
}
