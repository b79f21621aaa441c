'use client'
import { useState } from 'react'
import {
  nameOfReward,
  type RewardPart,
  describeRewardParts,
  rulesOfReward,
} from '../../../../contract/settings-list.ts'
import type { Sweep } from '../../../../domain/sweep/sweep.ts'
import { readConfigValue, writeConfigValue } from '../field-values.ts'
import { CodeWords } from './code-words.tsx'
import styles from './settings.module.css'

type Rules = Record<string, unknown>

/** `text`: the setting as it was typed; empty: its default. `before`: the sweep that this one goes on from. */
type Props = { text: string; onChange: (text: string) => void; before: Sweep | null }

/** Each part of a reward with what it is worth and a sentence; nothing where the setting is no reward that the trainer takes. */
export function RewardParts({ text, onChange, before }: Props) {
  const rules = rulesOfReward(text === '' ? 'basic' : readConfigValue(text)?.value)
  if (rules === null) return null
  const earlier = before?.trainer === 'grpo' ? rulesOfReward(before.config?.reward ?? 'basic') : null
  const set = (part: RewardPart, value: unknown) => {
    const changed = withPart(rules, part.path, value)
    onChange(writeConfigValue(nameOfReward(changed) ?? changed))
  }
  return (
    <div className="table-wrap">
      <table className={styles.reward} aria-label="Parts of the reward">
        <thead>
          <tr>
            <th>Part</th>
            <th>Worth</th>
            <th>Meaning</th>
          </tr>
        </thead>
        <tbody>
          {describeRewardParts().map((part) => (
            <Part
              key={part.path.join('.')}
              part={part}
              rules={rules}
              earlier={earlier}
              onChange={(value) => set(part, value)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

type PartProps = { part: RewardPart; rules: Rules; earlier: Rules | null; onChange: (value: unknown) => void }

function Part({ part, rules, earlier, onChange }: PartProps) {
  const name = part.path.join('.')
  const value = valueOf(rules, part.path)
  const old = earlier === null ? undefined : valueOf(earlier, part.path)
  const isMoved = earlier !== null && old !== value
  const [wrong, setWrong] = useState<string | null>(null)
  return (
    <tr>
      <td>
        <code>{name}</code>
      </td>
      <td>
        {typeof part.default === 'boolean' ? (
          <input
            type="checkbox"
            aria-label={`Reward: ${name}`}
            checked={value === true}
            onChange={({ target }) => onChange(target.checked)}
          />
        ) : (
          <input
            // another value from outside is another field: what is half typed is kept by the field itself
            key={String(value)}
            type="text"
            inputMode="decimal"
            className="mono"
            aria-label={`Reward: ${name}`}
            aria-invalid={wrong !== null || undefined}
            placeholder={part.path.length > 1 ? 'none' : String(part.default)}
            defaultValue={value === undefined ? '' : String(value)}
            onBlur={({ target }) => {
              const typed = target.value.trim()
              if (typed === (value === undefined ? '' : String(value))) return
              const number = Number(typed)
              const isWrong = typed !== '' && !Number.isFinite(number)
              setWrong(isWrong ? typed : null)
              if (!isWrong) onChange(typed === '' ? undefined : number)
            }}
          />
        )}
      </td>
      <td>
        <CodeWords text={part.about} />
        {wrong !== null && <span role="alert">“{wrong}” is no number, and is not taken; expected one, e.g. 100.</span>}
        {isMoved && <span>Before: {old === undefined ? 'none' : String(old)}</span>}
      </td>
    </tr>
  )
}

function valueOf(rules: Rules, [first, ...rest]: readonly string[]): unknown {
  const value = Object.hasOwn(rules, first!) ? rules[first!] : undefined
  return rest.length === 0 || value === undefined ? value : valueOf(value as Rules, rest)
}

/** The rules with a part changed; undefined takes it away, and a bonus of which a part is taken away goes as a whole. */
function withPart(rules: Rules, [first, ...rest]: readonly string[], value: unknown): Rules {
  const { [first!]: old, ...others } = rules
  if (value === undefined) return others
  return { ...rules, [first!]: rest.length === 0 ? value : withPart((old ?? {}) as Rules, rest, value) }
}
