'use client'
import type { ReactNode } from 'react'
import type { SampleStepsView, SampleView } from '../../../../contract/api/samples.ts'
import { formatValue } from '../../../_charts/curve-data.ts'
import { formatCount } from '../../../_words/format.ts'
import { LongText } from './long-text.tsx'
import styles from './rollouts.module.css'
import { sampleField } from './use-arrow-keys.ts'
import { ownValue } from '../../../../domain/own-value.ts'

/** A response with its reward and every part of it. */
export function SampleCard({
  sample,
  runId,
  steps,
  search,
  before,
  head,
}: {
  sample: SampleView
  runId: number
  steps: Pick<SampleStepsView, 'parts'>
  search: string
  /** The response to mark differences from. */
  before?: string | null
  head?: ReactNode
}) {
  const { reward, advantage, parts, response, responseCharacters, id, step } = sample
  const scale = scaleOf(steps.parts)
  const named = Object.keys(parts)
  return (
    <article
      className={styles.sample}
      tabIndex={0}
      aria-label={`Response of step ${step}, reward ${formatValue(reward)}`}
      {...sampleField}
    >
      <div className={styles.figures}>
        {head}
        <p>
          <span className="ink3">reward</span> <b className={styles.reward}>{formatValue(reward)}</b>{' '}
          {advantage !== null && (
            <>
              <span className="ink3">advantage</span> <b>{formatValue(advantage)}</b>{' '}
            </>
          )}
          <span className={`ink3 small ${styles.whole}`}>{formatCount(responseCharacters)} characters</span>
        </p>
        {named.length > 0 && (
          <dl className={styles.parts}>
            {named.map((name) => (
              <div key={name} title={name}>
                <dt>{name}</dt>
                <dd>
                  <Bar value={ownValue(parts, name)!} scale={scale} />
                </dd>
                <dd className="num">{formatValue(ownValue(parts, name)!)}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      <LongText
        text={response}
        characters={responseCharacters}
        search={search}
        of={{ runId, sampleId: id, part: 'response' }}
        label="Response"
        {...(before !== undefined && { before })}
      />
    </article>
  )
}

/** One scale for every part, with 0 on it, so that bars can be compared. */
function scaleOf(parts: SampleStepsView['parts']): [low: number, high: number] {
  const low = Math.min(0, ...parts.map((part) => part.low))
  const high = Math.max(0, ...parts.map((part) => part.high))
  return high > low ? [low, high] : [0, 1]
}

function Bar({ value, scale: [low, high] }: { value: number | null; scale: [number, number] }) {
  const share = (at: number) => (100 * (at - low)) / (high - low)
  const zero = share(0)
  return (
    <span className={styles.bar} aria-hidden="true">
      {value !== null && value !== 0 && (
        <i
          className={value < 0 ? styles.negative : undefined}
          style={{ left: `${Math.min(zero, share(value))}%`, width: `${Math.abs(share(value) - zero)}%` }}
        />
      )}
      <s style={{ left: `${zero}%` }} />
    </span>
  )
}
