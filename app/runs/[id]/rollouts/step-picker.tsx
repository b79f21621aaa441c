'use client'
import { formatValue } from '../../../_charts/curve-data.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import styles from './rollouts.module.css'
import type { StepRow } from './step-rows.ts'
import type { Shown } from './use-address.ts'

/** The step that is shown, the way to its neighbours, and what there is of it from other attempts. */
export function StepPicker({
  rows,
  at,
  step,
  attempt,
  onChoose,
  onChange,
}: {
  rows: StepRow[]
  /** Place of the step among the rows; -1: all steps, or one that is not there. */
  at: number
  step: number | 'all' | null
  attempt: number | null
  onChoose: (row: StepRow) => void
  onChange: (changes: Partial<Shown>) => void
}) {
  const row = rows[at]
  const samples = rows.reduce((sum, one) => sum + one.samples, 0)
  return (
    <section aria-label="Step" className={styles.picker}>
      <div className={styles.pickerHead}>
        <h2>{step === 'all' ? 'All steps' : `Step ${formatCount(step ?? 0)}`}</h2>
        <span className="ink2">
          {step === 'all'
            ? plural(samples, 'sample')
            : row
              ? `${plural(row.samples, 'sample')}${row.mean === null ? '' : `, mean reward ${formatValue(row.mean)}${row.low === row.high ? '' : ` (${formatValue(row.low)} to ${formatValue(row.high)})`}`}`
              : 'no samples of this step'}
        </span>
        {row && row.others.length > 0 && (
          <span className="ink3">
            {row.attempt === attempt ? `attempt ${row.attempt}` : `attempt ${row.attempt}, the newest`}; also{' '}
            {row.others.map((other, index) => (
              <span key={other}>
                {index > 0 && ', '}
                <button
                  type="button"
                  className="link"
                  onClick={() => onChange({ attempt: attempt === null ? other : null })}
                >
                  attempt {other}
                </button>
              </span>
            ))}
          </span>
        )}
        <div className={`actions ${styles.right}`}>
          <button
            type="button"
            className="btn sm"
            disabled={at <= 0}
            aria-label="Step before"
            onClick={() => onChoose(rows[at - 1]!)}
          >
            ←
          </button>
          <button
            type="button"
            className="btn sm"
            disabled={at === -1 || at === rows.length - 1}
            aria-label="Step after"
            onClick={() => onChoose(rows[at + 1]!)}
          >
            →
          </button>
        </div>
      </div>
      {rows.length > 1 && (
        <input
          type="range"
          className={styles.slider}
          aria-label="Step"
          aria-valuetext={row ? `step ${row.step}` : 'all steps'}
          min={0}
          max={rows.length - 1}
          value={at === -1 ? rows.length - 1 : at}
          onChange={(event) => onChoose(rows[Number(event.target.value)]!)}
        />
      )}
    </section>
  )
}
