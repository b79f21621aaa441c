'use client'
import { useEffect, useRef, useState } from 'react'
import { formatValue } from '../../../_charts/curve-data.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { roundTicks, tickLabel } from '../../../_charts/ticks.ts'
import styles from './rollouts.module.css'

const height = 120
const left = 52
const right = 12
const base = 96

/** A value of each response over the steps as dots, and the mean of each step as a line. */
export function PromptChart({ name, points }: { name: string; points: { step: number; value: number | null }[] }) {
  const holder = useRef<HTMLElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(holder.current!)
    return () => observer.disconnect()
  }, [])
  const known = points.flatMap(({ step, value }) => (value === null ? [] : [{ step, value }]))
  const means = [...Map.groupBy(known, ({ step }) => step)].map(([step, ofStep]) => ({
    step,
    mean: ofStep.reduce((sum, { value }) => sum + value, 0) / ofStep.length,
  }))
  const first = means[0]
  const last = means.at(-1)
  const values = known.map(({ value }) => value)
  const [low, high] = [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ]
  const air = 0.08 * (high - low) || 1
  const span = first && last ? Math.max(1, last.step - first.step) : 1
  const x = (step: number) => left + ((width - left - right) * (step - (first?.step ?? 0))) / span
  const y = (value: number) => 6 + (base - 6) * (1 - (value - (low - air)) / (high - low + 2 * air))
  const ticks = roundTicks(low, high, 3)
  return (
    <figure ref={holder}>
      <figcaption className="small">
        <b>{name}</b>{' '}
        <span className="ink3">
          {first && last
            ? `mean ${formatValue(first.mean)} at step ${formatCount(first.step)}, ${formatValue(last.mean)} at step ${formatCount(last.step)}`
            : 'none reported'}
        </span>
      </figcaption>
      {width > 0 && first && last && (
        <svg
          className={styles.chart}
          width={width}
          height={height}
          role="img"
          aria-label={`${name} of ${plural(known.length, 'response')} by step`}
        >
          {(ticks.length > 0 ? ticks : [low]).map((tick) => (
            <g key={tick}>
              <path className={styles.grid} d={`M${left} ${y(tick)}H${width - right}`} />
              <text x={left - 8} y={y(tick) + 4} textAnchor="end">
                {ticks.length > 0 ? tickLabel(tick, ticks).replace(/\.0$/, '') : formatValue(tick)}
              </text>
            </g>
          ))}
          {known.map(({ step, value }, at) => (
            <circle key={at} className={styles.dot} cx={x(step)} cy={y(value)} r={2.5}>
              <title>{`Step ${formatCount(step)}: ${formatValue(value)}`}</title>
            </circle>
          ))}
          <path
            className={styles.line}
            d={means
              .map(({ step, mean }, at) => `${at === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(mean).toFixed(1)}`)
              .join('')}
          />
          <text x={left} y={height - 8} textAnchor="start">
            step {formatCount(first.step)}
          </text>
          {last.step > first.step && (
            <text x={width - right} y={height - 8} textAnchor="end">
              {formatCount(last.step)}
            </text>
          )}
        </svg>
      )}
    </figure>
  )
}
