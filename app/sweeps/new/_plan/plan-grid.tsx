'use client'
import { milestoneUnit } from '../../../../domain/sweep/axes/axes.ts'
import { cutMiddle, listWords, mostOfHead, plural } from '../../../_words/format.ts'
import type { FormAxis } from './plan-of-form.ts'
import styles from './preview.module.css'

const shownAtMost = 8

/** The values that are drawn: all of a few, else the first ones, a gap (null) and the last. */
function shownValues({ values, size }: FormAxis): (string | null)[] {
  if (values.length < size) return [values[0]!, null, values.at(-1)!]
  return values.length <= shownAtMost ? values : [...values.slice(0, shownAtMost - 2), null, values.at(-1)!]
}

/** The grid of trainings, or of those that a search may choose, as boxes: one axis down, one across, the checkpoints that are scored within each box. */
export function PlanGrid({ axes, searched }: { axes: FormAxis[]; searched: boolean }) {
  const multiplying = axes.filter((axis) => !axis.milestone)
  const milestones = axes.find((axis) => axis.milestone)
  const down = multiplying.length > 1 ? multiplying[0]! : null
  const across = multiplying[multiplying.length > 1 ? 1 : 0] ?? null
  const others = multiplying.slice(2)
  const rows = down ? shownValues(down) : ['']
  const columns = across ? shownValues(across) : ['']
  const parts = milestones && milestones.values.length <= (columns.length > 4 ? 3 : 6) ? milestones.values : null
  const longest = down ? Math.max(...rows.map((value) => value?.length ?? 1)) : 0
  const scored = milestones ? `, each scored at ${milestones.name} ${listWords(milestones.values)}` : ''
  const label = `${down ? `${down.size} by ` : ''}${plural(across?.size ?? 1, 'training')}${scored}`
  return (
    <>
      <div
        className={`${styles.grid} ${columns.length > 5 || rows.length > 6 ? styles.dense : ''}`}
        style={{
          gridTemplateColumns: `${down ? `${Math.min(96, Math.max(36, 8 * longest + 4))}px ` : ''}repeat(${columns.length}, minmax(0, 1fr))`,
        }}
        role="img"
        aria-label={label}
      >
        {across && down && <span />}
        {across &&
          columns.map((value, at) => (
            <span key={at} className={`${styles.axisLabel} mono`} title={value ?? undefined}>
              {cutMiddle(value ?? '…', mostOfHead)}
            </span>
          ))}
        {rows.map((row, at) => [
          down && (
            <span
              key={`label ${at}`}
              className={`${styles.axisLabel} ${styles.axisLabelDown} mono`}
              title={row ?? undefined}
            >
              {cutMiddle(row ?? '…', mostOfHead)}
            </span>
          ),
          ...columns.map((column, index) =>
            row === null || column === null ? (
              <span key={`${at} ${index}`} className={styles.more}>
                {row === null && column === null ? '' : '…'}
              </span>
            ) : (
              <span key={`${at} ${index}`} className={styles.training}>
                {parts ? parts.map((part) => <i key={part}>{columns.length > 5 ? '' : part}</i>) : <i />}
              </span>
            ),
          ),
        ])}
      </div>
      <p className="small ink3">
        {searched ? 'One box may be a training: the search chooses which.' : 'One box is one training.'}{' '}
        {milestones && partsWords(milestones)}
        {others.length > 0 &&
          !searched &&
          ` The whole grid runs for each ${listWords(others.map((axis) => `of ${axis.size} ${axis.name}`))}.`}
      </p>
    </>
  )
}

function partsWords(axis: FormAxis): string {
  const unit = milestoneUnit(axis.name)
  const shown = axis.values.length > 4 ? [...axis.values.slice(0, 3), '…', axis.values.at(-1)!] : axis.values
  const named = shown.map((value, at) => (at === 0 || value === '…' ? value : value))
  return axis.values.length === 1
    ? `Its checkpoint at ${unit} ${named[0]} is scored.`
    : `Its parts are the checkpoints that are scored: ${unit} ${listWords(named)}.`
}
