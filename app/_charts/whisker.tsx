import { formatInterval, formatScore } from '../_words/format.ts'

type Scored = { score: number | null; interval: [number, number] | null }

/** One axis for a whole table: from the lowest to the highest that any row shows, with 1.0 on it, and a little air. */
export function whiskerDomain(rows: Scored[]): [number, number] {
  let low = 1
  let high = 1
  for (const { score, interval } of rows) {
    for (const value of [score, interval?.[0], interval?.[1]]) {
      if (value === null || value === undefined) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  const air = 0.02 * (high - low) || 0.1
  return [low - air, high + air]
}

/** A score as a dot with its 95 % interval, on the table's axis; the line stands at 1.0, the baseline. */
export function Whisker({
  score,
  interval,
  domain,
  width = 88,
}: Scored & { domain: [number, number]; width?: number }) {
  if (score === null) return null
  const x = (value: number) => Number((3 + ((width - 6) * (value - domain[0])) / (domain[1] - domain[0])).toFixed(1))
  const [low, high] = interval ? [x(interval[0]), x(interval[1])] : [0, 0]
  const label = interval ? `95 % interval ${formatInterval(interval)}` : `${formatScore(score)}, no interval`
  return (
    <svg className="whisker" width={width} height="16" viewBox={`0 0 ${width} 16`} role="img" aria-label={label}>
      <path className="one" d={`M${x(1)} 0V16`} />
      {interval && <path className="rng" d={`M${low} 8H${high}M${low} 5v6M${high} 5v6`} />}
      <circle className="dot" cx={x(score)} cy="8" r="3" />
    </svg>
  )
}
