'use client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { formatValue } from '../../../_charts/curve-data.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import styles from './rollouts.module.css'
import type { StepRow } from './step-rows.ts'

const rowHeight = 28

/** Every step with its number of samples and mean reward; only those in sight are drawn. */
export function StepList({
  rows,
  chosen,
  onChoose,
}: {
  rows: StepRow[]
  chosen: number | 'all' | null
  onChoose: (row: StepRow) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- its answers are read in this render and kept nowhere
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const at = rows.findIndex(({ step }) => step === chosen)
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
  }, [at, virtual])
  const means = rows.flatMap(({ mean }) => mean ?? [])
  const low = Math.min(0, ...means.slice(0, 20_000))
  const high = Math.max(0, ...means.slice(0, 20_000))
  const share = (value: number) => (100 * (value - low)) / (high - low || 1)
  return (
    <aside className={styles.steps} aria-label="Steps">
      <p className={styles.stepsHead}>
        <span>Step</span>
        <span>Samples</span>
        <span>Mean reward</span>
      </p>
      <div ref={scroller} className={styles.stepsBody}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]!
            const { step, samples, mean } = row
            return (
              <button
                key={step}
                type="button"
                className={styles.step}
                style={{ transform: `translateY(${start}px)`, height: rowHeight }}
                // one stop for Tab: the arrows and the slider go from step to step
                tabIndex={at === index || (at < 0 && index === 0) ? 0 : -1}
                aria-current={step === chosen ? 'true' : undefined}
                aria-label={`Step ${step}, ${plural(samples, 'sample')}${mean === null ? '' : `, mean reward ${formatValue(mean)}`}`}
                onClick={() => onChoose(row)}
              >
                <span>{formatCount(step)}</span>
                <span className="ink3">{formatCount(samples)}</span>
                <span className={styles.stepMean}>
                  {mean !== null && (
                    <i
                      style={{
                        left: `${Math.min(share(0), share(mean))}%`,
                        width: `${Math.abs(share(mean) - share(0))}%`,
                      }}
                    />
                  )}
                  <b>{formatValue(mean)}</b>
                </span>
              </button>
            )
          })}
        </div>
      </div>
    </aside>
  )
}
