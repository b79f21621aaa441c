'use client'
import { formatValue } from '../../../_charts/curve-data.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { airyDomain, linearScale, LinesAcross, useWidth } from '../../../_charts/frame.tsx'
import styles from './rollouts.module.css'

const height = 120
const left = 52
const right = 12
const base = 96

/** A value of each response over the steps as dots, and the mean of each step as a line. */
export function PromptChart({ name, points }: { name: string; points: { step: number; value: number | null }[] }) {
  const [holder, width] = useWidth<HTMLElement>()
  const known = points.flatMap(({ step, value }) => (value === null ? [] : [{ step, value }]))
  const means = [...Map.groupBy(known, ({ step }) => step)].map(([step, ofStep]) => ({
    step,
    mean: ofStep.reduce((sum, { value }) => sum + value, 0) / ofStep.length,
  }))
  const first = means[0]
  const last = means.at(-1)
  const domain = airyDomain(
    known.map(({ value }) => value),
    { air: 0.08, least: 1 },
  )
  const x = linearScale([first?.step ?? 0, last?.step ?? 0], [left, width - right])
  const y = linearScale(domain, [base, 6])
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
          className="chart"
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`${name} of ${plural(known.length, 'response')} by step`}
        >
          <LinesAcross domain={domain} y={y} from={left} to={width - right} count={3} label={formatValue} />
          {known.map(({ step, value }, at) => (
            <circle key={at} className={styles.dot} cx={x(step)} cy={y(value)} r={2.5}>
              <title>{`Step ${formatCount(step)}: ${formatValue(value)}`}</title>
            </circle>
          ))}
          <path
            className={styles.line}
            d={means.map(({ step, mean }, at) => `${at === 0 ? 'M' : 'L'}${x(step)} ${y(mean)}`).join('')}
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
